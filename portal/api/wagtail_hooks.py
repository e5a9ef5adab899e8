"""Tokens in the administration, beside the accounts."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from portal.account_admin.domain.accounts import MANAGE
from portal.api.web import administration
from portal.ground.rights import may


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """`/admin/api-tokens/`."""
    return [
        path("api-tokens/", administration.tokens, name="api_administration"),
        path("api-tokens/<uuid:uid>/revoke/", administration.revoke, name="api_administration_revoke"),
    ]


class TokensMenuItem(MenuItem):
    """Shown to those who manage accounts."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether this person does."""
        return may(request.user, MANAGE)


@hooks.register("register_admin_menu_item")
def menu_item() -> MenuItem:
    """After the accounts."""
    return TokensMenuItem(_("接口令牌"), reverse("api_administration"), name="api-tokens", icon_name="key", order=311)
