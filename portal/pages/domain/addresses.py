"""From the short code in an address to the page."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType

from portal.basepage.models import BasePage
from portal.ground.prepared import Prepared
from portal.ground.suppliers import Viewer

MAX_REMEMBERED = 20_000

# Which type a short code belongs to: neither ever changes while the page lives, and the page itself is read each time.
_type_of_code: dict[str, int] = {}


def find_page(short_code: str, viewer: Viewer) -> Any:
    """The page in its own type, if this viewer may see it, else None: one query, two the first time in a process."""
    known = _type_of_code.get(short_code)
    if known is not None:
        found = _specific(known, short_code, viewer)
        if found is not None:
            return found
    kind = (
        BasePage.objects.visible_to(viewer)
        .filter(short_code=short_code)
        .values_list("content_type_id", flat=True)
        .first()
    )
    if kind is None or kind == known:
        return None
    if len(_type_of_code) >= MAX_REMEMBERED:
        _type_of_code.clear()
    _type_of_code[short_code] = kind
    return _specific(kind, short_code, viewer)


def _specific(kind: int, short_code: str, viewer: Viewer) -> Any:
    model: Any = ContentType.objects.get_for_id(kind).model_class()
    if model is None:  # the plugin that brought this type of page is gone
        return None
    return _by_code.first(viewer, model, short_code=short_code)


def _page_by_code(viewer: Viewer, model: Any, *, short_code: str) -> Any:
    pages = model.objects.visible_to(viewer).select_related("owner_organisation")
    return pages.filter(short_code=short_code).order_by()[:1]


_by_code = Prepared(_page_by_code)
