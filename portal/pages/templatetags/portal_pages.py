"""Template tags of the theme: the frame around every page, icons and page numbers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from portal.pages.domain.pictures import BODY, Picture, body_images, pictures_in
from portal.pages.frame import Entry, Frame, crumbs_of, frame_for
from portal.pages.icons import ICONS

log = logging.getLogger(__name__)
register = template.Library()

MAX_PARTS = 500
_parts: dict[tuple[str, Frame, str | None], SafeString] = {}


@register.simple_tag(takes_context=True)
def site_frame(context: dict[str, Any]) -> Frame:
    """What stands around every page: name, navigation, foot, look. Worked out once a request."""
    return frame_for(context.get("request"))


@register.simple_tag(takes_context=True)
def frame_part(context: template.Context, name: str) -> SafeString:
    """A part of the page that says the same wherever the frame is the same: what a reader who is not signed in gets is
    kept by everything it is made of, the frame and the language. A signed-in reader and a page of results get their own."""
    part: Any = context.template.engine.get_template(name)  # type: ignore[union-attr]
    request, frame = context.get("request"), context.get("frame")
    user = getattr(request, "user", None)
    if frame is None or user is None or user.is_authenticated or context.get("search_query"):
        return part.render(context)  # type: ignore[no-any-return]
    key = (name, frame, get_language())
    kept = _parts.get(key)
    if kept is None:
        if len(_parts) >= MAX_PARTS:
            _parts.clear()
        with context.push(request=None):  # nothing of this request may get into it
            kept = _parts[key] = part.render(context)
    return kept


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon that says nothing to screen readers: a text beside it does. Raises KeyError for an unknown name."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"'
        ' stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(ICONS[name]),  # noqa: S308 - our own constant
    )


@register.filter
def page_numbers(paginator: Paginator, current: int) -> Iterator[int | None]:
    """The numbers to offer: first, last and those near the current one; None stands for a gap."""
    for number in paginator.get_elided_page_range(current, on_each_side=2, on_ends=1):
        yield number if isinstance(number, int) else None


@register.simple_tag(takes_context=True)
def page_crumbs(context: dict[str, Any], page: Any) -> list[Entry]:
    """The way from the home page to a page; sections this reader may not see are left out."""
    return crumbs_of(page, context.get("request"))


@register.simple_tag(takes_context=True)
def body_of(context: template.Context, page: Any) -> SafeString:
    """The body of a page, block by block. A block that fails is logged and left out: the rest can still be read."""
    known = context.flatten()
    request = known.get("request")
    images = body_images(page)
    known["body_pictures"] = pictures_in(images, BODY, make=getattr(request, "is_preview", False))
    parts = []
    for child in page.body:
        try:
            parts.append(child.render(context=known))
        except Exception:
            log.exception("block %s of page %s cannot be shown", child.block_type, page.pk)
    return mark_safe("\n".join(parts))  # noqa: S308 - each part was rendered by its block


@register.simple_tag(takes_context=True)
def picture(context: dict[str, Any], image: Any) -> Picture | None:
    """Address and size of a body picture; None while its size is still being made."""
    return context.get("body_pictures", {}).get(image.pk) if image is not None else None
