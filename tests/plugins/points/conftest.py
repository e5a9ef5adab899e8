"""The same place for plugins of a test as the host's tests have."""

from tests.plugins.host.conftest import _fresh_breakers, add_plugin, page

__all__ = ["_fresh_breakers", "add_plugin", "page"]
