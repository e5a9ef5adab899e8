"""Drawing ahead: a second process draws pictures while this one writes to the database."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor

from portal.demo.art import picture


class Drawings:
    """Pictures by name and seed. What the other process has not begun when it is asked for is drawn here meanwhile; where no
    other process can be had, all are. `close` when done."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._ahead: dict[tuple[str, int], Future[bytes]] = {}

    def begin(self, wanted: Iterable[tuple[str, int]]) -> None:
        """Start drawing these ahead, in this order."""
        try:
            self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
            self._ahead = {(name, seed): self._pool.submit(picture, name, seed) for name, seed in wanted}
        except (OSError, ImportError, NotImplementedError):  # no shared memory, as in some containers
            self._ahead = {}

    def take(self, name: str, seed: int) -> bytes:
        """A picture as JPEG bytes."""
        ahead = self._ahead.pop((name, seed), None)
        if ahead is not None and not ahead.cancel():
            try:
                return ahead.result()
            except (BrokenExecutor, OSError):
                self._ahead = {}
        return picture(name, seed)

    def close(self) -> None:
        """End the other process."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
