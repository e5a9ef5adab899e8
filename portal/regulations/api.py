"""Operations of the API about the regulation library."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from plugins.sdk.api import OPEN, Code, Listing, PageNumber, PerPage, Words, allows
from portal.ground.clock import today
from portal.ground.suppliers import viewer_of
from portal.regulations.domain.addresses import article_label, article_url, regulation_url, version_url
from portal.regulations.domain.queries import (
    Wanted,
    article_at,
    code_of,
    facets_of,
    page_of_regulations,
    provisions_of,
    published_versions,
    status_code,
    visible_regulations,
)
from portal.regulations.domain.status import status_on, version_to_show
from portal.regulations.models import Lineage, Provision, Regulation, RegulationVersion

router = Router(tags=[_("法规制度")])

Status = Literal["in_force", "not_yet", "repealed", "expired"]
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100


class RegulationRow(Schema):
    """A work. `status` is in_force, not_yet, repealed or expired, as of today."""

    uid: uuid.UUID
    code: str
    title: str
    level: str
    level_label: str
    status: str
    repealed_on: dt.date | None
    organisation: str
    url: str


class VersionRow(Schema):
    """A version of a work. `status` is not_yet, in_force, amended, repealed or expired, as of today; `reason` says why."""

    key: str
    effective_on: dt.date | None
    status: str
    status_label: str
    reason: str
    articles: int
    url: str


class RegulationFull(RegulationRow):
    """A work with its versions, oldest first. `current` is the key of the one to read today."""

    versions: list[VersionRow]
    current: str


class Piece(Schema):
    """A piece of a version: preamble, heading, article, annex. `article` is the permanent code of an article."""

    kind: str
    path: str
    depth: int
    label: str
    heading: str
    text: str
    article: str | None


class VersionText(VersionRow):
    """A version with its whole text."""

    title: str
    pieces: list[Piece]


class ArticleText(Schema):
    """An article as it stands on a day, and in which version."""

    regulation: str
    article: str
    on: dt.date
    version: str
    label: str
    heading: str
    text: str
    url: str


def _work(request: HttpRequest, code: str) -> Regulation:
    found = visible_regulations(viewer_of(request.user)).select_related("owner_organisation").filter(code=code).first()
    if found is None:
        raise Http404
    return found


def _row(work: Regulation, status: str) -> dict[str, Any]:
    return {
        "uid": work.uid,
        "code": work.code,
        "title": work.title,
        "level": work.level,
        "level_label": str(work.get_level_display()),
        "status": status,
        "repealed_on": work.repealed_on,
        "organisation": str(work.owner_organisation or ""),
        "url": regulation_url(work),
    }


@router.get("/regulations", response=Listing[RegulationRow], summary=_("法规制度列表"))
@allows(OPEN, scope="content.read")
def regulations(
    request: HttpRequest,
    q: Words = Query("", description=_("名称中的字")),
    level: Words = Query("", description=_("效力级别")),
    status: Status | None = Query(None, description=_("时效")),
    year: int | None = Query(None, ge=EARLIEST_YEAR, le=LATEST_YEAR, description=_("年份")),
    page: PageNumber = 1,
    per_page: PerPage = 20,
) -> dict[str, Any]:
    """The works that this person may see."""
    viewer, day = viewer_of(request.user), today()
    wanted = Wanted(level=level, status=status or "", year=year, words=q.strip())
    total, _facets = facets_of(viewer, wanted, day)
    start = (page - 1) * per_page
    works = page_of_regulations(viewer, wanted, day, start, start + per_page) if start < total else []
    items = [_row(work, code_of(work, day)) for work in works]
    return {"items": items, "total": total, "page": page, "per_page": per_page}


@router.get("/regulations/{code}", response=RegulationFull, summary=_("一部法规和它的各个版本"))
@allows(OPEN, scope="content.read")
def regulation(request: HttpRequest, code: Code) -> dict[str, Any]:
    """One work with its versions."""
    work = _work(request, code)
    versions = published_versions(work)
    current = version_to_show(versions, today())
    started = [version for version in versions if version.starts_on is None or version.starts_on <= today()]
    expires_on = started[-1].expires_on if started else None
    status = status_code(work.repealed_on, expires_on, bool(started), today())
    return {
        **_row(work, status),
        "versions": [_version(work, version, versions) for version in versions],
        "current": current.key if current is not None else "",
    }


def _version(work: Regulation, version: RegulationVersion, siblings: list[RegulationVersion]) -> dict[str, Any]:
    status = status_on(version, siblings, work.repealed_on, today())
    return {
        "key": version.key,
        "effective_on": version.effective_on,
        "status": status.code,
        "status_label": status.label,
        "reason": status.reason,
        "articles": version.article_count,
        "url": version_url(work, version),
    }


@router.get("/regulations/{code}/versions/{key}", response=VersionText, summary=_("一个版本的全文"))
@allows(OPEN, scope="content.read")
def regulation_version(request: HttpRequest, code: Code, key: Code) -> dict[str, Any]:
    """A version with its whole text."""
    work = _work(request, code)
    versions = published_versions(work)
    found = next((version for version in versions if version.key == key), None)
    if found is None:
        raise Http404
    pieces = [_piece(provision) for provision in provisions_of(found)]
    return {**_version(work, found, versions), "title": work.title, "pieces": pieces}


def _piece(provision: Provision) -> dict[str, Any]:
    return {
        "kind": provision.kind,
        "path": provision.path,
        "depth": provision.depth,
        "label": article_label(provision),
        "heading": provision.heading,
        "text": provision.text,
        "article": provision.lineage.code if provision.lineage is not None else None,
    }


@router.get("/regulations/{code}/articles/{article}", response=ArticleText, summary=_("一条，按某一天有效的版本"))
@allows(OPEN, scope="content.read")
def regulation_article(
    request: HttpRequest,
    code: Code,
    article: Code,
    on: dt.date | None = Query(None, description=_("日期，默认今天")),
) -> dict[str, Any]:
    """An article as it stands on a day. 404 when the version of that day does not have it."""
    work = _work(request, code)
    lineage = Lineage.objects.filter(regulation=work, code=article).first()
    day = on or today()
    provision = article_at(work, lineage, day) if lineage is not None else None
    if lineage is None or provision is None:
        raise Http404
    return {
        "regulation": work.code,
        "article": lineage.code,
        "on": day,
        "version": provision.version.key,
        "label": article_label(provision),
        "heading": provision.heading,
        "text": provision.text,
        "url": article_url(work, lineage),
    }
