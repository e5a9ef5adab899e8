"""The host in the administration: its own page, and the places of plugins behind the gate. Plugins ship no hooks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup
from wagtail.admin.widgets.button import Button

from plugins.host import admin_views, explorer, faults, plugin_settings, registry, state
from plugins.host.gate import gate_patterns
from plugins.sdk import Plugin
from portal.ground.rights import may

log = logging.getLogger(__name__)

explorer.open_page_lists()


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern | URLResolver]:
    """`/admin/plugins/`."""
    return [
        path("plugins/", admin_views.overview, name="plugins_overview"),
        path("plugins/faults/", admin_views.all_faults, name="plugins_faults"),
        path("plugins/doctor/", admin_views.doctors_findings, name="plugins_doctor"),
        path("plugins/<slug:slug>/", admin_views.one, name="plugins_one"),
        path("plugins/<slug:slug>/settings/", admin_views.settings, name="plugins_settings"),
        path("plugins/<slug:slug>/switch/", admin_views.switch, name="plugins_switch"),
        path("plugins/<slug:slug>/clear/", admin_views.clear, name="plugins_clear"),
        path("plugins/<slug:slug>/again/", admin_views.again, name="plugins_again"),
    ]


class PluginsMenuItem(MenuItem):
    """Shown to those who may switch plugins."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether this person may."""
        return may(request.user, state.MANAGE)


@hooks.register("register_page_listing_more_buttons")
def listing_actions(page: Any, user: Any, next_url: str | None = None) -> Iterator[Button]:
    """What contributors offer in the menu of a page in the list."""
    yield from explorer.page_actions(page, user)


@hooks.register("register_settings_menu_item")
def menu_item() -> MenuItem:
    """In the menu of settings."""
    return PluginsMenuItem(_("插件"), reverse("plugins_overview"), name="plugins", icon_name="cogs", order=100)


class SettingsMenuItem(MenuItem):
    """The settings of one plugin, shown while it is on to those who may change them."""

    def __init__(self, plugin: Plugin, order: int) -> None:
        super().__init__(
            registry.name_of(plugin.slug),
            reverse("plugins_settings", args=[plugin.slug]),
            name=f"plugin-{plugin.slug}",
            icon_name="cog",
            order=order,
        )
        self.plugin = plugin

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the plugin is on and this person may."""
        return self.plugin.slug in state.active_slugs(request) and plugin_settings.may_change(request.user, self.plugin)


@hooks.register("construct_settings_menu")
def settings_items(request: HttpRequest, items: list[MenuItem]) -> None:
    """An entry for each plugin with settings; asked on each request, because names follow the language."""
    for number, plugin in enumerate(plugin for plugin in registry.plugins() if plugin.settings_form):
        item = SettingsMenuItem(plugin, 110 + number)
        if item.is_shown(request):
            items.append(item)


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
