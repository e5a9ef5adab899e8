"""The plan of places."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portal.ground.rights import signed_in
from portal.organisations.domain.places import HEIGHT, WIDTH, plan_of, tops_to_choose
from portal.organisations.models import Organisation


@signed_in
@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """Where the organisations are, all or those below the one whose code is asked for."""
    code = request.GET.get("below", "").replace("\0", "").strip()[:40]
    below = Organisation.objects.current().filter(code=code).first() if code else None
    tops = tops_to_choose()
    if below is not None and below not in tops:
        tops.append(below)
    drawn = plan_of(below)
    scale = f"{drawn.scale_km:g} km" if drawn.scale_km >= 1 else f"{drawn.scale_km * 1000:g} m"
    context = {
        "plan": drawn,
        "width": f"{WIDTH:.0f}",
        "height": f"{HEIGHT:.0f}",
        "scale": scale,
        "scale_end": f"{40 + drawn.scale_length:.1f}",
        "below": below,
        "unknown": bool(code) and below is None,
        "tops": tops,
        "crumbs": [{"url": reverse("pages:branches"), "label": _("党支部")}, {"url": "", "label": _("分布图")}],
    }
    return render(request, "organisations/map.html", context)
