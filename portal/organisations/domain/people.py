"""From a login to the person's file."""

from __future__ import annotations

from typing import Any

from portal.organisations.models import Member


def member_of(user: Any) -> Member | None:
    """The member file of a signed-in person, with its organisation; None without one or after leaving.

    Read once for this user object: everything on a page that asks shares one query.
    """
    if user is None or not user.is_authenticated:
        return None
    if not hasattr(user, "_member_file"):
        member = (
            Member.objects.filter(user_id=user.pk)
            .exclude(stage=Member.Stage.LEFT)
            .select_related("organisation")
            .first()
        )
        if member is not None:
            member.user = user
        user._member_file = member
    found: Member | None = user._member_file
    return found
