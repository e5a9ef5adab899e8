"""How organisations and members are called where only their uids are known, and who is called so: for the audit trail."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db.models import Q

from portal.organisations.models import Member, Organisation


def names_of_members(uids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names with the organisation. One query."""
    members = Member.objects.filter(uid__in=uids).select_related("organisation")
    return {member.uid: f"{member.name}（{member.organisation}）" for member in members}


def members_called(text: str, limit: int) -> list[uuid.UUID]:
    """Members whose name holds `text`. One query."""
    return list(Member.objects.filter(name__icontains=text).values_list("uid", flat=True)[:limit])


def names_of_organisations(uids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names with the code. One query."""
    rows = Organisation.objects.filter(uid__in=uids).order_by().values_list("uid", "name", "code")
    return {uid: f"{name}（{code}）" for uid, name, code in rows}


def organisations_called(text: str, limit: int) -> list[uuid.UUID]:
    """Organisations whose name holds `text`, or with this code. One query."""
    found = Organisation.objects.filter(Q(name__icontains=text) | Q(short_name__icontains=text) | Q(code__iexact=text))
    return list(found.order_by().values_list("uid", flat=True)[:limit])
