"""The kinds of notices and tasks: what they are called, and the one sentence about them that may leave the site.

Declared at import time or in an `AppConfig.ready`; imports no model, so that every module may use it.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

from plugins.sdk import text_in_language
from plugins.sdk.runtime import active_here, active_slugs, notice_types, off_here

SITE = "site"
EMAIL = "email"

Tier = Literal["quiet", "normal", "urgent"]


class UnknownKind(LookupError):
    """Nobody declares this kind of notice."""


@dataclasses.dataclass(frozen=True)
class NoticeKind:
    """`code` is its name for ever. `outside` is sent through e-mail and the like instead of the notice's own title, with a
    link: it names no person, no organisation and no matter. `channels` are those used until a person chooses. A `quiet` kind leaves the site with the daily digest only, an `urgent` one does not wait for it; quiet hours hold
    for all. `plugin` is the slug of the plugin that declares it."""

    code: str
    label: str
    label_en: str
    outside: str
    outside_en: str
    channels: tuple[str, ...] = ()
    tier: Tier = "normal"
    plugin: str = ""

    @property
    def text(self) -> str:
        """The label in the language of the request."""
        return text_in_language(self.label, self.label_en)


OUTSIDE = "您有一条新通知，请登录门户查看。"
OUTSIDE_EN = "You have a new notice. Please sign in to the portal to read it."

_kinds: dict[str, NoticeKind] = {}


def declare_kind(
    code: str, label: str, label_en: str, *, outside: str = "", outside_en: str = "", channels: tuple[str, ...] = ()
) -> NoticeKind:
    """Declare a kind of notice or task. Without `outside` the sentence is the general one.

    Declaring the same code again with other words raises ValueError.
    """
    kind = NoticeKind(
        code,
        label,
        label_en,
        outside or OUTSIDE,
        outside_en or OUTSIDE_EN,
        channels,
    )
    if _kinds.setdefault(code, kind) != kind:
        raise ValueError(f"notice kind {code} is declared twice with different words")
    return kind


def _of_plugins() -> dict[str, NoticeKind]:
    """What the loaded plugins declare, by full name."""
    return {
        f"{slug}.{declared.code}": NoticeKind(
            f"{slug}.{declared.code}",
            str(declared.label),
            declared.label_en,
            OUTSIDE,
            OUTSIDE_EN,
            (EMAIL,) if declared.tier == "urgent" else (),
            declared.tier,
            slug,
        )
        for slug, declared in notice_types()
    }


def kind_named(code: str) -> NoticeKind:
    """The declared kind, also while its plugin is off. Raises UnknownKind."""
    kind = _kinds.get(code) or _of_plugins().get(code)
    if kind is None:
        raise UnknownKind(code)
    return kind


def declared_kinds() -> tuple[NoticeKind, ...]:
    """All declared kinds, by code, but those of plugins that are off: on the site of the request, or everywhere outside of one."""
    found = dict(_kinds)
    plugins = _of_plugins()
    if plugins:
        active = active_here()
        found.update({code: kind for code, kind in plugins.items() if kind.plugin in active})
    return tuple(found[code] for code in sorted(found))


def silent_kinds() -> frozenset[str]:
    """The kinds of the plugins that are off on the site of the request. What is of them is not shown, for its links lead nowhere; it
    is there again when the plugin is on."""
    off = off_here()
    return frozenset(code for code, kind in _of_plugins().items() if kind.plugin in off) if off else frozenset()


def is_silent(code: str) -> bool:
    """Whether nothing of this kind is told now: its plugin is off, or gone. No query for the kinds of the core."""
    if code in _kinds:
        return False
    kind = _of_plugins().get(code)
    return kind is None or kind.plugin not in active_slugs()


GENERAL = declare_kind("notices.general", "一般通知", "General notices")
TASK = declare_kind(
    "notices.task",
    "待办事项",
    "Things to do",
    outside="您有一项新的待办，请登录门户办理。",
    outside_en="There is something for you to do. Please sign in to the portal.",
)
MISSING = declare_kind("notices.missing", "资料待补", "Missing data")
DUE = declare_kind(
    "notices.due",
    "待办到期提醒",
    "Reminders of to-dos",
    outside="您有待办即将到期或已逾期，请登录门户办理。",
    outside_en="A to-do of yours is due or overdue. Please sign in to the portal.",
)
