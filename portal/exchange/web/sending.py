"""Making packages and fetching them."""

from __future__ import annotations

import io
import uuid

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.exchange.domain.sending import CannotSend, ask_package, fetch_package
from portal.exchange.models import SentPackage
from portal.exchange.rights import SEND
from portal.exchange.web.forms import SendForm
from portal.exchange.web.pages import crumbs
from portal.ground.exchange import kinds
from portal.ground.rights import confirmed_to_act, needs
from portal.members.domain.storing import StoredFileGone
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Organisation

PER_PAGE = 20


def _mine(request: HttpRequest):  # type: ignore[no-untyped-def]
    """Packages of subtrees in which this person may send."""
    within = within_paths(paths_where(request.user, SEND), "organisation__path")
    return SentPackage.objects.filter(within).select_related("partner", "organisation", "user")


@needs(SEND)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_to_act
def start(request: HttpRequest) -> HttpResponse:
    """Ask for a package; earlier ones stand below."""
    tops = paths_where(request.user, SEND)
    top = Organisation.objects.filter(path=tops[0]).first() if tops else Organisation.objects.filter(depth=1).first()
    form = SendForm(request.POST or None, initial={"organisation": top.code if top is not None else ""})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row = ask_package(data["partner"], data["organisation"], reason=data["reason"], user=request.user)
        except CannotSend as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("exchange:sent", row.uid)
    page = Paginator(_mine(request).order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "has_partners": form.fields["partner"].queryset.exists(),  # type: ignore[attr-defined]
        "page_obj": page,
        "packages": page.object_list,
    }
    return render(request, "exchange/send.html", context)


def _package_or_404(request: HttpRequest, uid: uuid.UUID) -> SentPackage:
    found = _mine(request).filter(uid=uid).first()
    if found is None:
        raise Http404
    return found


@needs(SEND)
@never_cache
@require_safe
def sent(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """How far a package is; asked again every two seconds by the page itself."""
    row = _package_or_404(request, uid)
    counts = [(kind.label, row.counts[kind.name]) for kind in kinds() if kind.name in row.counts]
    context = {"row": row, "counts": counts}
    if request.headers.get("HX-Request") == "true":
        return render(request, "exchange/parts/sent.html", context)
    context["crumbs"] = crumbs((_("导出数据包"), "exchange:send"), (str(row), ""))
    return render(request, "exchange/sent.html", context)


@needs(SEND)
@never_cache
@require_safe
def fetch(request: HttpRequest, uid: uuid.UUID) -> HttpResponseBase:
    """The file."""
    try:
        file = fetch_package(_package_or_404(request, uid), user=request.user)
    except StoredFileGone:
        raise Http404 from None
    return FileResponse(io.BytesIO(file.content), as_attachment=True, filename=file.name)
