"""Asking contributors for what a page shows: menu entries, workbench cards, slots. A contribution that fails adds nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from plugins.host import registry, state
from plugins.host.guard import Garbage, Standing, expect, guarded
from plugins.host.markup import what_is_open
from plugins.host.offers import allowed, offered, offered_by
from plugins.host.pieces import render_piece
from plugins.host.sources import Source
from plugins.sdk import Card, CardContext, MenuItem, PageSlot, SlotContext


@dataclasses.dataclass(frozen=True)
class MenuEntry:
    """A navigation entry as a template needs it."""

    label: str
    url: str
    is_current: bool
    source: str


Entries = tuple[tuple[Source, MenuItem, MenuEntry], ...]
MAX_KEPT = 500

_kept: dict[tuple[object, ...], Entries] = {}


class Menu(tuple[MenuEntry, ...]):
    """The entries; printed in a template it is a plain list of links."""

    def __html__(self) -> str:
        return format_html_join(
            "",
            '<li><a href="{}"{}>{}</a></li>',
            ((entry.url, mark_safe(' aria-current="page"') if entry.is_current else "", entry.label) for entry in self),
        )

    def __str__(self) -> str:
        return self.__html__()


@dataclasses.dataclass(frozen=True)
class RenderedCard:
    """A workbench card: its title, its own address if any, and its HTML."""

    source: str
    title: str
    url: str
    html: SafeString
    order: int = 100
    key: str = ""


@dataclasses.dataclass(frozen=True)
class OfferedCard:
    """A card that a person may have, before anything of it is read. `key` names it for ever."""

    key: str
    title: str
    order: int


def menu_of(request: HttpRequest, place: str = "main") -> Menu:
    """The navigation entries at a place that this person may use."""
    entries = []
    path, signed_in = request.path, request.user.is_authenticated
    for source, item, entry in _entries(request, place):
        if item.signed_in and not signed_in:
            continue
        if item.needs and not guarded(source.name, _point(item), partial(allowed, request, source, item.needs)):
            continue
        is_current = entry.url != "/" and path.startswith(entry.url)
        entries.append(dataclasses.replace(entry, is_current=True) if is_current else entry)
    return Menu(entries)


def _point(item: MenuItem) -> str:
    return f"menu:{item.route}"


def _entries(request: HttpRequest, place: str) -> Entries:
    """The entries of a place with their texts and addresses, worked out once for each set of plugins and each language."""
    active = state.active_slugs(request)
    key = (registry.edition(), place, active, get_language(), get_script_prefix(), get_urlconf())
    found = _kept.get(key)
    if found is None:
        items = [(source, item) for source, item in offered_by("menu", active) if item.place == place]
        made = [
            (source, item, guarded(source.name, _point(item), partial(_entry, source, item))) for source, item in items
        ]
        found = tuple((source, item, entry) for source, item, entry in made if entry is not None)
        if len(found) == len(made):  # else what failed is asked for again
            if len(_kept) >= MAX_KEPT:
                _kept.clear()
            _kept[key] = found
    return found


def _entry(source: Source, item: MenuItem) -> MenuEntry:
    url = item.route if item.route.startswith("/") else reverse(item.route)
    return MenuEntry(item.text, url, False, source.name)


def cards_offered(request: HttpRequest) -> list[OfferedCard]:
    """The workbench cards that this person may have, by order; none of their data is asked for."""
    return [
        OfferedCard(_card_key(source, item), item.text, item.order)
        for source, item in offered(request, "cards")
        if guarded(source.name, f"needs:{item.template}", partial(allowed, request, source, item.needs))
    ]


def _card_key(source: Source, item: Card) -> str:
    return f"{source.name}:{item.template}"


def cards_of(request: HttpRequest, without: Container[str] = frozenset()) -> list[RenderedCard]:
    """The workbench cards of this person, rendered, but those with a key in `without`, of which nothing is asked."""
    cards = []
    for source, item in offered(request, "cards"):
        if _card_key(source, item) in without:
            continue
        card = guarded(source.name, f"card:{item.template}", partial(_card, request, source, item))
        if card is not None:
            cards.append(card)
    return cards


def _card(request: HttpRequest, source: Source, item: Card) -> RenderedCard | None:
    if not allowed(request, source, item.needs):
        return None
    html = _piece(request, item.template, source.load(item.data)(CardContext(request=request)), card=item)
    if html is None:
        return None
    url = reverse(item.route) if item.route and not item.route.startswith("/") else item.route
    return RenderedCard(source.name, item.text, url, html, item.order, _card_key(source, item))


def render_slot(request: HttpRequest, slot: str, subject: Any = None) -> SafeString:
    """The HTML that contributors put at a slot of the page about `subject`; empty when there is none."""
    parts = []
    standing: Standing | None = None
    for source, item in offered(request, "slots"):
        if item.slot != slot:
            continue
        standing = standing or Standing()
        call = partial(_slot, request, source, item, subject)
        part = guarded(source.name, f"slot:{slot}:{item.template}", call, standing)
        if part:
            parts.append(part)
    if not parts:
        return mark_safe("")
    return format_html('<div class="slot" data-slot="{}">{}</div>', slot, mark_safe("".join(parts)))  # noqa: S308


def _slot(request: HttpRequest, source: Source, item: PageSlot, subject: Any) -> str:
    if not allowed(request, source, item.needs):
        return ""
    data = source.load(item.data)(SlotContext(request=request, subject=subject))
    return _piece(request, item.template, data) or ""


def _piece(request: HttpRequest, template: str, data: object, **more: Any) -> SafeString | None:
    """The template with this data; None for none. Raises Garbage for data of another kind and for HTML that is not whole."""
    if data is None:
        return None
    expect(Mapping, data, "data")
    html = render_piece(request, template, {**data, **more})  # type: ignore[dict-item]
    if left := what_is_open(html):
        raise Garbage(f"the HTML of {template} does not close <{left}>, or closes it twice")
    return html
