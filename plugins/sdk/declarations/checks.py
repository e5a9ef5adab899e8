"""The only point at which a plugin may stop what somebody is about to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

from plugins.sdk.contexts import ValidatorContext

Action = Literal["page.submit", "page.publish", "page.unpublish", "page.delete"]
WhenBroken = Literal["pass", "refuse"]
Check = Callable[[ValidatorContext], None]


class Refusal(Exception):
    """The only exception by which a validator may stop what it was asked about; its message is shown to the person."""


class CannotAsk(Refusal):
    """A validator with `when_broken="refuse"` could not be asked. For core apps: what is refused now may be allowed later."""


@dataclasses.dataclass(frozen=True)
class Validator:
    """Asked before something happens. `check(ValidatorContext)` returns, or raises `Refusal` with a sentence for the person.

    Anything else it raises counts as no objection, unless `when_broken="refuse"`.
    """

    action: Action
    check: str | Check
    when_broken: WhenBroken = "pass"
