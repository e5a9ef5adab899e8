"""System checks: the rules of the register can be read."""

from __future__ import annotations

from typing import Any

from django.core.checks import Error, register

from portal.organisations.domain.rules import BrokenRules, rules


@register()
def rules_can_be_read(**kwargs: Any) -> list[Error]:
    """The file of rules, ours or the unit's own, says what it must."""
    try:
        rules()
    except BrokenRules as broken:
        return [Error(str(broken), hint="ORGANISATION_RULES", id="organisations.E001")]
    return []
