"""Our own card, and the sites that we exchange with."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.exchange.domain.keys import own_card, rename_own_site
from portal.exchange.domain.partners import (
    WrongFingerprint,
    WrongPartner,
    WrongState,
    card_of,
    confirm_partner,
    end_partner,
    enter_partner,
)
from portal.exchange.models import Partner
from portal.exchange.rights import PARTNERS
from portal.exchange.web.forms import FingerprintForm, NameForm, PartnerForm
from portal.exchange.web.pages import crumbs
from portal.ground.rights import confirmed_to_act, needs


@needs(PARTNERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def partner_list(request: HttpRequest) -> HttpResponse:
    """Our card to hand over, and all sites; POST gives this site another name."""
    card = own_card()
    form = NameForm(request.POST or None, initial={"name": card.name})
    if request.method == "POST" and form.is_valid():
        rename_own_site(form.cleaned_data["name"], actor=request.user)
        messages.success(request, _("已改名；指纹不变。"))
        return redirect("exchange:partners")
    partners = Partner.objects.select_related("organisation").order_by("name")
    return render(request, "exchange/partners.html", {"card": card, "form": form, "partners": partners})


@needs(PARTNERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_to_act
def new(request: HttpRequest) -> HttpResponse:
    """Enter a site from its card."""
    form = PartnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            partner = enter_partner(
                data["card"], relation=data["relation"], organisation=data["organisation"], actor=request.user
            )
        except WrongPartner as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("exchange:partner", partner.uid)
    steps = crumbs((_("数据交换站点"), "exchange:partners"), (_("登记对方站点"), ""))
    return render(request, "exchange/partner_new.html", {"form": form, "crumbs": steps})


def _partner_or_404(uid: uuid.UUID) -> Partner:
    found = Partner.objects.select_related("organisation", "confirmed_by").filter(uid=uid).first()
    if found is None:
        raise Http404
    return found


@needs(PARTNERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_to_act
def partner(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One site; POST confirms it by the fingerprint that was read out. Until then the page does not show it."""
    found = _partner_or_404(uid)
    form = FingerprintForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            confirm_partner(found, form.cleaned_data["fingerprint"], actor=request.user)
        except WrongFingerprint:
            form.add_error(
                "fingerprint",
                _("与名片算出的指纹不同。请与对方逐组核对；仍不同，说明名片在途中被换过，请重新索取。"),
            )
        except WrongState:
            messages.info(request, _("这个站点刚刚已由别人处理。"))
            return redirect("exchange:partner", uid)
        else:
            messages.success(request, _("指纹一致，已确认；可以开始交换数据。"))
            return redirect("exchange:partner", uid)
    confirmed = found.state == Partner.State.CONFIRMED
    context = {
        "partner": found,
        "form": form,
        "fingerprint": card_of(found).fingerprint if confirmed else "",
        "crumbs": crumbs((_("数据交换站点"), "exchange:partners"), (found.name, "")),
    }
    return render(request, "exchange/partner.html", context, status=422 if form.errors else 200)


@needs(PARTNERS)
@require_POST
@confirmed_to_act
def end(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Trust a site no longer."""
    found = end_partner(_partner_or_404(uid), actor=request.user)
    messages.success(request, _("已停用“%(name)s”；要恢复，请重新登记名片并核对指纹。") % {"name": found.name})
    return redirect("exchange:partners")
