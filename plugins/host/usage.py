"""Where content uses what plugins bring: pages of their types, blocks in streams of any depth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast
from wagtail.blocks import ListBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.fields import StreamField
from wagtail.models import Revision


def page_model() -> Any:
    """The model of all pages."""
    return apps.get_model(settings.WAGTAIL_PAGE_MODEL)


def pages_of_app(label: str, *, limit: int = 50) -> list[str]:
    """The pages whose type belongs to an app: "title (number)"."""
    pages = page_model()._default_manager.filter(content_type__app_label=label).order_by("pk")
    return [f"{title} (#{pk})" for pk, title in pages.values_list("pk", "title")[:limit]]


def blocks_in_use(names: set[str], *, limit: int = 50) -> list[str]:
    """Where blocks with these type names stand, live or in the newest draft: "model #number: names"."""
    found: list[str] = []
    for label, pk, stream in _streams():
        if used := names & set(types_in(stream)):
            found.append(f"{label} #{pk}: {', '.join(sorted(used))}")
            if len(found) >= limit:
                break
    return found


def types_in(value: Any) -> Iterator[str]:
    """The type names of all blocks in a raw stream, nested ones too."""
    if isinstance(value, list):
        for child in value:
            if isinstance(child, dict) and isinstance(child.get("type"), str) and "value" in child:
                yield child["type"]
            yield from types_in(child)
    elif isinstance(value, dict):
        for child in value.values():
            yield from types_in(child)


def known_types(block: Any) -> set[str]:
    """The type names that a stream block offers by code, in nested streams too; blocks kept without their code are none."""
    names: set[str] = set()
    seen: set[int] = set()
    waiting = [block]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        children = dict(getattr(one, "child_blocks", {}))
        if isinstance(one, BaseStreamBlock):
            children = {name: child for name, child in children.items() if type(child).__name__ != "KeptBlock"}
            names |= set(children)
        waiting.extend(children.values())
        if isinstance(one, ListBlock):
            waiting.append(one.child_block)
            names.add("item")
    return names


def unknown_blocks(known: set[str], most_rows: int | None = None) -> Iterator[tuple[str, Any, str]]:
    """Model, number and type name of every block whose type is not in `known`; of the newest `most_rows` of each model."""
    for label, pk, stream in _streams(most_rows):
        for name in set(types_in(stream)) - known:
            yield label, pk, name


def stream_fields() -> Iterator[tuple[type[Any], StreamField]]:
    """Every stream field of a loaded model with a table, the model that holds its column first."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, StreamField):
                yield model, field


def has_more_than(most_rows: int) -> bool:
    """Whether a model with streams has more rows than that."""
    return any(
        model._base_manager.order_by("pk")[most_rows:].exists() for model in {model for model, _ in stream_fields()}
    )


def _streams(most_rows: int | None = None) -> Iterator[tuple[str, Any, Any]]:
    for model, field in stream_fields():
        rows = model._base_manager.annotate(_raw=Cast(field.name, TextField())).values_list("pk", "_raw")
        for pk, raw in rows.order_by("-pk")[:most_rows].iterator():
            yield model._meta.label, pk, _json(raw)
    newest = Revision.objects.filter(
        pk__in=page_model()._default_manager.filter(has_unpublished_changes=True).values("latest_revision_id")
    )
    for object_id, content in newest.order_by("-pk").values_list("object_id", "content")[:most_rows].iterator():
        for value in content.values():
            if isinstance(value, str) and value.startswith("[{"):
                yield "wagtailcore.Revision", object_id, _json(value)


def _json(raw: Any) -> Any:
    """The value of a text that may be JSON in JSON."""
    while isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            return None
    return raw
