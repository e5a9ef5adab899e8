"""Reading: lists, the text of a version, an article at a date. All filtered by what the viewer may see."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from portal.ground.clock import today
from portal.ground.prepared import Prepared
from portal.ground.suppliers import ANONYMOUS, Viewer
from portal.organisations.domain.audiences import visible_filter
from portal.references.domain.citing import Cited
from portal.regulations.domain.addresses import article_label, article_url, regulation_url
from portal.regulations.domain.status import version_to_show
from portal.regulations.models import (
    Level,
    Lineage,
    LineageEdge,
    Provision,
    Question,
    Regulation,
    RegulationVersion,
    Relation,
)

PUBLISHED = RegulationVersion.State.PUBLISHED
_NEAR = 12  # places in which the article before and the one after are looked for: headings lie between


def visible_regulations(viewer: Viewer) -> QuerySet[Regulation]:
    """Works of which the viewer may see a published version."""
    published = RegulationVersion.objects.filter(regulation=OuterRef("pk"), state=PUBLISHED)
    return Regulation.objects.filter(visible_filter(viewer)).filter(Exists(published))


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A choice in the list. `status` is in_force, not_yet, repealed or expired; empty means all."""

    level: str = ""
    status: str = ""
    year: int | None = None
    words: str = ""


@dataclasses.dataclass(frozen=True)
class FacetChoice:
    """One value of a facet with its count."""

    value: str
    count: int


def with_status(works: QuerySet[Regulation], day: dt.date) -> QuerySet[Regulation]:
    """Annotate `status_code`'s parts (`has_started`), `latest_on` and `articles` of the version that counts on `day`."""
    versions = RegulationVersion.objects.filter(regulation=OuterRef("pk"), state=PUBLISHED)
    started = versions.filter(Q(starts_on__isnull=True) | Q(starts_on__lte=day))
    newest = started.order_by(Coalesce("starts_on", dt.date.min).desc(), "-key")
    return works.annotate(
        has_started=Exists(started),
        expires_on=Subquery(newest.values("expires_on")[:1]),
        latest_on=Max("versions__starts_on", filter=Q(versions__state=PUBLISHED)),
        articles=Coalesce(Subquery(newest.values("article_count")[:1]), 0, output_field=IntegerField()),
        version_count=Count("versions", filter=Q(versions__state=PUBLISHED)),
    )


def list_regulations(viewer: Viewer, wanted: Wanted, day: dt.date | None = None) -> QuerySet[Regulation]:
    """Works for the list, newest first, narrowed down by `wanted`; each has `status_code` by `code_of`."""
    day = day or today()
    works = with_status(visible_regulations(viewer), day)
    if wanted.level:
        works = works.filter(level=wanted.level)
    if wanted.status:
        works = works.filter(_has_status(wanted.status, day))
    if wanted.year:
        works = works.filter(latest_on__year=wanted.year)  # type: ignore[misc]
    if wanted.words:
        works = works.filter(title__icontains=wanted.words.strip())
    return works.select_related("owner_organisation").order_by("-latest_on", "title_key", "pk")  # type: ignore[misc]


def _has_status(status: str, day: dt.date) -> Q:
    repealed = Q(repealed_on__isnull=False, repealed_on__lte=day)
    if status == "repealed":
        return repealed
    expired = Q(expires_on__isnull=False, expires_on__lte=day)
    if status == "expired":
        return ~repealed & expired
    return ~repealed & ~expired & Q(has_started=status == "in_force")


def code_of(work: Regulation, day: dt.date) -> str:
    """The status of an annotated work on `day`: repealed, expired, in_force or not_yet."""
    return status_code(work.repealed_on, work.expires_on, work.has_started, day)  # type: ignore[attr-defined]


def status_code(repealed_on: dt.date | None, expires_on: dt.date | None, has_started: bool, day: dt.date) -> str:
    """repealed, expired, in_force or not_yet on `day`; `expires_on` is that of the version that counts then."""
    if repealed_on and repealed_on <= day:
        return "repealed"
    if expires_on and expires_on <= day:
        return "expired"
    return "in_force" if has_started else "not_yet"


def newly_in_force(viewer: Viewer, day: dt.date, limit: int = 4) -> list[RegulationVersion]:
    """The published versions that took effect last, up to `day`, each with its work: one query, of titles, codes and dates
    only. Versions whose effective date is unknown do not count as new."""
    return _newly_in_force.rows(viewer, day, limit)


@Prepared
def _newly_in_force(viewer: Viewer, day: dt.date, limit: int) -> QuerySet[RegulationVersion]:
    versions = RegulationVersion.objects.filter(
        visible_filter(viewer, "regulation__"), state=PUBLISHED, effective_on__isnull=False, effective_on__lte=day
    ).exclude(Q(regulation__repealed_on__lte=day) | Q(expires_on__lte=day))
    needed = versions.select_related("regulation").only("effective_on", "regulation__code", "regulation__title")
    return needed.order_by("-effective_on", "-pk")[:limit]


def facets_of(viewer: Viewer, wanted: Wanted, day: dt.date | None = None) -> tuple[int, dict[str, list[FacetChoice]]]:
    """How many works fit `wanted`, and counts for level, status and year, each without its own restriction: one query
    whatever is chosen."""
    day = day or today()
    total = 0
    counts: dict[str, Counter[str]] = {"level": Counter(), "status": Counter(), "year": Counter()}
    for level, repealed_on, expires_on, has_started, latest_on in _works_in_short(viewer, wanted.words, day):
        status = status_code(repealed_on, expires_on, has_started, day)
        year = str(latest_on.year) if latest_on else ""
        fits = {
            "level": not wanted.level or level == wanted.level,
            "status": not wanted.status or status == wanted.status,
            "year": not wanted.year or year == str(wanted.year),
        }
        total += all(fits.values())
        for name, value in (("level", level), ("status", status), ("year", year)):
            if value and all(fit for other, fit in fits.items() if other != name):
                counts[name][value] += 1
    order = {
        "level": list(Level.values),
        "status": ["in_force", "not_yet", "repealed", "expired"],
        "year": sorted(counts["year"], reverse=True),
    }
    facets = {
        name: [FacetChoice(value, counts[name][value]) for value in order[name] if counts[name][value]]
        for name in order
    }
    return total, facets


def page_of_regulations(viewer: Viewer, wanted: Wanted, day: dt.date, start: int, stop: int) -> list[Regulation]:
    """Works number `start` up to `stop` of `list_regulations`: one query."""
    if wanted.words:
        return list(list_regulations(viewer, wanted, day)[start:stop])
    return _page.rows(viewer, wanted, day, start, stop)


def _works_in_short(
    viewer: Viewer, words: str, day: dt.date
) -> Sequence[tuple[str, dt.date | None, dt.date | None, bool, dt.date | None]]:
    return list(_in_short(viewer, words, day)) if words else _all_in_short.rows(viewer, "", day)


def _in_short(viewer: Viewer, words: str, day: dt.date) -> QuerySet[Any, Any]:
    works = list_regulations(viewer, Wanted(words=words), day).order_by()
    return works.values_list("level", "repealed_on", "expires_on", "has_started", "latest_on")  # type: ignore[misc]


_all_in_short = Prepared(_in_short)


@Prepared
def _page(viewer: Viewer, wanted: Wanted, day: dt.date, start: int, stop: int) -> QuerySet[Any]:
    return list_regulations(viewer, wanted, day)[start:stop]


def visible_regulation(viewer: Viewer, code: str) -> Regulation | None:
    """The work with this code, if the viewer may see it: one query."""
    return _work.first(viewer, code=code)  # type: ignore[no-any-return]


@Prepared
def _work(viewer: Viewer, *, code: str) -> QuerySet[Regulation]:
    return visible_regulations(viewer).filter(code=code).select_related("owner_organisation")[:1]


def visible_article(viewer: Viewer, code: str, lineage: str) -> Lineage | None:
    """The article for ever with this address, with its work, if the viewer may see it: one query."""
    return _article.first(viewer, code=code, lineage=lineage)  # type: ignore[no-any-return]


@Prepared
def _article(viewer: Viewer, *, code: str, lineage: str) -> QuerySet[Lineage]:
    published = RegulationVersion.objects.filter(regulation=OuterRef("regulation"), state=PUBLISHED)
    found = Lineage.objects.filter(
        visible_filter(viewer, "regulation__"), Exists(published), regulation__code=code, code=lineage
    )
    return found.annotate(**_more_of("pk")).select_related("regulation__owner_organisation")[:1]


def _more_of(lineage: str) -> dict[str, Exists]:
    """Whether an article has edges and answered questions at all: most have none, and then nothing is asked for them."""
    edges = LineageEdge.objects.filter(is_hidden=False)
    answered = Question.objects.filter(lineage=OuterRef(lineage), answered_at__isnull=False)
    ends = Q(source=OuterRef(lineage)) | Q(target=OuterRef(lineage))
    return {"has_edges": Exists(edges.filter(ends)), "has_answers": Exists(answered)}


def places_in(version: RegulationVersion, paths: Sequence[str]) -> dict[str, Provision]:
    """The provisions at these paths of a version, with their lineages: one query."""
    rows = Provision.objects.filter(version=version, path__in=paths).annotate(**_more_of("lineage"))
    found = {provision.path: provision for provision in rows.select_related("lineage")}
    for provision in found.values():
        if provision.lineage is not None:
            provision.lineage.has_edges = provision.has_edges  # type: ignore[attr-defined]
            provision.lineage.has_answers = provision.has_answers  # type: ignore[attr-defined]
    return found


def published_versions(regulation: Regulation) -> list[RegulationVersion]:
    """The published versions, oldest first: one query."""
    rows = _published.rows(ANONYMOUS, regulation=regulation.pk)
    return sorted(rows, key=lambda version: (version.starts_on or dt.date.min, version.key))


@Prepared
def _published(viewer: Viewer, *, regulation: int) -> QuerySet[RegulationVersion]:
    """Of a work that was asked for by who may see it."""
    return RegulationVersion.objects.filter(regulation_id=regulation, state=PUBLISHED).defer("doubts", "corrections")


def provisions_of(version: RegulationVersion) -> list[Provision]:
    """All pieces of a version in order, with their lineages: one query."""
    return list(Provision.objects.filter(version=version).select_related("lineage").order_by("position"))


@dataclasses.dataclass(frozen=True)
class ArticleVersion:
    """An article as it stands in one version. `changed` compares with the version before: same, amended, new; first is what
    the oldest version we hold has."""

    version: RegulationVersion
    provision: Provision
    changed: str


def history_of(lineage: Lineage, versions: Sequence[RegulationVersion]) -> list[ArticleVersion]:
    """The article in each of the given versions (oldest first) that has it: one query."""
    by_version = {provision.version_id: provision for provision in _of_lineage.rows(ANONYMOUS, lineage=lineage.pk)}
    found: list[ArticleVersion] = []
    before: Provision | None = None
    for version in versions:
        provision = by_version.get(version.pk)
        if provision is None:
            continue
        if before is not None:
            changed = "same" if before.text_hash == provision.text_hash else "amended"
        else:
            changed = "first" if version.pk == versions[0].pk else "new"
        found.append(ArticleVersion(version, provision, changed))
        before = provision
    return found


@Prepared
def _of_lineage(viewer: Viewer, *, lineage: int) -> QuerySet[Provision]:
    return Provision.objects.filter(lineage_id=lineage).order_by("position")


def neighbours_of(provision: Provision) -> tuple[Provision | None, Provision | None]:
    """What stands before and after a provision among those of its kind: one query."""
    near = (
        Provision.objects.filter(
            version=provision.version_id,
            kind=provision.kind,
            position__gte=max(provision.position - _NEAR, 0),
            position__lte=provision.position + _NEAR,
        )
        .exclude(pk=provision.pk)
        .select_related("lineage")
        .defer("text", "heading_path")
        .order_by("position")
    )
    before = after = None
    for other in near:
        if other.position < provision.position:
            before = other
        elif after is None:
            after = other
    return before, after


def article_at(regulation: Regulation, lineage: Lineage, day: dt.date | None = None) -> Provision | None:
    """The article in the version that counts on `day` (today by default; the first version if none counts yet), or None."""
    version = version_to_show(published_versions(regulation), day or today())
    if version is None:
        return None
    return Provision.objects.filter(version=version, lineage=lineage).order_by("position").first()


def edges_of(lineage: Lineage) -> list[LineageEdge]:
    """Splits and merges that this article takes part in."""
    if not getattr(lineage, "has_edges", True):
        return []
    return _edges.rows(ANONYMOUS, lineage=lineage.pk)


@Prepared
def _edges(viewer: Viewer, *, lineage: int) -> QuerySet[LineageEdge]:
    either = Q(source_id=lineage) | Q(target_id=lineage)
    return LineageEdge.objects.filter(either, is_hidden=False).select_related(
        "source__regulation", "target__regulation"
    )


@dataclasses.dataclass(frozen=True)
class Related:
    """A work that stands in a relation: `inwards` when it does something to this one; `url` is empty for what is not here."""

    kind: str
    inwards: bool
    title: str
    url: str
    proposed: bool


def related_works(regulation: Regulation, viewer: Viewer) -> list[Related]:
    """Works that this one amends, repeals, rests on and so on, and the other way round, as far as the viewer may see them.
    What the machine read and nobody confirmed is marked; a repeal that nobody confirmed is left out: two queries."""
    told = Relation.objects.exclude(state=Relation.State.REJECTED).exclude(
        kind__in=[Relation.Kind.REPEALS, Relation.Kind.SUPERSEDES], state=Relation.State.PROPOSED
    )
    visible = visible_regulations(viewer)
    out = told.filter(source=regulation).filter(Q(target__isnull=True) | Q(target__in=visible)).select_related("target")
    into = told.filter(target=regulation, source__in=visible).select_related("source")
    found = [
        Related(
            r.kind,
            False,
            r.target.title if r.target else r.title,
            regulation_url(r.target) if r.target else "",
            r.state == Relation.State.PROPOSED,
        )
        for r in out.order_by("kind", "pk")
    ]
    found += [
        Related(r.kind, True, r.source.title, regulation_url(r.source), r.state == Relation.State.PROPOSED)
        for r in into.order_by("kind", "pk")[:100]
    ]
    return found


def resolve_regulations(uids: Sequence[uuid.UUID], viewer: Viewer) -> Mapping[uuid.UUID, Cited]:
    """For `portal.references`: works by uid."""
    works = visible_regulations(viewer).filter(uid__in=uids)
    return {work.uid: Cited(title=work.title, url=regulation_url(work)) for work in works}


def resolve_articles(uids: Sequence[uuid.UUID], viewer: Viewer) -> Mapping[uuid.UUID, Cited]:
    """For `portal.references`: articles by the uid of their lineage; `now` is the hash of today's wording, "" if it is gone."""
    lineages = Lineage.objects.filter(uid__in=uids, regulation__in=visible_regulations(viewer)).select_related(
        "regulation"
    )
    found: dict[uuid.UUID, Cited] = {}
    for lineage in lineages:
        provision = article_at(lineage.regulation, lineage)
        found[lineage.uid] = Cited(
            title=lineage.regulation.title,
            url=article_url(lineage.regulation, lineage),
            label=article_label(provision) if provision else "",
            now=provision.text_hash if provision else "",
        )
    return found
