"""The organisations below a leader, tier by tier, in figures."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from portal.ground.clock import today
from portal.ground.rights import may
from portal.notices.domain import tasks_reached
from portal.notices.kinds import MISSING
from portal.organisations.domain.rights import paths_where
from portal.organisations.models import Member, Organisation, subtree_filter
from portal.workbench.rights import OVERSEE

FEW = 5


@dataclasses.dataclass(frozen=True)
class Figures:
    """An organisation and all below it: branches, members who count, open tasks, those overdue, those about missing data.
    Tasks are those that the person who looks may see."""

    organisation: Organisation
    branch_count: int
    member_count: int
    task_count: int
    overdue_count: int
    missing_count: int
    has_below: bool


@dataclasses.dataclass(frozen=True)
class Tier:
    """An organisation, the way down to it within what the person oversees, and what stands directly below it."""

    top: Figures
    way: tuple[Organisation, ...]
    below: tuple[Figures, ...]

    @property
    def latest(self) -> list[Figures]:
        """The few below with the most overdue tasks; those without any are left out."""
        late = [figures for figures in self.below if figures.overdue_count]
        return sorted(late, key=lambda figures: -figures.overdue_count)[:FEW]


def tops_of(user: Any) -> list[Organisation]:
    """The topmost organisations that this person oversees, in tree order: one query beside the roles."""
    paths = paths_where(user, OVERSEE.code)
    living = Organisation.objects.current()
    return list(living.filter(depth=1) if paths is None else living.filter(path__in=paths))


def tier_at(user: Any, organisation: Organisation) -> Tier | None:
    """The figures of an organisation and of each directly below; None for one that the person does not oversee.

    Six queries, however many stand below.
    """
    if organisation.ended_on is not None or not may(user, OVERSEE.code, organisation):
        return None
    tops = tops_of(user)
    top = max((one for one in tops if organisation.is_within(one)), key=lambda one: len(one.path))
    step = Organisation.steplen
    way_paths = [organisation.path[:n] for n in range(len(top.path), len(organisation.path), step)]
    way = tuple(Organisation.objects.filter(path__in=way_paths)) if way_paths else ()
    children = list(
        Organisation.objects.current().filter(subtree_filter(organisation.path), depth=organisation.depth + 1)
    )
    counts = _counts_by_child(user, organisation)
    own = {name: sum(part.values()) for name, part in counts.items()}
    return Tier(
        _figures(organisation, own, has_below=bool(children)),
        way,
        tuple(
            _figures(
                child, {name: part.get(child.path, 0) for name, part in counts.items()}, has_below=child.numchild > 0
            )
            for child in children
        ),
    )


def _figures(organisation: Organisation, counts: dict[str, int], *, has_below: bool) -> Figures:
    return Figures(
        organisation,
        counts["branches"],
        counts["members"],
        counts["tasks"],
        counts["overdue"],
        counts["missing"],
        has_below,
    )


def _counts_by_child(user: Any, organisation: Organisation) -> dict[str, dict[str, int]]:
    """Counts by the tree path of the child below `organisation` (its own path for what hangs on itself)."""
    length = len(organisation.path) + Organisation.steplen
    branches = Organisation.objects.current().filter(
        subtree_filter(organisation.path), kind__in=Organisation.BRANCH_KINDS
    )
    members = Member.objects.filter(subtree_filter(organisation.path, "organisation__path"), stage__in=Member.COUNTED)
    tasks = tasks_reached(user).filter(subtree_filter(organisation.path, "organisation__path"))
    counted = _grouped(
        tasks,
        "organisation__path",
        length,
        n=Count("pk"),
        late=Count("pk", filter=Q(due_on__lt=today())),
        missing=Count("pk", filter=Q(kind=MISSING.code)),
    )
    return {
        "branches": {path: row["n"] for path, row in _grouped(branches, "path", length, n=Count("pk")).items()},
        "members": {
            path: row["n"] for path, row in _grouped(members, "organisation__path", length, n=Count("pk")).items()
        },
        "tasks": {path: row["n"] for path, row in counted.items()},
        "overdue": {path: row["late"] for path, row in counted.items()},
        "missing": {path: row["missing"] for path, row in counted.items()},
    }


def _grouped(rows: QuerySet[Any], field: str, length: int, **counts: Any) -> dict[str, dict[str, int]]:
    parts = rows.order_by().annotate(part=Substr(field, 1, length)).values("part").annotate(**counts)
    return {row["part"]: row for row in parts}
