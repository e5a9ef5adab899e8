"""What the masthead says about a person's notices."""

from typing import Any

from django import template

from portal.notices.domain.notices import unread_of

register = template.Library()


@register.simple_tag
def unread_notices(user: Any) -> int:
    """How many notices the person has not read: read with the person at the beginning of the request, else one query."""
    if user is None or not user.is_authenticated:
        return 0
    if not hasattr(user, "unread_notices"):
        user.unread_notices = unread_of(user).count()
    return user.unread_notices or 0
