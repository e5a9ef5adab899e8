"""`{% load plugins %}`: places in core templates where contributors may show something."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from plugins.host import registry
from plugins.host.assets import assets_of
from plugins.host.render import Menu, RenderedCard, cards_of, menu_of, render_slot

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: template.Context, name: str, subject: Any = None) -> SafeString:
    """`{% slot "course.after_units" course %}`: what contributors put here, or nothing."""
    request = context.get("request")
    return render_slot(request, name, subject) if request is not None else mark_safe("")


@register.simple_tag(takes_context=True)
def portal_menu(context: template.Context, place: str = "main") -> Menu:
    """`{% portal_menu %}` prints list items; `{% portal_menu as entries %}` gives objects with label, url, is_current."""
    request = context.get("request")
    return menu_of(request, place) if request is not None else Menu()


@register.simple_tag(takes_context=True)
def plugin_cards(context: template.Context) -> list[RenderedCard]:
    """`{% plugin_cards as cards %}`: the workbench cards as objects with title, url, html."""
    request = context.get("request")
    return cards_of(request) if request is not None else []


@register.inclusion_tag("plugins_host/cards.html", takes_context=True)
def cards(context: template.Context) -> dict[str, Any]:
    """`{% cards %}`: all workbench cards of this person."""
    request = context.get("request")
    return {"cards": cards_of(request) if request is not None else []}


@register.simple_tag(takes_context=True)
def plugin_assets(context: template.Context, kind: str) -> SafeString:
    """`{% plugin_assets "styles" %}` and `{% plugin_assets "scripts" %}`: the files that plugins bring to this page."""
    request = context.get("request")
    return assets_of(request, kind) if request is not None else mark_safe("")


@register.simple_tag(takes_context=True)
def plugin_menu(context: template.Context, place: str = "main") -> Menu:
    """The entries of plugins alone, without those of the core apps."""
    request = context.get("request")
    if request is None:
        return Menu()
    core = {source.name for source in registry.sources() if source.plugin is None}
    return Menu(entry for entry in menu_of(request, place) if entry.source not in core)
