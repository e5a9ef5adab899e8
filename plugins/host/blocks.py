"""The block classes of plugins, guarded: one that fails renders nothing, and its data stays as it is.

A block's name in the data is `<slug>_<name>`. Every process knows the blocks of all loaded plugins, so that what was written with one is
never lost; where the plugin is off, the block renders nothing and is not offered.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.blocks import Block

from plugins.host import faults, registry, state
from plugins.host.guard import Failed, Garbage, attempt, guarded
from plugins.host.markup import what_is_open
from plugins.sdk import Plugin


class Unread:
    """Stands for a value that a plugin's block could not read: keeps it as it is in the database."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def __str__(self) -> str:
        return ""


_made: tuple[int, dict[str, Block]] = (-1, {})


def plugin_blocks() -> dict[str, Block]:
    """The blocks of all loaded plugins by their full names. A class that cannot be loaded is a fault, and its data is kept."""
    global _made
    edition = registry.edition()
    if _made[0] != edition:
        found = {}
        for plugin in registry.plugins():
            for name, target in plugin.blocks.items():
                block = guarded(plugin.slug, f"block:{name}", functools.partial(_make, plugin, target))
                if block is not None:
                    full = full_name(plugin.slug, name)
                    block.set_name(full)
                    found[full] = _guard(plugin, name, block)
        _made = (edition, found)
    return _made[1]


def full_name(slug: str, name: str) -> str:
    """What a plugin's block is called in the data."""
    return f"{slug}_{name}"


def blocks_off() -> frozenset[str]:
    """The full names of blocks whose plugin is off for the request that this thread is busy with."""
    on = state.active_here()
    return frozenset(
        full_name(plugin.slug, name) for plugin in registry.plugins() if plugin.slug not in on for name in plugin.blocks
    )


def _make(plugin: Plugin, target: str) -> Block:
    made = plugin.load(target)
    if not (isinstance(made, type) and issubclass(made, Block)):
        raise Garbage(f"{target} must be a block class")
    return made(group=registry.name_of(plugin.slug))


def _guard(plugin: Plugin, name: str, block: Any) -> Block:
    """Put a guarded way before each method by which pages, forms and the index reach the block."""
    point = f"block:{name}"

    def ask(call: Callable[[], Any], instead: Any) -> Any:
        try:
            return attempt(plugin.slug, point, call, let=(ValidationError,))
        except Failed:
            return instead

    def guard(method: str, instead: Callable[[Any], Any]) -> None:
        inherited = getattr(block, method)

        @functools.wraps(inherited)
        def wrapped(value: Any, *more: Any, **named: Any) -> Any:
            if isinstance(value, Unread):
                return instead(value)
            return ask(lambda: inherited(value, *more, **named), instead(value))

        setattr(block, method, wrapped)

    guard("to_python", Unread)
    guard("bulk_to_python", lambda values: [Unread(value) for value in values])
    guard("normalize", lambda value: value)
    guard("get_prep_value", _raw)
    guard("get_form_state", _raw)
    guard("get_searchable_content", lambda value: [])
    guard("extract_references", lambda value: [])
    inherited_render, inherited_clean = block.render, block.clean

    def render(value: Any, context: Any = None) -> Any:
        if isinstance(value, Unread) or plugin.slug not in state.active_here():
            return ""
        return ask(lambda: _whole(inherited_render(value, context=context), name), "")

    def clean(value: Any) -> Any:
        if isinstance(value, Unread):
            return value
        try:
            return inherited_clean(value)
        except ValidationError:
            raise
        except Exception as error:
            faults.record(plugin.slug, point, error)
            raise ValidationError(_("这个内容块暂时不能检查，请稍后再试，或先移走它。")) from error

    block.render, block.clean = render, clean
    return block  # type: ignore[no-any-return]


def _raw(value: Any) -> Any:
    return value.raw if isinstance(value, Unread) else value


def _whole(html: Any, name: str) -> Any:
    if left := what_is_open(str(html)):
        raise Garbage(f"the HTML of the block {name} does not close <{left}>, or closes it twice")
    return html
