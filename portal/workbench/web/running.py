"""How the installation runs, for those who look after it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.ground.health import readings
from portal.ground.rights import needs
from portal.workbench.domain.health import NothingStopped, stopped, try_again, versions
from portal.workbench.rights import SEE_HEALTH


@needs(SEE_HEALTH.code)
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Every check, what was given up with its reason, and versions."""
    context = {"readings": readings(), "stopped": stopped(), "versions": versions()}
    return render(request, "workbench/health.html", context)


@needs(SEE_HEALTH.code)
@require_POST
def again(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Try something again that was given up."""
    try:
        try_again(request.user, kind, pk)
    except NothingStopped:
        messages.info(request, _("这一项已经不在搁置状态。"))
    except KeyError as error:
        raise Http404 from error
    else:
        messages.success(request, _("已重新排队。"))
    return redirect("workbench:health")
