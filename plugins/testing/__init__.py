"""For plugin authors: the rules that every plugin must keep, as tests. Subclass `PluginContract` and name the plugin."""

import pytest

pytest.register_assert_rewrite("plugins.testing.contract")

from plugins.testing.contract import PluginContract  # noqa: E402 - after the line above, so that failing rules say why

__all__ = ["PluginContract"]
