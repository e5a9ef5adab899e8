"""Operations of the API about pages, and searching everything."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from plugins.sdk.api import OPEN, Listing, PageNumber, PerPage, Words, allows, listing
from portal.ground.suppliers import inactive_kinds, viewer_of
from portal.pages.domain.reading import PAGE_KINDS, page_kinds, page_with_uid, visible_pages
from portal.pages.domain.stories import page_types
from search.outage import search_always

router = Router(tags=[_("内容与搜索")])


def _known_kind(kind: str) -> str:
    if kind not in page_kinds():
        raise PydanticCustomError("literal_error", "unknown type", {"expected": ", ".join(PAGE_KINDS)})
    return kind


# Types of plugins are taken too; the document does not name them, because it must not where the plugin is off.
PageKind = Annotated[str, AfterValidator(_known_kind), WithJsonSchema({"type": "string", "enum": list(PAGE_KINDS)})]
MOST_HITS = 50


class PageRow(Schema):
    """A page in a list. `url` is its address on this site."""

    uid: uuid.UUID
    type: str
    title: str
    summary: str
    url: str
    date: dt.date
    organisation: str


class PageText(PageRow):
    """A page with its plain text."""

    source: str
    text: str


class Hit(Schema):
    """Something found. `kind` and `type` say what it is; `url` is its address on this site."""

    uid: str
    kind: str
    type: str
    type_label: str
    title: str
    label: str
    url: str
    snippet: str
    date: dt.date | None


class Found(Listing[Hit]):
    """A page of what was found, best first. `total_is_capped` says that there is more than `total`; `is_reduced` that the search
    engine is away and only titles and summaries were looked at."""

    total_is_capped: bool
    is_reduced: bool


@router.get("/pages", response=Listing[PageRow], summary=_("文章、课程、案例等页面的列表，新的在前"))
@allows(OPEN, scope="content.read")
def pages(
    request: HttpRequest,
    kind: PageKind | None = Query(None, alias="type", description=_("页面类型")),
    q: Words = Query("", description=_("标题中的字")),
    organisation: uuid.UUID | None = Query(None, description=_("责任组织的编号")),
    page: PageNumber = 1,
    per_page: PerPage = 20,
) -> dict[str, Any]:
    """What this person may see, newest first."""
    rows = visible_pages(viewer_of(request.user), kind=kind or "", words=q, organisation=organisation)
    return listing(rows, page, per_page, _row)


@router.get("/pages/{uid}", response=PageText, summary=_("一个页面，带全文"))
@allows(OPEN, scope="content.read")
def page(request: HttpRequest, uid: uuid.UUID) -> dict[str, Any]:
    """One of them with its text."""
    found = page_with_uid(viewer_of(request.user), uid)
    if found is None:
        raise Http404
    return {**_row(found), "source": found.source, "text": found.search_body()}


def _row(page: Any) -> dict[str, Any]:
    return {
        "uid": page.uid,
        "type": page_types(*page_kinds()).get(page.content_type_id, ""),
        "title": page.title,
        "summary": page.summary,
        "url": page.get_url() or "",
        "date": page.display_date,
        "organisation": str(page.owner_organisation or ""),
    }


@router.get("/search", response=Found, summary=_("搜索全站"))
@allows(OPEN, scope="content.read")
def find(
    request: HttpRequest,
    q: Words = Query(..., description=_("要找的字、句子或条文，例如“民法典第五十四条”")),
    kind: Words = Query("", alias="type", description=_("结果类型，例如 news、regulation")),
    on: dt.date | None = Query(None, description=_("按这一天有效的内容找")),
    page: PageNumber = 1,
    per_page: int = Query(20, ge=1, le=MOST_HITS),
) -> dict[str, Any]:
    """What this person may see, best first. A page behind the last is empty."""
    found = search_always(
        q,
        viewer_of(request.user),
        types=[kind] if kind else [],
        page=page,
        per_page=per_page,
        inactive=inactive_kinds(request),
        as_of=on,
    )
    hits = found.hits if found.page == page else ()
    return {
        "items": [{name: getattr(hit, name) for name in Hit.model_fields} for hit in hits],
        "total": found.total,
        "page": page,
        "per_page": per_page,
        "total_is_capped": found.total_is_capped,
        "is_reduced": found.is_reduced,
    }
