"""Answering a request for part of a file (RFC 9110 §14): one range, a validator, nothing else."""

from __future__ import annotations

import dataclasses
import re

_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class NotSatisfiable(Exception):
    """The range lies outside of the file: to be answered 416."""


@dataclasses.dataclass(frozen=True)
class Part:
    """Bytes `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1


def wanted_part(header: str, size: int) -> Part | None:
    """The part that a Range header asks for, or None for the whole file (no header, one we may ignore: several ranges or
    another unit). Raises NotSatisfiable."""
    found = _ONE_RANGE.fullmatch(header.replace(" ", ""))
    if not found or found[0] == "bytes=-" or len(header) > 60:
        return None
    first, last = found.groups()
    if not first:  # the last N bytes
        count = int(last)
        if count == 0 or size == 0:
            raise NotSatisfiable
        return Part(max(0, size - count), size - 1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise NotSatisfiable
    return Part(int(first), min(int(last), size - 1) if last else size - 1)
