"""Members of whole subtrees, quickly."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from portal.organisations.domain.rights import within_paths
from portal.organisations.models import Member, Organisation


def members_within(paths: Sequence[str] | None) -> QuerySet[Member]:
    """The member files of the subtrees at `paths` (as from `paths_where`; None: all), in no order.

    By a subquery over organisations: told by a join and a sorted list of twenty, PostgreSQL walks all members in the order of
    the list until it has met twenty of a small subtree.
    """
    if paths is None:
        return Member.objects.all()
    organisations = Organisation.objects.filter(within_paths(list(paths), "path")).order_by()
    return Member.objects.filter(organisation__in=organisations.values("pk"))
