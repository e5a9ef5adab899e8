"""What the course page shows of the person who looks at it."""

from __future__ import annotations

from typing import Any

from django import template

from portal.pages.domain.pictures import CARD, picture_addresses
from portal.school.domain.queries import Outline, outline_of
from portal.school.models import CoursePage

register = template.Library()


@register.simple_tag(takes_context=True)
def course_outline(context: template.Context, course: CoursePage) -> Outline:
    """`{% course_outline page as outline %}`: chapters with states and the next step, for the person of the request."""
    request = context.get("request")
    user: Any = getattr(request, "user", None)
    return outline_of(course, user)


@register.simple_tag
def cover_of(page: CoursePage) -> str:
    """The address of a course's cover, empty without one or while its size is still being made."""
    return picture_addresses([page.cover_id], [CARD]).get((page.cover_id or 0, CARD), "")
