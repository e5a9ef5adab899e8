"""What search gets: one row for each wording of an article, with the days in which it held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import Count, F
from django.utils import translation

from portal.organisations.domain.audiences import public_audience
from portal.organisations.models import AudienceToken
from portal.regulations.domain.addresses import article_label, lineage_url, regulation_url
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


class _Wording(NamedTuple):
    """What is searched of a provision: read as a tuple, for models cost most of the time of indexing a library."""

    lineage_id: int
    lineage_uid: Any
    lineage_code: str
    kind: str
    number: int | None
    sub_number: int
    path: str
    label: str
    heading: str
    text: str
    text_hash: str
    heading_path: str
    in_annex: bool


_COLUMNS = [name.replace("lineage_", "lineage__") if name != "lineage_id" else name for name in _Wording._fields]


class _Open(NamedTuple):
    """A row that the next version may go on with, and the days it holds so far."""

    wording: _Wording
    first: int
    last: int
    published: dt.date | None


def _rows(work: Regulation, tokens: frozenset[str], authority: float, held: list[Span]) -> Iterator[SearchDocument]:
    """Consecutive versions with the same wording, number and headings give one row."""
    open_rows: dict[tuple[int, str, str, str], _Open] = {}
    for span in held:
        current: dict[tuple[int, str, str, str], _Open] = {}
        for wording in _searchable(span.version):
            key = (wording.lineage_id, wording.text_hash, wording.path, wording.heading_path)
            known = open_rows.pop(key, None)
            first = known.first if known else span.first
            published = known.published if known else span.version.starts_on
            current[key] = _Open(wording, first, span.last, published)
        yield from _made(work, tokens, authority, open_rows.values())
        open_rows = current
    yield from _made(work, tokens, authority, open_rows.values())


def _searchable(version: RegulationVersion) -> Iterator[_Wording]:
    provisions = Provision.objects.filter(version=version, lineage__isnull=False).exclude(text="", heading="")
    return map(_Wording._make, provisions.order_by("position").values_list(*_COLUMNS))


def _made(
    work: Regulation, tokens: frozenset[str], authority: float, rows: Iterable[_Open]
) -> Iterator[SearchDocument]:
    with translation.override(None):
        level = str(Level(work.level).label)
    unit = str(work.owner_organisation) if work.owner_organisation else ""
    issuer = work.issuer or (work.owner_organisation.name if work.owner_organisation else "")
    group, work_url = str(work.uid), regulation_url(work)
    for wording, first, last, published in rows:
        yield SearchDocument(
            uid=f"{wording.lineage_uid}:{first}",
            group=group,
            kind="regulation",
            type="regulation",
            title=work.title,
            body="\n".join(part for part in (wording.heading, wording.text) if part),
            url=lineage_url(work, wording.lineage_code),
            work_url=work_url,
            tokens=tokens,
            context=" ".join(line for line in wording.heading_path.split("\n") if line),
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
            reference_path=wording.path if wording.kind == "article" and not wording.in_annex else "",
            label=article_label(wording),
        )
