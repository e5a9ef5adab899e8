"""Whose chain is this? Chains are opaque here; the app that owns a kind of them says how they are called and who oversees them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Guide:
    """`overseen(user, right)`: keys and names of the chains in which the user holds the right, in the order to show them."""

    prefix: str
    overseen: Callable[[Any, str], Sequence[tuple[str, str]]]


_guides: dict[str, Guide] = {}


def register_guide(prefix: str, overseen: Callable[[Any, str], Sequence[tuple[str, str]]]) -> None:
    """Say who oversees the chains whose key begins with `prefix:`. Called once in an `AppConfig.ready`."""
    _guides[prefix] = Guide(prefix, overseen)


def chains_overseen_by(user: Any, right: str) -> dict[str, str]:
    """Names by key of all chains in which `user` holds `right`."""
    return {key: name for guide in _guides.values() for key, name in guide.overseen(user, right)}
