"""Four things the bottom needs to know but may not look up: each is set once, in an `AppConfig.ready`.

Who judges a right and who a viewer's tokens are comes from `portal.organisations`; which plugin kinds are switched on
comes from `plugins.host`. Until one is set its default denies.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

PUBLIC_TOKEN = "public"  # noqa: S105 - an audience token, not a secret
MEMBER_TOKEN = "member"  # noqa: S105


@dataclasses.dataclass(frozen=True)
class Viewer:
    """What a person may be shown: `tokens` match audience tokens, `clearance` is the highest secrecy level (0-3)."""

    tokens: frozenset[str]
    clearance: int = 0


ANONYMOUS = Viewer(frozenset({PUBLIC_TOKEN}), 0)

Judge = Callable[[Any, str, Any], bool]
ViewerOf = Callable[[Any], Viewer]
ActiveKinds = Callable[[Any], frozenset[str] | None]

_judge: Judge | None = None
_viewer_of: ViewerOf | None = None
_inactive_kinds: Callable[[Any], frozenset[str]] | None = None
_hidden_types: Callable[[], tuple[int, ...]] | None = None
_to_confirm: Callable[[Any], Any] | None = None


def set_judge(judge: Judge) -> None:
    """Set the function (user, right, where) -> bool that decides on rights."""
    global _judge
    _judge = judge


def judge(user: Any, right: str, where: Any = None) -> bool:
    """Ask the judge; False while none is set."""
    return _judge(user, right, where) if _judge else False


def set_to_confirm(ask: Callable[[Any], Any]) -> None:
    """Set the function request -> response | None that asks somebody to prove again who it is."""
    global _to_confirm
    _to_confirm = ask


def to_confirm(request: Any) -> Any:
    """What to answer somebody who has to prove first who it is; None when that is proved, or nobody asks."""
    return _to_confirm(request) if _to_confirm else None


def set_viewer_of(supplier: ViewerOf) -> None:
    """Set the function user -> Viewer."""
    global _viewer_of
    _viewer_of = supplier


def viewer_of(user: Any) -> Viewer:
    """The tokens and clearance of `user`; the anonymous ones for None, for a user not signed in, or while none is set."""
    if user is None or not getattr(user, "is_authenticated", False) or _viewer_of is None:
        return ANONYMOUS
    return _viewer_of(user)


def set_inactive_kinds(supplier: Callable[[Any], frozenset[str]]) -> None:
    """Set the function (site_id or request) -> kinds of search sources whose plugin is switched off there."""
    global _inactive_kinds
    _inactive_kinds = supplier


def inactive_kinds(where: Any = None) -> frozenset[str]:
    """What search must not show on a site because its plugin is off: search kinds, and "<kind>:<type>" for a type of one. `where`
    is a request, which knows it already as a rule, or the primary key of a site (None: the default one)."""
    return _inactive_kinds(where) if _inactive_kinds else frozenset()


def set_hidden_types(supplier: Callable[[], tuple[int, ...]]) -> None:
    """Set the function that gives the content types of pages whose plugin is off for the request being served."""
    global _hidden_types
    _hidden_types = supplier


def hidden_types() -> tuple[int, ...]:
    """Content types of the pages that no reader may be told of now, because their plugin is off: none outside of requests."""
    return _hidden_types() if _hidden_types else ()
