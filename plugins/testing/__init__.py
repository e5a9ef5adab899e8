"""For plugin authors: the rules that every plugin must keep, as tests. Subclass `PluginContract` and name the plugin."""

import pytest

pytest.register_assert_rewrite(
    "plugins.testing.base",
    *(f"plugins.testing.rules_{part}" for part in ("code", "data", "faults", "rights", "speed", "switch", "texts")),
)

from plugins.testing.base import switch_on  # noqa: E402 - after the line above, so that failing rules say why
from plugins.testing.contract import PluginContract  # noqa: E402

__all__ = ["PluginContract", "switch_on"]
