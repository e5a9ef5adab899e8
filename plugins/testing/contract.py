"""The contract kit: one class, each rule a test with its name. Needs pytest-django, a database and the plugin installed."""

from __future__ import annotations

from plugins.testing.base import Boom
from plugins.testing.rules_code import CodeRules
from plugins.testing.rules_data import DataRules
from plugins.testing.rules_faults import FaultRules
from plugins.testing.rules_rights import RightRules
from plugins.testing.rules_speed import SpeedRules
from plugins.testing.rules_switch import SwitchRules
from plugins.testing.rules_texts import TextRules

__all__ = ["Boom", "PluginContract"]


class PluginContract(CodeRules, SwitchRules, FaultRules, RightRules, DataRules, SpeedRules, TextRules):
    """Every rule for one plugin. Set `plugin` to its slug. Where a rule needs an example that only the author can give,
    override the method that gives it."""
