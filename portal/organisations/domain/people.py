"""From a login to the person's file."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from portal.ground.prepared import Prepared
from portal.ground.suppliers import ANONYMOUS, Viewer
from portal.organisations.models import Member


def _file(viewer: Viewer, *, user_id: int) -> QuerySet[Member]:
    return Member.objects.filter(user_id=user_id).exclude(stage=Member.Stage.LEFT).select_related("organisation")[:1]


_FILE = Prepared(_file)  # asked in every request of everybody; who asks makes no difference to the statement


def member_of(user: Any) -> Member | None:
    """The member file of a signed-in person, with its organisation; None without one or after leaving.

    Read once for this user object: everything on a page that asks shares one query.
    """
    if user is None or not user.is_authenticated:
        return None
    if not hasattr(user, "_member_file"):
        member = _FILE.first(ANONYMOUS, user_id=user.pk)
        if member is not None:
            member.user = user
        user._member_file = member
    found: Member | None = user._member_file
    return found
