"""Included at `/p/` by `portal.config.urls`."""

from plugins.host.gate import plugin_urlpatterns

urlpatterns = plugin_urlpatterns()
