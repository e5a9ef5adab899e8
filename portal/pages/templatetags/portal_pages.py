"""Template tags of the theme: the frame around every page, icons and page numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.pages.frame import Frame, frame_for
from portal.pages.icons import ICONS

register = template.Library()


@register.simple_tag(takes_context=True)
def site_frame(context: dict[str, Any]) -> Frame:
    """What stands around every page: name, navigation, foot, look. Worked out once a request."""
    return frame_for(context.get("request"))


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
