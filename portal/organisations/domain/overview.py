"""What the tree page shows: nodes with their counts and warnings, search, one organisation in detail. A constant number of
queries, however many nodes there are."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from django.db.models import Count, FilteredRelation, Q

from portal.ground.clock import today
from portal.organisations.domain.rights import within_paths
from portal.organisations.domain.rules import Sizes, Warning, warnings_for
from portal.organisations.domain.terms import months_before
from portal.organisations.models import Member, Organisation, Post, paths_up, subtree_filter

FOUND_AT_MOST = 50
TERM_WARNING_MONTHS = 6
COUNTED_BY_NAME = 500


@dataclasses.dataclass(frozen=True)
class Node:
    """An organisation in the tree. `members` and `organisations` count what lies in its subtree, itself included and not."""

    organisation: Organisation
    members: int
    organisations: int
    warnings: tuple[Warning, ...]
    term_until: dt.date | None
    above: tuple[str, ...] = ()

    @property
    def term_state(self) -> str:
        """ "over", "soon" (within six months) or empty."""
        if self.term_until is None:
            return ""
        if self.term_until < today():
            return "over"
        return "soon" if months_before(self.term_until, TERM_WARNING_MONTHS) <= today() else ""


@dataclasses.dataclass
class Branch:
    """A node in the opened tree: `below` is None while it is closed."""

    node: Node
    below: list[Branch] | None = None


def opened_tree(paths: Sequence[str] | None, down_to: str | None = None) -> list[Branch]:
    """The tree of a scope (`paths_where`, None: everything), its highest organisations opened, or all those above and at the
    path `down_to`. Four queries, however deep."""
    current = Organisation.objects.current()
    wanted = Q(depth=1) if paths is None else Q(path__in=list(paths))
    if down_to is not None:
        opened = {path for path in paths_up(down_to) if paths is None or any(path.startswith(top) for top in paths)}
    else:
        opened = set(paths or ())
    for path in opened:
        wanted |= subtree_filter(path) & Q(depth=len(path) // Organisation.steplen + 1)
    if paths is None and down_to is None:
        wanted |= Q(depth=2)
    nodes = nodes_of(current.filter(wanted))
    if paths is None and down_to is None:
        opened = {node.organisation.path for node in nodes if node.organisation.depth == 1}
    found: dict[str, Branch] = {}
    top_ones: list[Branch] = []
    for node in nodes:
        row = node.organisation
        branch = Branch(node, [] if row.path in opened else None)
        found[row.path] = branch
        above = found.get(row.parent_path)
        if above is not None and above.below is not None:
            above.below.append(branch)
        else:
            top_ones.append(branch)
    return top_ones


def below(organisation: Organisation) -> list[Node]:
    """What stands directly below an organisation."""
    return nodes_of(
        Organisation.objects.current().filter(subtree_filter(organisation.path), depth=organisation.depth + 1)
    )


def search_nodes(text: str, paths: Sequence[str] | None, *, limit: int = FOUND_AT_MOST) -> list[Node]:
    """The organisations of a scope whose name, code or pinyin (whole or initials) holds `text`, in tree order, with the names
    of what stands above them."""
    return nodes_of(organisations_fitting(text, paths, limit=limit), with_above=True)


def organisations_fitting(text: str, paths: Sequence[str] | None, *, limit: int) -> list[Organisation]:
    """The current organisations of a scope whose name, code or pinyin holds `text`, in tree order. One query."""
    wanted = text.strip()
    if not wanted:
        return []
    condition = Q(name__icontains=wanted) | Q(short_name__icontains=wanted) | Q(code__istartswith=wanted)
    if letters := re.sub(r"[^a-z0-9]", "", wanted.lower()):
        condition |= Q(pinyin__contains=letters)
    return list(Organisation.objects.current().filter(condition, _in_scope(paths))[:limit])


def _in_scope(paths: Sequence[str] | None) -> Q:
    return within_paths(None if paths is None else list(paths), "path")


def nodes_of(rows: Iterable[Organisation], *, with_above: bool = False) -> list[Node]:
    """Nodes of these organisations with counts and warnings: three queries, and one more for the names above."""
    chosen = list(rows)
    if not chosen:
        return []
    under = within_paths(_highest([row.path for row in chosen]), "path")
    current = Organisation.objects.current().filter(under).order_by()
    paths = dict(current.values_list("pk", "path"))
    people_there = Member.objects.filter(stage__in=Member.COUNTED).order_by()
    if len(paths) <= COUNTED_BY_NAME:  # beyond that counting everybody is quicker than naming the organisations
        people_there = people_there.filter(organisation__in=list(paths))
    stages = people_there.values_list("organisation_id", "stage").annotate(people=Count("pk"))
    members: Counter[int] = Counter()
    full: Counter[int] = Counter()
    for organisation_id, stage, people in stages:
        if organisation_id in paths:
            members[organisation_id] += people
            if stage != Member.Stage.PROBATIONARY:
                full[organisation_id] += people
    depths = {len(row.path) for row in chosen}
    in_subtree: Counter[str] = Counter()
    organisations: Counter[str] = Counter()
    for pk, path in paths.items():
        for length in depths:
            if length <= len(path):
                in_subtree[path[:length]] += members[pk]
                organisations[path[:length]] += 1
    leaders, secretaries, terms = _leading_bodies([row.pk for row in chosen])
    above = _names_above(chosen) if with_above else {}
    return [
        Node(
            organisation=row,
            members=in_subtree[row.path],
            organisations=organisations[row.path] - (1 if row.pk in paths else 0),
            warnings=tuple(
                warnings_for(
                    row.kind,
                    Sizes(
                        full_members=full[row.pk],
                        members=members[row.pk],
                        subtree_members=in_subtree[row.path],
                        leaders=leaders[row.pk],
                        secretaries=secretaries[row.pk],
                    ),
                )
            )
            if row.ended_on is None
            else (),
            term_until=terms.get(row.pk),
            above=tuple(above[path] for path in paths_up(row.path)[:-1] if path in above),
        )
        for row in chosen
    ]


def _highest(paths: list[str]) -> list[str]:
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept


def _leading_bodies(ids: list[int]) -> tuple[Counter[int], Counter[int], dict[int, dt.date]]:
    """How many lead each organisation, how many of them as secretary, and until when its running term lasts: one query."""
    people: dict[int, set[int]] = {}
    secretaries: Counter[int] = Counter()
    terms: dict[int, dt.date] = {}
    running = Organisation.objects.filter(pk__in=ids).annotate(
        held=FilteredRelation("posts", condition=Q(posts__ended_on__isnull=True)),
        term=FilteredRelation("terms", condition=Q(terms__ended_on__isnull=True)),
    )
    for pk, member_id, kind, until in running.order_by().values_list(
        "pk", "held__member_id", "held__kind", "term__until"
    ):
        if member_id is not None:
            people.setdefault(pk, set()).add(member_id)
            secretaries[pk] += kind == Post.Kind.SECRETARY
        if until is not None:
            terms[pk] = until
    return Counter({pk: len(found) for pk, found in people.items()}), secretaries, terms


def _names_above(rows: Sequence[Organisation]) -> dict[str, str]:
    paths = {path for row in rows for path in paths_up(row.path)[:-1]}
    return {row.path: str(row) for row in Organisation.objects.filter(path__in=paths)}
