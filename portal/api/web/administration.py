"""The tokens of the accounts that an administrator looks after."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.account_admin.domain.accounts import MANAGE, accounts_within
from portal.api.domain.tokens import revoke_token
from portal.api.models import ApiToken
from portal.api.web.tokens import rows_of
from portal.ground.rights import needs

PER_PAGE = 50


def _within_reach(request: HttpRequest) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user__in=accounts_within(request.user).order_by().values("pk"))


@needs(MANAGE)
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """Who has tokens, for what, and when each was used."""
    query = request.GET.get("q", "").strip()[:100].replace("\x00", "")
    found = _within_reach(request).select_related("user")
    if query:
        found = found.filter(
            Q(user__username__icontains=query) | Q(user__display_name__icontains=query) | Q(name__icontains=query)
        )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": rows_of(list(page)), "query": query, "page_title": _("接口令牌")}
    return render(request, "api/administration.html", context)


@needs(MANAGE)
@require_POST
@never_cache
def revoke(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """End somebody's token. 404 for one outside the own subtrees, exactly as for an absent one."""
    token = get_object_or_404(_within_reach(request).select_related("user"), uid=uid)
    if revoke_token(request.user, token):
        messages.success(request, _("令牌已撤销。"))
    return redirect("api_administration")
