"""An article: for ever at its own address, or in one version."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ground.clock import today
from portal.ground.rights import open_to_all
from portal.ground.suppliers import Viewer, viewer_of
from portal.references.domain.citing import cited_by
from portal.regulations.domain.addresses import anchor, article_label
from portal.regulations.domain.asking import answered
from portal.regulations.domain.citations.showing import Citing, Link, citing_articles, linked_paragraphs, links_in
from portal.regulations.domain.exporting.texts import citation_of
from portal.regulations.domain.queries import (
    ArticleVersion,
    edges_of,
    history_of,
    neighbours_of,
    places_in,
    published_versions,
    visible_article,
)
from portal.regulations.domain.reading import paragraphs_of
from portal.regulations.domain.status import version_on, version_to_show
from portal.regulations.domain.terms import Marker, terms_of, with_terms
from portal.regulations.models import (
    DefinedTerm,
    Lineage,
    LineageEdge,
    Provision,
    Question,
    Regulation,
    RegulationVersion,
)
from portal.regulations.web.about import about, beside, crumbs, day_asked, work_of
from portal.regulations.web.remembering import remembered


@require_safe
@open_to_all
def article(request: HttpRequest, code: str, lineage: str) -> HttpResponse:
    """An article for ever: as it stands today or stood on the day `on`, or as it last stood, with its history."""
    found = visible_article(viewer_of(request.user), code, lineage)
    if found is None:
        raise Http404
    versions = _versions(request, found.regulation)
    history = _history(request, found, versions)
    if not history:
        raise Http404
    day, date_is_bad = day_asked(request.GET.get("on", ""))
    is_dated = bool(request.GET.get("on")) and not date_is_bad
    then = _in_version(history, version_on(versions, day)) if is_dated else None
    shown = then or _in_version(history, version_to_show(versions, today())) or history[-1]
    extra = {"date_is_bad": date_is_bad, "was_absent": is_dated and then is None, "asked_on": day if is_dated else None}
    return _show(
        request, found.regulation, versions, shown.version, shown.provision, found, history, "",
        day=day if then else None, extra=extra,
    )  # fmt: skip


def _versions(request: HttpRequest, regulation: Regulation) -> list[RegulationVersion]:
    return remembered(request, "versions", regulation.pk, make=lambda: published_versions(regulation))


def _history(request: HttpRequest, lineage: Lineage, versions: list[RegulationVersion]) -> list[ArticleVersion]:
    return remembered(request, "history", lineage.pk, make=lambda: history_of(lineage, versions))


def _in_version(history: list[ArticleVersion], version: RegulationVersion | None) -> ArticleVersion | None:
    return next((item for item in history if version is not None and item.version.pk == version.pk), None)


@require_safe
@open_to_all
def place(request: HttpRequest, code: str, key: str, place: str) -> HttpResponse:
    """A place in one version: art53, art53/p2/i3, an1/art3; a heading leads to its spot in the whole text."""
    regulation = work_of(request, code)
    versions = _versions(request, regulation)
    shown = next((one for one in versions if one.key == key), None)
    parts = place.strip("/").split("/")[:8]
    paths = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
    if shown is None or "\0" in place:
        raise Http404
    held = places_in(shown, paths)
    provision = next((held[path] for path in paths if path in held), None)
    if provision is None:
        raise Http404
    below = place.strip("/")[len(provision.path) :].strip("/")
    if below and below not in {paragraph.place for paragraph in paragraphs_of(provision.text, provision.line_kinds)}:
        raise Http404
    if provision.lineage is None:
        return HttpResponseRedirect(
            reverse("regulations:version", args=[regulation.code, shown.key]) + "#" + anchor(provision.path)
        )
    history = _history(request, provision.lineage, versions)
    return _show(request, regulation, versions, shown, provision, provision.lineage, history, below)


def _show(
    request: HttpRequest,
    regulation: Regulation,
    versions: list[RegulationVersion],
    shown: RegulationVersion,
    provision: Provision,
    lineage: Lineage,
    history: list[ArticleVersion],
    below: str,
    *,
    day: dt.date | None = None,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    """`day` is the one asked for; None is today."""
    viewer = viewer_of(request.user)
    around = remembered(
        request,
        "article",
        sorted(viewer.tokens),
        viewer.clearance,
        shown.pk,
        provision.pk,
        make=lambda: _around(viewer, regulation, shown, provision, lineage),
    )
    terms = around.terms
    stand = about(regulation, versions, shown, day or today())
    label = article_label(provision)
    uses = Marker(terms).uses_in(provision, around.chapters)
    terms_url = reverse("regulations:terms", args=[regulation.code]) + f"?version={shown.key}"
    permalink = reverse("regulations:article", args=[regulation.code, lineage.code])
    context = {
        **stand,
        "provision": provision,
        "lineage": lineage,
        "label": label,
        "paragraphs": linked_paragraphs(
            provision.text, with_terms(around.links, uses, terms_url), provision.line_kinds
        ),
        "terms": list({use.term.pk: use.term for use in uses}.values()),
        "terms_url": terms_url,
        "citation": citation_of(regulation, shown, request.build_absolute_uri(permalink)),
        "absolute_url": request.build_absolute_uri(permalink),
        "citing": around.citing,
        "cited_elsewhere": around.cited_elsewhere,
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
        "is_gone": stand["current"] is not None and all(i.version.pk != stand["current"].pk for i in history),
        "edges": [_edge(lineage, edge) for edge in around.edges],
        "previous": _neighbour(regulation, around.before, day),
        "next": _neighbour(regulation, around.after, day),
        "permalink": permalink,
        "today_url": permalink,
        "in_text": reverse("regulations:version", args=[regulation.code, shown.key]) + "#" + anchor(provision.path),
        "crumbs": crumbs(regulation, label),
        "answers": around.answers,
        **beside(request, regulation, lineage),
        **(extra or {}),
    }
    return render(request, "regulations/article.html", context)


@dataclasses.dataclass(frozen=True)
class _Around:
    """What a page shows around the words of an article, as one viewer may see it."""

    before: Provision | None
    after: Provision | None
    terms: list[DefinedTerm]
    chapters: dict[str, str]
    links: list[Link]
    citing: list[Citing]
    cited_elsewhere: list[Any]
    edges: list[LineageEdge]
    answers: list[Question]


def _around(
    viewer: Viewer, regulation: Regulation, shown: RegulationVersion, provision: Provision, lineage: Lineage
) -> _Around:
    before, after = neighbours_of(provision)
    terms = terms_of(shown)
    return _Around(
        before,
        after,
        terms,
        _chapters(shown, terms),
        links_in(shown, viewer, provision.path).get(provision.path, []),
        citing_articles(lineage, viewer),
        list(cited_by("article", lineage.uid, viewer)),
        edges_of(lineage),
        answered(regulation, lineage) if getattr(lineage, "has_answers", True) else [],
    )


def _chapters(shown: RegulationVersion, terms: list[Any]) -> dict[str, str]:
    """The headings above the articles that define something for their chapter only; seldom asked."""
    paths = [term.path for term in terms if term.scope == "chapter"]
    if not paths:
        return {}
    return dict(Provision.objects.filter(version=shown, path__in=paths).values_list("path", "heading_path"))


def _neighbour(regulation: Regulation, provision: Provision | None, day: dt.date | None) -> dict[str, str] | None:
    if provision is None or provision.lineage is None:
        return None
    url = reverse("regulations:article", args=[regulation.code, provision.lineage.code])
    return {"label": article_label(provision), "url": f"{url}?on={day}" if day else url}


def _edge(lineage: Lineage, edge: LineageEdge) -> dict[str, str]:
    outwards = edge.source_id == lineage.pk
    other = edge.target if outwards else edge.source
    texts = {
        ("split", True): _("其中一部分后来移到另一条"),
        ("split", False): _("一部分来自另一条"),
        ("merged", True): _("后来并入另一条"),
        ("merged", False): _("另一条后来并入本条"),
    }
    return {
        "text": texts.get((edge.kind, outwards), edge.get_kind_display()),
        "url": reverse("regulations:article", args=[other.regulation.code, other.code]),
    }
