"""Organisations, members and grants in the administration: thin, the rules are in `domain`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.viewsets.base import ViewSetGroup

from portal.ground.clock import today
from portal.organisations.admin_base import ScopedModelViewSet, own_organisations
from portal.organisations.domain.grants import GRANT, GrantRefused, appoint, end_grant, refuse_unless_may_grant
from portal.organisations.domain.members import enter_member, move_member
from portal.organisations.domain.tree import CHILD_KINDS, found_organisation
from portal.organisations.models import DutiesConflict, Member, Organisation, RoleGrant

MANAGE = "organisations.manage"


class OrganisationForm(WagtailAdminModelForm):
    parent = forms.ModelChoiceField(Organisation.objects.none(), label=_("上级组织"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["parent"]
            self.fields["kind"].disabled = True
            self.fields["code"].disabled = True
        else:
            self.fields["parent"].queryset = own_organisations(self.for_user, MANAGE)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        parent, kind = data.get("parent"), data.get("kind")
        if not self.instance.pk and parent and kind and kind not in CHILD_KINDS[parent.kind]:
            self.add_error("kind", _("这一类组织不能设在所选上级之下（党委 – 党总支 – 党支部 – 党小组）。"))
        return data

    def save(self, commit: bool = True) -> Any:
        if self.instance.pk:
            return super().save(commit)
        self.instance = found_organisation(**self.cleaned_data)
        return self.instance

    class Meta:
        model = Organisation
        fields = ["code", "name", "short_name", "kind", "founded_on", "introduction"]


class MemberForm(WagtailAdminModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = own_organisations(self.for_user, MANAGE)

    def save(self, commit: bool = True) -> Any:
        organisation = self.cleaned_data["organisation"]
        if not self.instance.pk:
            self.instance = enter_member(**self.cleaned_data)
            return self.instance
        self.instance.organisation_id = self.initial["organisation"]
        member = super().save(commit)
        return move_member(member, organisation)

    def clean_organisation(self) -> Organisation:
        organisation = self.cleaned_data["organisation"]
        if organisation.ended_on:
            raise forms.ValidationError(_("该组织已撤销，不能再转入党员。"))
        return organisation

    class Meta:
        model = Member
        fields = ["name", "organisation", "stage", "joined_on"]


class GrantForm(WagtailAdminModelForm):
    """A new grant, or another end of one that stands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = own_organisations(self.for_user, GRANT)
        if self.instance.pk:
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


class Meta:
    model = RoleGrant
    fields = ["user", "role", "organisation", "valid_from", "valid_to"]


class OrganisationViewSet(ScopedModelViewSet):
    right = MANAGE
    path_field = "path"
    model = Organisation
    icon = "group"
    menu_label = _("党组织")
    list_display = ["name", "code", "kind", "founded_on", "ended_on"]
    list_filter = ["kind"]
    search_fields = ["name", "short_name", "code"]
    url_prefix = "organisations"

    def get_form_class(self, for_update: bool = False) -> type[OrganisationForm]:
        return OrganisationForm


class MemberViewSet(ScopedModelViewSet):
    right = MANAGE
    path_field = "organisation__path"
    model = Member
    icon = "user"
    menu_label = _("党员")
    list_display = ["name", "organisation", "stage", "joined_on"]
    list_filter = ["stage"]
    search_fields = ["name"]
    url_prefix = "members"

    def get_form_class(self, for_update: bool = False) -> type[MemberForm]:
        return MemberForm


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
    items = (OrganisationViewSet("organisations"), MemberViewSet("members"), GrantViewSet("grants"))
    menu_label = _("组织与党员")
    menu_icon = "group"
    menu_order = 300


@hooks.register("register_admin_viewset")
def organisation_viewsets() -> OrganisationGroup:
    """Organisations, members and grants under one menu entry."""
    return OrganisationGroup()
