"""Forms of the register's operations: what a person types becomes what the domain takes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ground.clock import today
from portal.organisations.domain.codes import next_code
from portal.organisations.domain.founding import CHILD_KINDS, ROOT_KINDS, check_new, check_position
from portal.organisations.domain.refusals import Refused
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Organisation

MANAGE = "organisations.manage"
FOUND_FIELDS = ("introduction", "address", "contact", "latitude", "longitude")


def own_rows(user: Any) -> Any:
    """The current organisations in which `user` may manage."""
    return Organisation.objects.current().filter(within_paths(paths_where(user, MANAGE), "path"))


def kind_choices(parent: Organisation | None) -> list[tuple[str, Any]]:
    """The kinds that can stand below `parent`."""
    allowed = ROOT_KINDS if parent is None else CHILD_KINDS[parent.kind]
    return [(kind.value, kind.label) for kind in Organisation.Kind if kind in allowed]


class DateInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class ChangeForm(forms.Form):
    """Date and document of an operation. `organisation` is what it is about, `user` who enters it."""

    on = forms.DateField(label=gettext_lazy("日期"), widget=DateInput)
    document_number = forms.CharField(
        label=gettext_lazy("文号"), max_length=80, help_text=gettext_lazy("批准这一变动的文件，如“甲党〔2026〕12号”。")
    )
    note = forms.CharField(label=gettext_lazy("说明"), max_length=500, required=False)

    def __init__(self, *args: Any, organisation: Organisation | None, user: Any, **kwargs: Any) -> None:
        self.organisation = organisation
        self.user = user
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", today())
        self.order_fields(
            [*(name for name in self.fields if name not in ChangeForm.base_fields), *ChangeForm.base_fields]
        )

    @property
    def change(self) -> dict[str, Any]:
        """What every operation of the domain takes."""
        data = self.cleaned_data
        return {
            "on": data["on"],
            "document_number": data["document_number"],
            "note": data["note"],
            "by": self.user,
        }

    def own_organisation(self, text: str) -> Organisation:
        """The organisation of the own subtree with this code, or this name when only one has it. Raises ValidationError."""
        wanted = text.strip().split(" ")[0] if text.strip() else ""
        rows = own_rows(self.user)
        found = list(rows.filter(code=wanted)[:1]) or list(
            rows.filter(Q(name=text.strip()) | Q(short_name=text.strip()))[:2]
        )
        if len(found) != 1:
            message = _("有几个组织叫“%(text)s”，请填写编码。") if found else _("没有找到“%(text)s”，请填写组织编码。")
            raise forms.ValidationError(message % {"text": text.strip()[:80]})
        return found[0]


class NewOrganisationFields(ChangeForm):
    """Code, name and kind of an organisation to be founded below `parent`."""

    code = forms.CharField(label=gettext_lazy("组织编码"), max_length=40)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=120)
    short_name = forms.CharField(label=gettext_lazy("简称"), max_length=40, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("类别"))

    def offer(self, parent: Organisation | None) -> None:
        """The kinds that fit, and the next free code."""
        choices = kind_choices(parent)
        self.fields["kind"].choices = choices
        if choices:
            self.initial.setdefault("kind", next((k for k, _label in choices if k == "branch"), choices[0][0]))
            self.initial.setdefault("code", next_code(self.initial["kind"], parent))


class FoundForm(NewOrganisationFields):
    """Found an organisation below `organisation` (None: at the top)."""

    address = forms.CharField(label=gettext_lazy("地址"), max_length=200, required=False)
    contact = forms.CharField(
        label=gettext_lazy("联系方式"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("办公电话或信箱，登录后可见；请勿填写个人手机号码。"),
    )
    latitude = forms.DecimalField(
        label=gettext_lazy("纬度"), min_value=-90, max_value=90, max_digits=8, decimal_places=6, required=False
    )
    longitude = forms.DecimalField(
        label=gettext_lazy("经度"), min_value=-180, max_value=180, max_digits=9, decimal_places=6, required=False
    )
    introduction = forms.CharField(label=gettext_lazy("简介"), widget=forms.Textarea(attrs={"rows": 4}), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(self.organisation)
        self.fields["on"].label = _("成立日期")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                check_new(data["code"], data["name"], data["short_name"], data["kind"], self.organisation)
                check_position(data["latitude"], data["longitude"])
            except Refused as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return data


class RenameForm(ChangeForm):
    """Another name."""

    name = forms.CharField(label=gettext_lazy("新名称"), max_length=120)
    short_name = forms.CharField(label=gettext_lazy("新简称"), max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("name", self.organisation.name)
        self.initial.setdefault("short_name", self.organisation.short_name)


class ReclassifyForm(ChangeForm):
    """Another kind."""

    kind = forms.ChoiceField(label=gettext_lazy("新类别"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.organisation.get_parent()
        self.fields["kind"].choices = [pair for pair in kind_choices(parent) if pair[0] != self.organisation.kind]


class MoveForm(ChangeForm):
    """Another superior, by code or name."""

    to = forms.CharField(
        label=gettext_lazy("新的上级组织"),
        max_length=160,
        help_text=gettext_lazy("填写编码或名称，输入时会给出候选。"),
        widget=forms.TextInput(attrs={"list": "register-places", "data-register-places": "", "autocomplete": "off"}),
    )

    def clean_to(self) -> Organisation:
        return self.own_organisation(self.cleaned_data["to"])


class DissolveForm(ChangeForm):
    """Nothing but date and document."""


class DescribeForm(forms.ModelForm):
    """What has no history."""

    class Meta:
        model = Organisation
        fields = ["introduction", "address", "contact", "latitude", "longitude", "attached_to"]
        widgets = {"introduction": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.is_league:
            self.fields["attached_to"].queryset = own_rows(user).exclude(kind__in=Organisation.LEAGUE_KINDS)
        else:
            del self.fields["attached_to"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "latitude" in data and "longitude" in data:
            try:
                check_position(data["latitude"], data["longitude"])
            except Refused as refusal:
                self.add_error("latitude", str(refusal))
        return data
