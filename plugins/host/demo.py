"""Demo loaders of plugins, handed to whoever fills a demo site."""

from __future__ import annotations

from plugins.host import registry
from plugins.sdk.demo import Loader


def loaders() -> tuple[tuple[str, Loader], ...]:
    """Slug and loader of each loaded plugin that declares one."""
    return tuple((plugin.slug, plugin.load(plugin.demo)) for plugin in registry.plugins() if plugin.demo)
