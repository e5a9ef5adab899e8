"""The pages of the regulation library. What a reader may not see answers exactly as what is not there."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ground.clock import today
from portal.ground.rights import open_to_all
from portal.ground.suppliers import Viewer, viewer_of
from portal.references.domain.citing import cited_by
from portal.regulations.domain.addresses import anchor, article_label
from portal.regulations.domain.citations.showing import (
    Link,
    LinkedParagraph,
    citing_articles,
    citing_works,
    linked_paragraphs,
    links_in,
)
from portal.regulations.domain.exporting.texts import citation_of
from portal.regulations.domain.parsing.tree import HEADING_KINDS
from portal.regulations.domain.queries import (
    FacetChoice,
    Related,
    Wanted,
    code_of,
    edges_of,
    facets_of,
    history_of,
    page_of_regulations,
    provisions_of,
    published_versions,
    related_works,
    visible_regulations,
)
from portal.regulations.domain.reading import paragraphs_of
from portal.regulations.domain.status import Status, status_on, version_on, version_to_show
from portal.regulations.models import Level, Lineage, LineageEdge, Provision, Regulation, RegulationVersion

PER_PAGE = 20
FACET_OPTIONS = 12
BADGES = {"in_force": "success", "not_yet": "info", "amended": "warning", "repealed": "danger", "expired": "danger"}


def _status_labels() -> dict[str, str]:
    return {"in_force": _("有效"), "not_yet": _("尚未生效"), "repealed": _("已废止"), "expired": _("失效")}


# --- the list ---------------------------------------------------------------------------------------------------------
@dataclasses.dataclass(frozen=True)
class Choice:
    label: str
    count: int
    url: str
    selected: bool


@dataclasses.dataclass(frozen=True)
class Row:
    """A work in the list."""

    work: Regulation
    badge: str
    badge_state: str


@require_safe
@open_to_all
def regulation_list(request: HttpRequest) -> HttpResponse:
    """Works by level, status and year, page by page."""
    asked = request.GET
    wanted = Wanted(
        level=asked.get("level", "") if asked.get("level") in Level.values else "",
        status=asked.get("status", "") if asked.get("status") in _status_labels() else "",
        year=_year(asked.get("year", "")),
        words=asked.get("q", "").replace("\0", "")[:60].strip(),
    )
    viewer = viewer_of(request.user)
    day = today()
    total, facets = facets_of(viewer, wanted, day)
    page = Paginator(range(total), PER_PAGE).get_page(asked.get("page"))
    works = page_of_regulations(viewer, wanted, day, page.start_index() - 1, page.end_index()) if total else []
    labels = _status_labels()
    rows = [Row(work, labels[code], BADGES[code]) for work, code in ((work, code_of(work, day)) for work in works)]
    names = {"level": dict(Level.choices), "status": labels}
    chosen = {"level": wanted.level, "status": wanted.status, "year": str(wanted.year or "")}
    groups = [
        (
            title,
            [
                Choice(
                    str(names.get(key, {}).get(option.value, option.value)),
                    option.count,
                    _query(asked, key, "" if chosen[key] == option.value else option.value),
                    chosen[key] == option.value,
                )
                for option in _shortened(facets[key], chosen[key])
            ],
        )
        for key, title in (("level", _("效力级别")), ("status", _("时效")), ("year", _("年份")))
        if facets[key]
    ]
    context = {"page_obj": page, "rows": rows, "groups": groups, "wanted": wanted, "narrowed": any(chosen.values())}
    return render(request, "regulations/list.html", context)


def _shortened(options: list[FacetChoice], chosen: str) -> list[FacetChoice]:
    """The first few options, and the chosen one wherever it stands."""
    return [option for place, option in enumerate(options) if place < FACET_OPTIONS or option.value == chosen]


def _year(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) == 4 and raw >= "1000" else None


def _query(asked: Any, key: str, value: str) -> str:
    query = asked.copy()
    query.pop("page", None)
    query.pop(key, None)
    if value:
        query[key] = value
    return "?" + query.urlencode()


# --- the work and its versions ------------------------------------------------------------------------------------------
@dataclasses.dataclass(frozen=True)
class Piece:
    """A provision ready for the page."""

    kind: str
    id: str
    level: int
    label: str
    heading: str
    paragraphs: list[LinkedParagraph]
    url: str = ""


@dataclasses.dataclass(frozen=True)
class VersionChoice:
    version: RegulationVersion
    status: Status
    badge_state: str
    url: str
    shown: bool


def _work_of(request: HttpRequest, code: str) -> Regulation:
    works = visible_regulations(viewer_of(request.user)).select_related("owner_organisation")
    found = works.filter(code=code).first()
    if found is None:
        raise Http404
    return found


@require_safe
@open_to_all
def without_slash(request: HttpRequest, code: str) -> HttpResponse:
    """The address with a slash at its end leads to the one without, whether the work exists or not."""
    return HttpResponsePermanentRedirect(reverse("regulations:work", args=[code]))


@require_safe
@open_to_all
def work(request: HttpRequest, code: str) -> HttpResponse:
    """The text in force today, or on the date asked for by `on`."""
    regulation = _work_of(request, code)
    versions = published_versions(regulation)
    day, date_is_bad = _day(request.GET.get("on", ""))
    shown = version_on(versions, day) if request.GET.get("on") and not date_is_bad else None
    before_all = bool(request.GET.get("on")) and not date_is_bad and shown is None
    shown = shown or version_to_show(versions, day)
    extra = {"date_is_bad": date_is_bad, "before_all": before_all, "asked_on": request.GET.get("on", "")[:10]}
    return _show(request, regulation, versions, shown, day, extra)


@require_safe
@open_to_all
def version(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """One version, whatever its status."""
    regulation = _work_of(request, code)
    versions = published_versions(regulation)
    shown = next((one for one in versions if one.key == key), None)
    return _show(request, regulation, versions, shown, today(), {})


def _day(raw: str) -> tuple[dt.date, bool]:
    if not raw:
        return today(), False
    try:
        return dt.date.fromisoformat(raw), False
    except ValueError:
        return today(), True


def _show(
    request: HttpRequest,
    regulation: Regulation,
    versions: list[RegulationVersion],
    shown: RegulationVersion | None,
    day: dt.date,
    extra: dict[str, Any],
) -> HttpResponse:
    if shown is None:
        raise Http404
    provisions = provisions_of(shown)
    viewer = viewer_of(request.user)
    links = links_in(shown, viewer)
    pieces = [_piece(regulation, provision, links.get(provision.path, ())) for provision in provisions]
    contents = [piece for piece in pieces if piece.kind in HEADING_KINDS or piece.kind == "annex"]
    context = {
        **_about(regulation, versions, shown, day),
        "pieces": pieces,
        "contents": contents,
        "citing": citing_works(regulation, viewer),
        "citation": citation_of(regulation, shown, request.build_absolute_uri(f"/r/{regulation.code}@{shown.key}")),
        "related": _related(regulation, viewer),
        "articles": [piece for piece in pieces if piece.kind in ("article", "enumeration")] if not contents else [],
        **extra,
    }
    return render(request, "regulations/work.html", context)


def _related(regulation: Regulation, viewer: Viewer) -> list[tuple[str, list[Related]]]:
    """Related works under what they do, in the order people look for it."""
    headings = {
        ("based_on", False): _("制定依据"),
        ("implements", False): _("实施的上位法"),
        ("interprets", False): _("所解释的法规"),
        ("amends", False): _("所修改的法规"),
        ("repeals", False): _("所废止的法规"),
        ("supersedes", False): _("所取代的法规"),
        ("implements", True): _("实施本法规的规定"),
        ("interprets", True): _("解释本法规的文件"),
        ("based_on", True): _("以本法规为依据的规定"),
        ("amends", True): _("修改本法规的文件"),
        ("repeals", True): _("废止本法规的文件"),
        ("supersedes", True): _("取代本法规的文件"),
    }
    works = related_works(regulation, viewer)
    groups = [(text, [w for w in works if (w.kind, w.inwards) == key]) for key, text in headings.items()]
    return [(text, found) for text, found in groups if found]


def _about(
    regulation: Regulation, versions: list[RegulationVersion], shown: RegulationVersion, day: dt.date
) -> dict[str, Any]:
    """What stands above every text: status, dates, versions, the way to the current text."""
    status = status_on(shown, versions, regulation.repealed_on, day)
    choices = [
        VersionChoice(
            one,
            one_status := status_on(one, versions, regulation.repealed_on, day),
            BADGES.get(one_status.code, ""),
            reverse("regulations:version", args=[regulation.code, one.key]),
            one.pk == shown.pk,
        )
        for one in reversed(versions)
    ]
    current = version_to_show(versions, today())
    return {
        "regulation": regulation,
        "version": shown,
        "status": status,
        "badge_state": BADGES.get(status.code, ""),
        "choices": choices,
        "current": current,
        "is_current": current is not None and current.pk == shown.pk,
        "day": day,
        "is_today": day == today(),
        "crumbs": [
            {"label": _("法规制度"), "url": reverse("regulations:list")},
            {"label": regulation.short_title, "url": reverse("regulations:work", args=[regulation.code])},
        ],
    }


def _piece(regulation: Regulation, provision: Provision, links: Sequence[Link]) -> Piece:
    url = ""
    if provision.lineage is not None:
        url = reverse("regulations:article", args=[regulation.code, provision.lineage.code])
    label = provision.label.strip("：: ") if provision.kind != "article" else article_label(provision)
    return Piece(
        provision.kind,
        anchor(provision.path),
        min(provision.depth + 2, 5),
        label,
        provision.heading,
        linked_paragraphs(provision.text, links),
        url,
    )


# --- an article ---------------------------------------------------------------------------------------------------------
@require_safe
@open_to_all
def article(request: HttpRequest, code: str, lineage: str) -> HttpResponse:
    """An article for ever: as it stands today, or as it last stood, with its history."""
    regulation = _work_of(request, code)
    found = Lineage.objects.filter(regulation=regulation, code=lineage).first()
    if found is None:
        raise Http404
    versions = published_versions(regulation)
    history = history_of(found, versions)
    if not history:
        raise Http404
    current = version_to_show(versions, today())
    shown = next((item for item in history if current and item.version.pk == current.pk), history[-1])
    return _show_article(request, regulation, versions, shown.version, shown.provision, found, history, "")


@require_safe
@open_to_all
def place(request: HttpRequest, code: str, key: str, place: str) -> HttpResponse:
    """A place in one version: art53, art53/p2/i3, an1/art3; a heading leads to its spot in the whole text."""
    regulation = _work_of(request, code)
    versions = published_versions(regulation)
    shown = next((one for one in versions if one.key == key), None)
    parts = place.strip("/").split("/")[:8]
    paths = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
    if shown is None or "\0" in place:
        raise Http404
    held = {
        provision.path: provision
        for provision in Provision.objects.filter(version=shown, path__in=paths).select_related("lineage")
    }
    provision = next((held[path] for path in paths if path in held), None)
    if provision is None:
        raise Http404
    below = place.strip("/")[len(provision.path) :].strip("/")
    if below and below not in {paragraph.place for paragraph in paragraphs_of(provision.text)}:
        raise Http404
    if provision.lineage is None:
        return HttpResponseRedirect(
            reverse("regulations:version", args=[regulation.code, shown.key]) + "#" + anchor(provision.path)
        )
    history = history_of(provision.lineage, versions)
    return _show_article(request, regulation, versions, shown, provision, provision.lineage, history, below)


def _show_article(
    request: HttpRequest,
    regulation: Regulation,
    versions: list[RegulationVersion],
    shown: RegulationVersion,
    provision: Provision,
    lineage: Lineage,
    history: list[Any],
    below: str,
) -> HttpResponse:
    near = {
        other.position: other
        for other in Provision.objects.filter(
            version=shown,
            kind=provision.kind,
            position__gte=max(provision.position - 12, 0),
            position__lte=provision.position + 12,
        ).select_related("lineage")
    }
    before = [near[position] for position in sorted(near) if position < provision.position]
    after = [near[position] for position in sorted(near) if position > provision.position]
    viewer = viewer_of(request.user)
    about = _about(regulation, versions, shown, today())
    label = article_label(provision)
    context = {
        **about,
        "provision": provision,
        "label": label,
        "paragraphs": linked_paragraphs(
            provision.text, links_in(shown, viewer, provision.path).get(provision.path, ())
        ),
        "citing": citing_articles(lineage, viewer),
        "cited_elsewhere": cited_by("article", lineage.uid, viewer),
        "marked": below,
        "headings": [line for line in provision.heading_path.split("\n") if line],
        "history": [
            {
                "item": item,
                "label": article_label(item.provision),
                "url": reverse("regulations:place", args=[regulation.code, item.version.key, item.provision.path]),
                "shown": item.version.pk == shown.pk,
            }
            for item in reversed(history)
        ],
        "is_gone": about["current"] is not None and all(i.version.pk != about["current"].pk for i in history),
        "edges": [_edge(regulation, lineage, edge) for edge in edges_of(lineage)],
        "previous": _neighbour(regulation, before[-1] if before else None),
        "next": _neighbour(regulation, after[0] if after else None),
        "permalink": reverse("regulations:article", args=[regulation.code, lineage.code]),
        "in_text": reverse("regulations:version", args=[regulation.code, shown.key]) + "#" + anchor(provision.path),
        "crumbs": [*about["crumbs"], {"label": label, "url": ""}],
    }
    return render(request, "regulations/article.html", context)


def _neighbour(regulation: Regulation, provision: Provision | None) -> dict[str, str] | None:
    if provision is None or provision.lineage is None:
        return None
    url = reverse("regulations:article", args=[regulation.code, provision.lineage.code])
    return {"label": article_label(provision), "url": url}


def _edge(regulation: Regulation, lineage: Lineage, edge: LineageEdge) -> dict[str, str]:
    outwards = edge.source_id == lineage.pk
    other = edge.target if outwards else edge.source
    texts = {
        ("split", True): _("其中一部分后来单独成条"),
        ("split", False): _("从另一条中分出"),
        ("merged", True): _("后来并入另一条"),
        ("merged", False): _("另一条后来并入本条"),
    }
    return {
        "text": texts.get((edge.kind, outwards), edge.get_kind_display()),
        "url": reverse("regulations:article", args=[other.regulation.code, other.code]),
    }
