"""Reads of the news app."""

from __future__ import annotations

from typing import Any

from portal.basepage.models import BasePage
from portal.files.models import PortalDocument
from portal.ground.prepared import Prepared
from portal.ground.suppliers import Viewer, viewer_of
from portal.organisations.domain.audiences import visible_filter
from portal.pages.domain.stories import NEWEST_FIRST, Story, facts_of, page_types, stories_of_rows

RELATED = 5


def attachments_for(article: Any, user: Any) -> list[Any]:
    """The attachments of an article that this reader may fetch, with their documents: two queries, one when there is none.

    The article may be a draft read from a version: then its attachments are no rows, and cannot be joined with anything.
    """
    attachments = list(article.attachments.all())
    if not attachments:
        return []
    wanted = {attachment.document_id for attachment in attachments}
    seen = PortalDocument.objects.filter(visible_filter(viewer_of(user)), pk__in=wanted).in_bulk()
    fetchable = [attachment for attachment in attachments if attachment.document_id in seen]
    for attachment in fetchable:
        attachment.document = seen[attachment.document_id]
    return fetchable


def related_stories(article: Any, user: Any) -> list[Story]:
    """The newest other stories of the same section: one query."""
    section = article.path[: -article.steplen]
    rows = _related.rows(viewer_of(user), tuple(page_types("news")), article.depth, path=section, page=article.pk or 0)
    return stories_of_rows(rows)


@Prepared
def _related(viewer: Viewer, types: tuple[int, ...], depth: int, *, path: str, page: int) -> Any:
    pages = BasePage.objects.visible_to(viewer).filter(content_type__in=types, path__startswith=path, depth=depth)
    return facts_of(pages.exclude(pk=page).order_by(*NEWEST_FIRST)[:RELATED])
