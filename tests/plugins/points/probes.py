"""One small plugin a point whose contribution behaves as told, and how to see whether it is there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.template import Context, Template

from plugins.host import assets, explorer, figures, render, validating
from plugins.sdk import (
    Assets,
    Card,
    Figure,
    MenuItem,
    PageAction,
    PageColumn,
    PageSlot,
    Permission,
    Plugin,
    Refusal,
    Tile,
    Validator,
)

TEMPLATE = "components/badge.html"
BEHAVIOURS = ("raises", "exits", "sql_error", "garbage")


def misbehave(behaviour: str, good: Any) -> Callable[[Any], Any]:
    """A contribution that gives `good`, or does what it is told."""

    def call(_context: Any) -> Any:
        if behaviour == "raises":
            raise RuntimeError("geheim: /srv/secret")
        if behaviour == "exits":
            raise SystemExit(3)
        if behaviour == "sql_error":
            with connection.cursor() as cursor:
                cursor.execute("SELECT no_such_column FROM no_such_table")
        return object() if behaviour == "garbage" else good

    return call


@dataclasses.dataclass(frozen=True)
class Probe:
    """`make(call)` gives the plugin class; `seen(request)` what the reader sees of it, "" for nothing."""

    point: str
    good: Any
    make: Callable[[Callable[[Any], Any]], type[Plugin]]
    seen: Callable[[Any], str]


def _class(**attributes: Any) -> type[Plugin]:
    return type("Trial", (Plugin,), {"permissions": (Permission("use", "使用", "Use"),), **attributes})


def _cards(request: Any) -> str:
    return "".join(card.html for card in render.cards_of(request) if card.source == "trial")


def _columns(request: Any) -> str:
    return "".join(column.values[1] for column in explorer.columns_for(request, [1]) if "trial" in column.name)


class _Page:
    pk = 1
    path = ""


def _actions(request: Any) -> str:
    from plugins.host import state

    with state.serving(request):
        return "".join(str(button.url) for button in explorer.page_actions(_Page(), request.user))


def _tiles(request: Any) -> str:
    return "".join(
        tile.value for tile in figures.tiles_of(request) if tile.key.startswith("trial:") and not tile.is_broken
    )


def _validators(request: Any) -> str:
    from plugins.host import state

    with state.serving(request):
        try:
            validating.ask_validators("page.publish", _Page(), request.user)
        except Refusal as refusal:
            return str(refusal)
    return ""


def _refusing(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def check(context: Any) -> Any:
        answer = call(context)
        if answer == "还缺一项":
            raise Refusal(answer)
        return answer

    return check


PROBES = (
    Probe(
        "card",
        {"text": "看见"},
        lambda call: _class(cards=(Card("卡", TEMPLATE, call, "Card"),)),
        _cards,
    ),
    Probe(
        "slot",
        {"text": "看见"},
        lambda call: _class(slots=(PageSlot("trial.slot", TEMPLATE, call),)),
        lambda request: str(render.render_slot(request, "trial.slot", None)),
    ),
    Probe(
        "column",
        {1: "看见"},
        lambda call: _class(page_columns=(PageColumn("列", call, "Column"),)),
        _columns,
    ),
    Probe(
        "action",
        "/p/trial/look/",
        lambda call: _class(page_actions=(PageAction("看", url=call, label_en="Look"),)),
        _actions,
    ),
    Probe(
        "tile",
        Figure(12345, "说明", 3),
        lambda call: _class(tiles=(Tile("count", "数", call, "Count"),)),
        _tiles,
    ),
    Probe(
        "validator",
        "还缺一项",
        lambda call: _class(validators=(Validator("page.publish", _refusing(call)),)),
        _validators,
    ),
)


def asset_probe() -> type[Plugin]:
    """A plugin with a file of its own on all pages."""
    return _class(assets=(Assets(scripts=("trial/x.js",), styles=("trial/x.css",)),))


def menu_probe(route: str = "/p/trial/") -> type[Plugin]:
    """A plugin with a menu entry."""
    return _class(menu=(MenuItem("栏", route, "Entry"),))


def assets_seen(request: Any) -> str:
    """All elements that plugins bring to a page."""
    return str(assets.assets_of(request, "styles")) + str(assets.assets_of(request, "scripts"))


def page_html(request: Any) -> str:
    """A page with everything that a contributor may put there."""
    template = Template(
        "{% load plugins %}{% plugin_assets 'styles' %}{% portal_menu %}{% slot 'trial.slot' %}{% cards %}{% plugin_assets 'scripts' %}"
    )
    return template.render(Context({"request": request}))
