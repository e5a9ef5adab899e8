"""Pages as search documents: one source for every page type, present and future."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import translation

from portal.basepage.models import BasePage
from portal.basepage.orphans import orphan_types
from portal.organisations.models import AudienceToken
from search.contracts import SearchDocument

# What is not a thing to find: the front itself, and Wagtail's root.
_NOT_FOUND = {"home"}
CHUNK = 200


def search_documents(uids: Sequence[str] | None) -> Iterator[SearchDocument]:
    """Live pages as documents; all of them for None, else those with these uids (a page that is hidden or gone yields none)."""
    pages = BasePage.objects.live().filter(depth__gt=2, audience__isnull=False).order_by("pk")
    pages = pages.exclude(content_type__in=orphan_types())
    if uids is not None:
        pages = pages.filter(uid__in=list(uids))
    last = 0
    while True:
        chunk = list(pages.filter(pk__gt=last)[:CHUNK].specific())
        if not chunk:
            return
        last = chunk[-1].pk
        with translation.override(settings.LANGUAGE_CODE):
            documents = _documents(chunk)
        yield from documents


def _documents(pages: list[Any]) -> list[SearchDocument]:
    """Addresses are those of the default language, whoever asks."""
    documents: list[SearchDocument] = []
    _read_together(pages)
    tokens: dict[int, set[str]] = defaultdict(set)
    rows = AudienceToken.objects.filter(audience_id__in={page.audience_id for page in pages})
    for audience_id, token in rows.values_list("audience_id", "token"):
        tokens[audience_id].add(token)
    sections = _sections(pages)
    for page in pages:
        if page.search_type in _NOT_FOUND:
            continue
        unit = str(page.owner_organisation) if page.owner_organisation_id else ""
        section = sections.get(page.path[: -page.steplen], "")
        facets = {
            "unit": unit,
            "column": section,
            "topic": tuple(page.search_topics()) if hasattr(page, "search_topics") else (),
            "year": str(page.display_date.year),
        }
        documents.append(
            SearchDocument(
                uid=str(page.uid),
                group=str(page.uid),
                kind="page",
                type=page.search_type,
                title=page.title,
                body=page.search_body(),
                summary=page.summary,
                url=page.get_url() or "",
                context=section,
                tokens=frozenset(tokens[page.audience_id]),
                secrecy=page.secrecy,
                published=page.display_date,
                facets={name: value for name, value in facets.items() if value},
            )
        )
    return documents


def _read_together(pages: list[Any]) -> None:
    """Owners, and what the page types name in `search_prefetch`, for all pages at once."""
    prefetch_related_objects(pages, "owner_organisation")
    by_type: dict[type, list[Any]] = defaultdict(list)
    for page in pages:
        by_type[type(page)].append(page)
    for kind, of_kind in by_type.items():
        prefetch_related_objects(of_kind, *getattr(kind, "search_prefetch", ()))


def _sections(pages: list[Any]) -> dict[str, str]:
    """Titles of the sections straight above, by tree path: one query."""
    paths = {page.path[: -page.steplen] for page in pages}
    return dict(BasePage.objects.filter(path__in=paths, depth__gt=2).values_list("path", "title"))
