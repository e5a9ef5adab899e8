"""Organisations and grants in the administration: thin, the rules are in `domain`. Members are kept in `portal.members`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.urls import Resolver404, URLPattern, path, resolve
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.viewsets.base import ViewSetGroup

from portal.ground.clock import today
from portal.organisations import admin_operations as operations
from portal.organisations import admin_register as register
from portal.organisations import admin_table as table
from portal.organisations.admin_base import ScopedModelViewSet
from portal.organisations.admin_gate import may_use
from portal.organisations.domain.grants import GRANT, GrantRefused, appoint, end_grant, refuse_unless_may_grant
from portal.organisations.models import DutiesConflict, Organisation, RoleGrant
from portal.organisations.web.picking import OrganisationField, PersonField

MANAGE = "organisations.manage"


class GrantForm(WagtailAdminModelForm):
    """A new grant, or another end of one that stands. Whom and where is typed: neither fits into a list to choose from."""

    user = PersonField(label=_("人员"))
    organisation = OrganisationField(right=GRANT, label=_("范围"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].offer_to(self.for_user)
        if self.instance.pk:
            self.initial |= {"user": self.instance.user, "organisation": self.instance.organisation}
            for name in ("user", "role", "organisation", "valid_from"):
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        parts = [data.get(name) for name in ("user", "role", "organisation")]
        if all(parts):
            try:
                refuse_unless_may_grant(self.for_user, *parts)
                RoleGrant(
                    pk=self.instance.pk,
                    user=parts[0],
                    role=parts[1],
                    valid_from=data.get("valid_from") or today(),
                    valid_to=data.get("valid_to"),
                ).refuse_conflicting_duties()
            except (GrantRefused, DutiesConflict) as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return data

    def save(self, commit: bool = True) -> Any:
        data = self.cleaned_data
        if self.instance.pk:
            return end_grant(self.for_user, self.instance, data["valid_to"])
        self.instance = appoint(
            self.for_user,
            data["user"],
            data["role"],
            data["organisation"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
        )
        return self.instance

    class Meta:
        model = RoleGrant
        fields = ["user", "role", "organisation", "valid_from", "valid_to"]


class OrganisationViewSet(ScopedModelViewSet):
    """The register: the tree instead of a list, operations instead of a form."""

    right = MANAGE
    path_field = "path"
    model = Organisation
    icon = "group"
    menu_label = _("党组织")
    search_fields = ["name", "short_name", "code"]
    url_prefix = "organisations"
    form_fields = ["introduction"]

    def get_urlpatterns(self) -> list[URLPattern]:
        one = [
            path(f"<int:pk>/{name}/", operations.operation(kind), name=name)
            for name, kind in operations.OPERATIONS.items()
        ]
        return [
            path("", register.tree, name="index"),
            path("new/", operations.operation(operations.FoundRoot), name="found_root"),
            path("import/", table.import_table, name="import"),
            path("import/<uuid:uid>/", table.import_run, name="import_run"),
            path("import/template/", table.import_template, name="template"),
            path("export/", table.export_table, name="export"),
            path("suggestions/", register.suggestions, name="suggestions"),
            path("<int:pk>/", register.detail, name="inspect"),
            path("edit/<int:pk>/", register.shown, name="edit"),
            path("<int:pk>/children/", register.children, name="children"),
            path("<int:pk>/posts/<int:post>/relieve/", operations.operation(operations.Relieve), name="relieve"),
            *one,
        ]


class GrantViewSet(ScopedModelViewSet):
    right = GRANT
    path_field = "organisation__path"
    model = RoleGrant
    icon = "key"
    menu_label = _("授权")
    list_display = ["user", "role", "organisation", "valid_from", "valid_to"]
    list_filter = ["role"]
    search_fields = ["user__username", "user__display_name"]
    url_prefix = "grants"

    def get_form_class(self, for_update: bool = False) -> type[GrantForm]:
        return GrantForm


class OrganisationGroup(ViewSetGroup):
    items = (OrganisationViewSet("organisations"), GrantViewSet("grants"))
    menu_label = _("组织与党员")
    menu_icon = "group"
    menu_order = 300


@hooks.register("register_admin_viewset")
def organisation_viewsets() -> OrganisationGroup:
    """Organisations and grants under one menu entry."""
    return OrganisationGroup()


@hooks.register("construct_main_menu", order=1000)
@hooks.register("construct_settings_menu", order=1000)
@hooks.register("construct_reports_menu", order=1000)
def leave_out_closed_places(request: Any, items: list[Any]) -> None:
    """No menu leads where the gate answers 403."""
    items[:] = [item for item in items if _leads_somewhere(request.user, str(getattr(item, "url", "") or ""))]


def _leads_somewhere(user: Any, url: str) -> bool:
    try:
        return not url.startswith("/") or may_use(user, resolve(urlsplit(url).path).view_name)
    except Resolver404:
        return True
