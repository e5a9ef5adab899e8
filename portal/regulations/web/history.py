"""The course of a work in time, and its place among others."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ground.clock import today
from portal.ground.rights import open_to_all
from portal.ground.suppliers import viewer_of
from portal.regulations.domain.citations.showing import citing_works
from portal.regulations.domain.graph import drawing_of
from portal.regulations.domain.queries import published_versions, related_works
from portal.regulations.domain.status import version_to_show
from portal.regulations.domain.timeline import timeline_of
from portal.regulations.models import Regulation
from portal.regulations.web.about import about, crumbs, work_of
from portal.regulations.web.work import relation_names


def _stand(regulation: Regulation) -> dict[str, object]:
    versions = published_versions(regulation)
    shown = version_to_show(versions, today())
    if shown is None:
        raise Http404
    return {**about(regulation, versions, shown, today()), "versions": versions}


@require_safe
@open_to_all
def timeline(request: HttpRequest, code: str) -> HttpResponse:
    """All dates of a work with their sources."""
    regulation = work_of(request, code)
    context = _stand(regulation)
    context["moments"] = timeline_of(regulation, context["versions"], viewer_of(request.user), today())
    context["crumbs"] = crumbs(regulation, _("时间线"))
    return render(request, "regulations/timeline.html", context)


@require_safe
@open_to_all
def relations(request: HttpRequest, code: str) -> HttpResponse:
    """What a work does to others and others to it: drawn, and as a list."""
    regulation = work_of(request, code)
    viewer = viewer_of(request.user)
    works = related_works(regulation, viewer)
    names = relation_names()
    groups = [(name, [one for one in works if (one.kind, one.inwards) == key]) for key, name in names.items()]
    context = {
        **_stand(regulation),
        "drawing": drawing_of(works, names) if works else None,
        "groups": [(name, found) for name, found in groups if found],
        "citing": citing_works(regulation, viewer),
        "crumbs": crumbs(regulation, _("关系图")),
    }
    return render(request, "regulations/relations.html", context)
