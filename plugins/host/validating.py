"""Asking plugins whether something may happen: the only point at which one may stop anything."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from plugins.host import registry, state
from plugins.host.guard import Failed, Garbage, attempt
from plugins.host.offers import offered_by
from plugins.host.sources import Source
from plugins.sdk import Refusal, Validator, ValidatorContext
from plugins.sdk.declarations.checks import CannotAsk

MESSAGE_LENGTH = 500


def ask_validators(action: str, subject: Any, user: Any = None) -> None:
    """Ask the validators of an action, in their order, of the plugins that are on. Raises the first Refusal.

    One that fails counts as no objection unless it is declared with `when_broken="refuse"`. Writes nothing but faults.
    """
    asked = [pair for pair in offered_by("validators", state.active_here()) if pair[1].action == action]
    for source, item in asked:
        name = item.check if isinstance(item.check, str) else getattr(item.check, "__qualname__", "check")
        call = partial(_ask, source, item, ValidatorContext(action=action, subject=subject, user=user))
        try:
            attempt(source.name, f"validator:{action}:{name}", call, let=(Refusal,))
        except Refusal as refusal:
            message = str(refusal)[:MESSAGE_LENGTH] or _("插件“%(name)s”不同意这样做，但没有说明原因。") % {
                "name": source.name
            }
            raise Refusal(message) from refusal
        except Failed:
            if item.when_broken == "refuse":
                raise CannotAsk(
                    _("发布前的一项必要检查（插件“%(name)s”）暂时不能进行，请稍后再试，或请系统管理员查看。")
                    % {"name": registry.name_of(source.name)}
                ) from None


def _ask(source: Source, item: Validator, context: ValidatorContext) -> None:
    answer = source.load(item.check)(context)
    if answer is not None:
        raise Garbage("a validator returns nothing, or raises Refusal")
