"""References and lineage of one article by hand in the administration. Rules are in `domain.citations.by_hand`."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.ground.rights import needs
from portal.regulations.admin_reach import EDIT, version_to_edit
from portal.regulations.domain.citations.by_hand import (
    BadLink,
    draw_edge,
    link_words,
    restore_link,
    take_edge_away,
    unlink_by_hand,
)
from portal.regulations.domain.queries import provisions_of
from portal.regulations.domain.reading import paragraphs_of
from portal.regulations.models import Citation, LineageEdge, Provision, RegulationVersion


@needs(EDIT)
@require_safe
def links(request: HttpRequest, pk: int) -> HttpResponse:
    """The articles of a version; of the chosen one (`path`) its text, references and edges."""
    version = version_to_edit(request.user, pk)
    provisions = [one for one in provisions_of(version) if one.lineage_id and one.text]
    path = request.GET.get("path", "")
    shown = next((one for one in provisions if one.path == path), provisions[0] if provisions else None)
    if shown is None:
        raise Http404
    return render(request, "regulations/admin/links.html", _context(version, provisions, shown) | {"sent": {}})


def _context(version: RegulationVersion, provisions: list[Provision], shown: Provision) -> dict[str, Any]:
    citations = (
        Citation.objects.filter(version=version, source_path=shown.path).select_related("target").order_by("start")
    )
    edges = LineageEdge.objects.select_related("source", "target")
    return {
        "version": version,
        "regulation": version.regulation,
        "page_title": _("引用和沿革"),
        "provisions": provisions,
        "shown": shown,
        "paragraphs": paragraphs_of(shown.text, shown.line_kinds),
        "citations": citations,
        "edges_in": _with_labels(edges.filter(target=shown.lineage_id)),
        "edges_out": _with_labels(edges.filter(source=shown.lineage_id)),
        "others": list(version.regulation.versions.exclude(pk=version.pk)),
        "kinds": LineageEdge.Kind.choices,
    }


def _with_labels(edges: Any) -> list[dict[str, Any]]:
    found = []
    for edge in edges:
        ends = Provision.objects.filter(lineage__in=(edge.source_id, edge.target_id)).select_related("version")
        labels = {one.lineage_id: f"{one.version.key} {one.label or one.path}" for one in ends.order_by("version__key")}
        found.append(
            {"edge": edge, "source": labels.get(edge.source_id, "—"), "target": labels.get(edge.target_id, "—")}
        )
    return found


def _back(version: RegulationVersion, path: str) -> HttpResponse:
    return redirect(f"{reverse('regulation:links', args=[version.pk])}?{urlencode({'path': path})}")


@needs(EDIT)
@require_POST
def change_links(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link or an edge, take one away, bring one back: `act` says which."""
    version = version_to_edit(request.user, pk, writing=True)
    sent = request.POST
    path, act, number = sent.get("path", ""), sent.get("act", ""), sent.get("id", "")
    key = int(number) if number.isdigit() else 0
    try:
        if act == "link":
            turn = int(sent["turn"]) if sent.get("turn", "").isdigit() else 1
            link_words(
                version, path, sent.get("words", ""), sent.get("title", ""), sent.get("place", ""), turn=turn,
                actor=request.user,
            )  # fmt: skip
        elif act in ("unlink", "relink"):
            citation = get_object_or_404(Citation, pk=key, version=version)
            (unlink_by_hand if act == "unlink" else restore_link)(citation, actor=request.user)
        elif act == "edge":
            draw_edge(
                version, path, sent.get("other", ""), sent.get("place", ""), sent.get("kind", ""), actor=request.user
            )
        elif act == "unedge":
            edges = LineageEdge.objects.filter(source__regulation=version.regulation_id)
            take_edge_away(get_object_or_404(edges, pk=key), actor=request.user)
        else:
            raise BadLink(_("没有看懂要做的改动，什么都没有改。"))
    except BadLink as refusal:
        messages.error(request, str(refusal))
        provisions = [one for one in provisions_of(version) if one.lineage_id and one.text]
        shown = next((one for one in provisions if one.path == path), None)
        if shown is None:
            return _back(version, "")
        context = _context(version, provisions, shown) | {"sent": sent.dict()}
        return render(request, "regulations/admin/links.html", context, status=422)
    messages.success(request, _("已保存。再次读取引用时，人工的改动不会丢。"))
    return _back(version, path)
