"""Names of the public API that will go: they warn for two minor versions before they may."""

from __future__ import annotations

import dataclasses
import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

Thing = TypeVar("Thing", bound=Callable[..., Any])
MINOR_VERSIONS = 2


class PublicApiDeprecation(DeprecationWarning):
    """Something that a plugin uses will go; the message says when, and what to use."""


@dataclasses.dataclass(frozen=True)
class Deprecation:
    """A name that will go. It warns from version `since` on, and may go in `gone_in`, two minor versions later."""

    name: str
    since: str
    instead: str

    @property
    def gone_in(self) -> str:
        """The first version that may be without it."""
        major, minor = (int(part) for part in self.since.split(".")[:2])
        return f"{major}.{minor + MINOR_VERSIONS}"

    def is_over(self, version: str) -> bool:
        """Whether a version of the API may be without it."""
        return _numbers(version) >= _numbers(self.gone_in)


_known: dict[str, Deprecation] = {}


def deprecated(since: str, *, instead: str) -> Callable[[Thing], Thing]:
    """Decorate a public function or class that will go: calling it warns once a place, from version `since` on.

    `instead` says in a few words what to use. The name stays in the snapshot of the API until it goes.
    """

    def decorate(thing: Thing) -> Thing:
        told = Deprecation(f"{thing.__module__}.{thing.__qualname__}", since, instead)
        _known[told.name] = told
        text = f"{told.name} is deprecated since {since} and goes in {told.gone_in}: use {instead}"
        if isinstance(thing, type):
            made: Any = thing.__init__  # type: ignore[misc]

            @functools.wraps(made)
            def init(self: Any, *args: Any, **kwargs: Any) -> None:
                warnings.warn(text, PublicApiDeprecation, stacklevel=2)
                made(self, *args, **kwargs)

            thing.__init__ = init  # type: ignore[misc]
            return thing  # type: ignore[return-value]

        @functools.wraps(thing)
        def warning(*args: Any, **kwargs: Any) -> Any:
            warnings.warn(text, PublicApiDeprecation, stacklevel=2)
            return thing(*args, **kwargs)

        return warning  # type: ignore[return-value]

    return decorate


def deprecations() -> tuple[Deprecation, ...]:
    """All that was marked so far, by name."""
    return tuple(_known[name] for name in sorted(_known))


def _numbers(version: str) -> tuple[int, int]:
    major, minor = (int(part) for part in version.split(".")[:2])
    return major, minor
