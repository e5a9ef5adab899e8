"""The kinds of notices and tasks: what they are called, and the one sentence about them that may leave the site.

Declared at import time or in an `AppConfig.ready`; imports no model, so that every module may use it.
"""

from __future__ import annotations

import dataclasses

from plugins.sdk import text_in_language

SITE = "site"
EMAIL = "email"


class UnknownKind(LookupError):
    """Nobody declares this kind of notice."""


@dataclasses.dataclass(frozen=True)
class NoticeKind:
    """`code` is its name for ever. `outside` is sent through e-mail and the like instead of the notice's own title, with a
    link: it names no person, no organisation and no matter. `channels` are those used until a person chooses."""

    code: str
    label: str
    label_en: str
    outside: str
    outside_en: str
    channels: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The label in the language of the request."""
        return text_in_language(self.label, self.label_en)


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
        outside or "您有一条新通知，请登录门户查看。",
        outside_en or "You have a new notice. Please sign in to the portal to read it.",
        channels,
    )
    if _kinds.setdefault(code, kind) != kind:
        raise ValueError(f"notice kind {code} is declared twice with different words")
    return kind


def kind_named(code: str) -> NoticeKind:
    """The declared kind. Raises UnknownKind."""
    try:
        return _kinds[code]
    except KeyError:
        raise UnknownKind(code) from None


def declared_kinds() -> tuple[NoticeKind, ...]:
    """All declared kinds, by code."""
    return tuple(_kinds[code] for code in sorted(_kinds))


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
