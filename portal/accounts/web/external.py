"""Signing in through an identity service of the unit: away, and back."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as open_session
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from portal.accounts.domain.identities import NotKnownHere, user_of_identity
from portal.accounts.external import oidc, tickets
from portal.accounts.external.people import ExternalPerson, ServiceFailed
from portal.accounts.web.gate import NEXT
from portal.accounts.web.sign_in import go_on, safe_next
from portal.ground.rights import open_to_all

log = logging.getLogger(__name__)
BACKEND = "portal.accounts.backends.ExternalBackend"
_AWAY = "accounts.away"


def _service(kind: str) -> Any:
    service = settings.IDENTITY_SERVICES.get(kind)
    if service is None or kind == "ldap":
        raise Http404
    return service


def _back(kind: str) -> str:
    """Our address that the service returns to: from the settings, never from what the request says its host is."""
    return settings.BASE_URL.rstrip("/") + reverse("accounts:external_back", args=[kind])


@open_to_all
@never_cache
def away(request: HttpRequest, kind: str) -> HttpResponse:
    """To the service. A link, because our content security policy lets no form lead to another host. Whoever makes somebody
    follow it from elsewhere gains nothing: that person signs in as the own self, in the own browser."""
    service = _service(kind)
    state = secrets.token_urlsafe(24)
    request.session[_AWAY] = {"kind": kind, "state": state, "next": safe_next(request)}
    try:
        if kind == "oidc":
            return oidc.send_away(request, service, _back(kind))
        return HttpResponseRedirect(tickets.away_address(service, _back(kind), state))
    except ServiceFailed:
        log.exception("an identity service failed")
        return _refuse(request, _("统一身份认证暂时不可用。请稍后再试，或用密码登录。"))


@open_to_all
@never_cache
def back(request: HttpRequest, kind: str) -> HttpResponse:
    """From the service: checked, matched with a user, signed in."""
    service = _service(kind)
    kept = request.session.pop(_AWAY, None)
    if not isinstance(kept, dict) or kept.get("kind") != kind:
        return _refuse(request, _("登录已中断，请重新开始。"))
    try:
        person = _person(request, service, kept["state"])
        user = user_of_identity(kind, person.subject, match=service.match, value=person.value)
    except ServiceFailed:
        log.warning("an identity service failed", exc_info=True)
        return _refuse(request, _("没有能够确认您的身份。请重新开始，或用密码登录。"))
    except NotKnownHere:
        return _refuse(
            request, _("您的身份已确认，但门户里没有可以这样登录的账号。请用密码登录，或联系本单位的安全管理员。")
        )
    request.sign_in_method = kind  # type: ignore[attr-defined]
    open_session(request, user, backend=BACKEND)
    request.session[NEXT] = kept["next"]
    return go_on(request, user)


def _person(request: HttpRequest, service: Any, state: str) -> ExternalPerson:
    if service.kind == "oidc":
        return oidc.person_from(request, service)
    if not constant_time_compare(request.GET.get("state", ""), state):
        raise ServiceFailed("the state is not the one we gave")
    return tickets.person_from(service, request.GET.dict(), _back(service.kind), state)


def _refuse(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("accounts:login")
