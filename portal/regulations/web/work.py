"""A work and its versions in full."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ground.clock import today
from portal.ground.rights import open_to_all
from portal.ground.suppliers import Viewer, viewer_of
from portal.regulations.domain.addresses import anchor, article_label
from portal.regulations.domain.asking import answered
from portal.regulations.domain.citations.showing import Link, LinkedParagraph, citing_works, linked_paragraphs, links_in
from portal.regulations.domain.exporting.texts import citation_of
from portal.regulations.domain.parsing.tree import HEADING_KINDS
from portal.regulations.domain.queries import Related, provisions_of, published_versions, related_works
from portal.regulations.domain.status import version_on, version_to_show
from portal.regulations.domain.terms import Marker, terms_of, with_terms
from portal.regulations.models import DefinedTerm, Provision, Regulation, RegulationVersion
from portal.regulations.web.about import about, beside, day_asked, work_of


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


@require_safe
@open_to_all
def without_slash(request: HttpRequest, code: str) -> HttpResponse:
    """The address with a slash at its end leads to the one without, whether the work exists or not."""
    return HttpResponsePermanentRedirect(reverse("regulations:work", args=[code]))


@require_safe
@open_to_all
def work(request: HttpRequest, code: str) -> HttpResponse:
    """The text in force today, or on the date asked for by `on`."""
    regulation = work_of(request, code)
    versions = published_versions(regulation)
    day, date_is_bad = day_asked(request.GET.get("on", ""))
    is_dated = bool(request.GET.get("on")) and not date_is_bad
    shown = version_on(versions, day) if is_dated else None
    extra = {
        "date_is_bad": date_is_bad,
        "before_all": is_dated and shown is None,
        "asked_on": day if is_dated else None,
    }
    shown = shown or version_to_show(versions, day)
    return _show(request, regulation, versions, shown, day, extra)


@require_safe
@open_to_all
def version(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """One version, whatever its status."""
    regulation = work_of(request, code)
    versions = published_versions(regulation)
    shown = next((one for one in versions if one.key == key), None)
    return _show(request, regulation, versions, shown, today(), {})


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
    viewer = viewer_of(request.user)
    terms = terms_of(shown)
    pieces = _pieces(regulation, shown, viewer, terms)
    contents = [piece for piece in pieces if piece.kind in HEADING_KINDS or piece.kind == "annex"]
    context = {
        **about(regulation, versions, shown, day),
        "today_url": reverse("regulations:work", args=[regulation.code]),
        "pieces": pieces,
        "contents": contents,
        "terms": terms,
        "citing": citing_works(regulation, viewer),
        "citation": citation_of(regulation, shown, request.build_absolute_uri(f"/r/{regulation.code}@{shown.key}")),
        "related": _related(regulation, viewer),
        "articles": [piece for piece in pieces if piece.kind in ("article", "enumeration")] if not contents else [],
        "answers": answered(regulation),
        **beside(request, regulation, None),
        **extra,
    }
    return render(request, "regulations/work.html", context)


def _pieces(regulation: Regulation, shown: RegulationVersion, viewer: Viewer, terms: list[DefinedTerm]) -> list[Piece]:
    provisions = provisions_of(shown)
    links = links_in(shown, viewer)
    marker = Marker(terms)
    chapters = {provision.path: provision.heading_path for provision in provisions} if terms else {}
    url = reverse("regulations:terms", args=[regulation.code]) + f"?version={shown.key}"
    pieces = []
    for provision in provisions:
        inside = with_terms(links.get(provision.path, ()), marker.uses_in(provision, chapters), url)
        pieces.append(_piece(regulation, provision, inside))
    return pieces


def _piece(regulation: Regulation, provision: Provision, links: list[Link]) -> Piece:
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
        linked_paragraphs(provision.text, links, provision.line_kinds),
        url,
    )


def _related(regulation: Regulation, viewer: Viewer) -> list[tuple[str, list[Related]]]:
    """Related works under what they do, in the order people look for it."""
    works = related_works(regulation, viewer)
    groups = [(text, [w for w in works if (w.kind, w.inwards) == key]) for key, text in relation_names().items()]
    return [(text, found) for text, found in groups if found]


def relation_names() -> dict[tuple[str, bool], str]:
    """What a relation is called, by its kind and whether the other work does it to this one."""
    return {
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
