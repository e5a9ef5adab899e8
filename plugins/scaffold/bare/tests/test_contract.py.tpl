"""The plugin keeps every rule of the contract kit."""

from plugins.testing import PluginContract


class Test__Class__(PluginContract):
    plugin = "__slug__"
