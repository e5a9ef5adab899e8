"""A secretary's branches at a glance: who belongs there, what is due, overdue and missing."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db.models import Count, Q

from portal.ground.clock import today
from portal.ground.suppliers import viewer_of
from portal.notices.domain import tasks_reached
from portal.notices.kinds import MISSING
from portal.organisations.domain.rights import scopes_of
from portal.organisations.models import Member, Organisation, Role, subtree_filter
from portal.pages.models import BranchPage


@dataclasses.dataclass(frozen=True)
class Branch:
    """A branch in figures. `url` leads to its page, empty without one; `code` names it in addresses. Tasks are those that the
    secretary may see."""

    name: str
    code: str
    url: str
    member_count: int
    probationary_count: int
    activist_count: int
    task_count: int
    overdue_count: int
    missing_count: int


def branches_of(user: Any) -> tuple[Branch, ...]:
    """The organisations whose secretary this person is: two queries and one for each of them."""
    ids = [scope.organisation_id for scope in scopes_of(user) if scope.role == Role.SECRETARY]
    if not ids:
        return ()
    members = Q(members__stage__in=Member.COUNTED)
    found = Organisation.objects.filter(pk__in=ids).annotate(
        member_count=Count("members", filter=members),
        probationary_count=Count("members", filter=Q(members__stage=Member.Stage.PROBATIONARY)),
        activist_count=Count("members", filter=Q(members__stage__in=[Member.Stage.ACTIVIST, Member.Stage.TARGET])),
    )
    sites = {
        page.organisation_id: page.get_url() or ""
        for page in BranchPage.objects.visible_to(viewer_of(user)).filter(organisation__in=ids)
    }
    return tuple(_branch(user, organisation, sites.get(organisation.pk, "")) for organisation in found)


def _branch(user: Any, organisation: Any, url: str) -> Branch:
    tasks = tasks_reached(user).order_by().filter(subtree_filter(organisation.path, "organisation__path"))
    counts = tasks.aggregate(
        all=Count("pk"),
        late=Count("pk", filter=Q(due_on__lt=today())),
        missing=Count("pk", filter=Q(kind=MISSING.code)),
    )
    return Branch(
        str(organisation),
        organisation.code,
        url,
        organisation.member_count,
        organisation.probationary_count,
        organisation.activist_count,
        counts["all"],
        counts["late"],
        counts["missing"],
    )
