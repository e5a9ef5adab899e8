"""The host in the administration: its own page, and the places of plugins behind the gate. Plugins ship no hooks."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup

from plugins.host import admin_views, faults, registry, state
from plugins.host.gate import gate_patterns
from portal.ground.rights import may

log = logging.getLogger(__name__)


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern | URLResolver]:
    """`/admin/plugins/`."""
    return [
        path("plugins/", admin_views.overview, name="plugins_overview"),
        path("plugins/<slug:slug>/", admin_views.one, name="plugins_one"),
        path("plugins/<slug:slug>/switch/", admin_views.switch, name="plugins_switch"),
        path("plugins/<slug:slug>/clear/", admin_views.clear, name="plugins_clear"),
    ]


class PluginsMenuItem(MenuItem):
    """Shown to those who may switch plugins."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether this person may."""
        return may(request.user, state.MANAGE)


@hooks.register("register_settings_menu_item")
def menu_item() -> MenuItem:
    """In the menu of settings."""
    return PluginsMenuItem(_("插件"), reverse("plugins_overview"), name="plugins", icon_name="cogs", order=100)


@hooks.register("register_admin_viewset")
def plugin_viewsets() -> list[ViewSet | ViewSetGroup]:
    """The viewsets of all loaded plugins: menu entries and views follow the switch."""
    found: list[ViewSet | ViewSetGroup] = []
    for plugin in registry.plugins():
        if not plugin.admin:
            continue
        try:
            for viewset in plugin.load(plugin.admin):
                found.append(gated_viewset(plugin.slug, viewset))
        except Exception as error:
            log.exception("the administration of plugin %s cannot be loaded", plugin.slug)
            faults.record(plugin.slug, "admin", error)
    return found


def gated_viewset(slug: str, viewset: Any) -> Any:
    """The viewset with its views behind the site gate and its menu entry shown only while the plugin is on."""
    if isinstance(viewset, ViewSetGroup):
        for inner in viewset.registerables:
            gated_viewset(slug, inner)
    else:
        patterns = viewset.get_urlpatterns
        viewset.get_urlpatterns = lambda: gate_patterns(slug, patterns(), error_page=False)
    make_item = viewset.get_menu_item

    def get_menu_item(order: int | None = None) -> MenuItem:
        item: MenuItem = make_item(order)
        shown = item.is_shown
        item.is_shown = lambda request: slug in state.active_slugs(request) and shown(request)
        return item

    viewset.get_menu_item = get_menu_item
    return viewset
