"""What search gets: one row for each wording of an article, with the days in which it held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Count, F
from django.utils import translation

from portal.organisations.domain.audiences import public_audience
from portal.organisations.models import AudienceToken
from portal.regulations.domain.addresses import article_label, article_url, regulation_url
from portal.regulations.domain.levels import authority_of
from portal.regulations.domain.status import Span, spans
from portal.regulations.models import Citation, Level, Provision, Regulation, RegulationVersion
from search.contracts import SearchDocument

_CHUNK = 20


def documents(uids: Sequence[str] | None) -> Iterator[SearchDocument]:
    """The rows of the works with these uids, or of all. Withdrawn and draft texts are in none; repealed ones keep theirs."""
    works = Regulation.objects.order_by("pk")
    if uids is not None:
        works = works.filter(uid__in=uids)
    keys = list(works.values_list("pk", flat=True))
    for start in range(0, len(keys), _CHUNK):
        chunk = list(
            Regulation.objects.filter(pk__in=keys[start : start + _CHUNK]).select_related("owner_organisation")
        )
        tokens: dict[int, set[str]] = {}
        for audience_id, token in AudienceToken.objects.filter(
            audience_id__in={work.audience_id for work in chunk}
        ).values_list("audience_id", "token"):
            tokens.setdefault(audience_id, set()).add(token)
        versions: dict[int, list[RegulationVersion]] = {}
        for version in RegulationVersion.objects.filter(regulation__in=chunk).defer("doubts", "header"):
            versions.setdefault(version.regulation_id, []).append(version)
        cited = _citations_of(chunk)
        for work in chunk:
            held = frozenset(tokens.get(work.audience_id, ()))
            if held:
                authority = authority_of(work.level, cited.get(work.pk, 0))
                yield from _rows(work, held, authority, spans(versions.get(work.pk, []), work.repealed_on))


def _citations_of(works: Sequence[Regulation]) -> dict[int, int]:
    """How many articles of other works name each of these. Only works that everybody may read count: the order of results tells
    nothing of the others."""
    named = Citation.objects.filter(
        target__in=works, is_hidden=False, source__regulation__secrecy=0, source__regulation__audience=public_audience()
    ).exclude(source__regulation=F("target"))
    return dict(named.values_list("target").annotate(many=Count("source", distinct=True)))


def _rows(work: Regulation, tokens: frozenset[str], authority: float, held: list[Span]) -> Iterator[SearchDocument]:
    """Consecutive versions with the same wording, number and headings give one row."""
    open_rows: dict[tuple[int, str, str, str], tuple[Provision, int, int, dt.date | None]] = {}
    for span in held:
        current: dict[tuple[int, str, str, str], tuple[Provision, int, int, dt.date | None]] = {}
        for provision in _searchable(span.version):
            key = (provision.lineage_id or 0, provision.text_hash, provision.path, provision.heading_path)
            known = open_rows.pop(key, None)
            first = known[1] if known else span.first
            published = known[3] if known else span.version.starts_on
            current[key] = (provision, first, span.last, published)
        yield from _made(work, tokens, authority, open_rows.values())
        open_rows = current
    yield from _made(work, tokens, authority, open_rows.values())


def _searchable(version: RegulationVersion) -> Iterable[Provision]:
    return (
        Provision.objects.filter(version=version, lineage__isnull=False)
        .exclude(text="", heading="")
        .select_related("lineage")
        .order_by("position")
    )


def _made(
    work: Regulation,
    tokens: frozenset[str],
    authority: float,
    rows: Iterable[tuple[Provision, int, int, dt.date | None]],
) -> Iterator[SearchDocument]:
    with translation.override(None):
        level = str(Level(work.level).label)
    unit = str(work.owner_organisation) if work.owner_organisation else ""
    issuer = work.issuer or (work.owner_organisation.name if work.owner_organisation else "")
    for provision, first, last, published in rows:
        assert provision.lineage is not None  # noqa: S101 - filtered by the query
        names = " ".join(line for line in provision.heading_path.split("\n") if line)
        yield SearchDocument(
            uid=f"{provision.lineage.uid}:{first}",
            group=str(work.uid),
            kind="regulation",
            type="regulation",
            title=work.title,
            body="\n".join(part for part in (provision.heading, provision.text) if part),
            url=article_url(work, provision.lineage),
            work_url=regulation_url(work),
            tokens=tokens,
            context=names,
            secrecy=work.secrecy,
            authority=authority,
            published=published,
            valid_from=first,
            valid_to=last,
            facets={
                "level": level,
                "issuer": issuer,
                "unit": unit,
                "year": str(published.year) if published else "",
            },
            reference_title=work.title,
            reference_path=provision.path if provision.kind == "article" and not provision.in_annex else "",
            label=article_label(provision),
        )
