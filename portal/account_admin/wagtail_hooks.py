"""Accounts in the administration: thin, the rules are in `domain`."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from portal.account_admin.domain.accounts import MANAGE
from portal.account_admin.web import views
from portal.ground.rights import may


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """`/admin/accounts/`."""
    return [
        path("accounts/", views.overview, name="account_admin_overview"),
        path("accounts/new/", views.open_account, name="account_admin_open"),
        path("accounts/<uuid:uid>/", views.one, name="account_admin_one"),
        path("accounts/<uuid:uid>/<slug:name>/", views.act, name="account_admin_act"),
    ]


class AccountsMenuItem(MenuItem):
    """Shown to those who manage accounts."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether this person does."""
        return may(request.user, MANAGE)


@hooks.register("register_admin_menu_item")
def menu_item() -> MenuItem:
    """Beside organisations and members."""
    return AccountsMenuItem(_("账号"), reverse("account_admin_overview"), name="accounts", icon_name="user", order=310)
