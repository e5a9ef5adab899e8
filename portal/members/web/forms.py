"""Forms over the table of fields."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ground.clock import today
from portal.members.domain.fields import CORRECTABLE, Field, Kind
from portal.members.domain.files import SHORTEST_REASON
from portal.members.domain.identity import UnreadableValue
from portal.members.models import Award
from portal.members.rights import EDIT
from portal.organisations.models import Member
from portal.organisations.web.picking import OrganisationField

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
REASON_ERROR = gettext_lazy("请用一句话写明理由，至少四个字；当事人能看到它。")


class ReasonForm(forms.Form):
    """Why: shown to the member."""

    reason = forms.CharField(
        label=gettext_lazy("理由"),
        min_length=SHORTEST_REASON,
        max_length=200,
        help_text=gettext_lazy("会连同您的姓名记入档案的查阅记录，本人看得到。"),
        error_messages={"required": REASON_ERROR, "min_length": REASON_ERROR},
    )


class ValueField(forms.CharField):
    """A text box or a choice that reads its value by the table of fields."""

    def __init__(self, field: Field, **kwargs: Any) -> None:
        self.kept = field
        widget: forms.Widget = forms.TextInput()
        if field.kind is Kind.DATE:
            widget = _DATE
        elif field.choices:
            widget = forms.Select(choices=[("", "—"), *field.choices])
        super().__init__(label=field.label, required=False, widget=widget, strip=True, max_length=200, **kwargs)

    def clean(self, value: Any) -> Any:
        """The value as `Field.read` gives it."""
        try:
            return self.kept.read(super().clean(value))
        except UnreadableValue as refusal:
            raise forms.ValidationError(str(refusal)) from None


class FileForm(ReasonForm):
    """All fields of a file. A covered one is left empty to stay as it is, since whoever edits may not see it."""

    def __init__(self, member: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        reason = self.fields.pop("reason")
        for field in CORRECTABLE:
            now = field.value_of(member)
            made = ValueField(field)
            if field.is_hidden:
                made.help_text = (
                    _("现为 %(covered)s，留空则不改动。") % {"covered": field.covered(now)} if now else _("尚未填写。")
                )
            else:
                made.initial = now
            self.fields[field.name] = made
        self.fields["reason"] = reason

    def values(self) -> dict[str, Any]:
        """What is to be set: everything open, and those covered ones that were typed."""
        found = {}
        for field in CORRECTABLE:
            value = self.cleaned_data[field.name]
            if field.is_hidden and value in ("", None):
                continue
            found[field.name] = value
        return found


class EnterForm(ReasonForm):
    """Somebody who has no file yet."""

    organisation = OrganisationField(right=EDIT, label=gettext_lazy("所在组织"))
    stage = forms.ChoiceField(label=gettext_lazy("人员类别"), choices=Member.Stage.choices, initial=Member.Stage.FULL)
    on = forms.DateField(label=gettext_lazy("来到本组织的日期"), widget=_DATE)
    is_another = forms.BooleanField(label=gettext_lazy("确认不是同一个人"), required=False)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].offer_to(user)
        self.initial.setdefault("on", today())
        for field in CORRECTABLE:
            self.fields[field.name] = ValueField(field)
        self.fields["name"].required = True
        self.order_fields(["name", "organisation", "stage", "on"])
        self.fields["reason"] = self.fields.pop("reason")
        if not self.data.get("is_another"):
            self.fields["is_another"].widget = forms.HiddenInput()

    def ask_whether_another(self, sentence: str) -> None:
        """Show the box to tick, with why."""
        self.fields["is_another"].widget = forms.CheckboxInput()
        self.add_error("is_another", sentence)
        self.order_fields([name for name in self.fields if name not in ("is_another", "reason")])

    def values(self) -> dict[str, Any]:
        """What is known of the person."""
        found = {field.name: self.cleaned_data[field.name] for field in CORRECTABLE}
        return {name: value for name, value in found.items() if value not in ("", None)}


class TransferForm(ReasonForm):
    """Another organisation."""

    to = OrganisationField(right=EDIT, label=gettext_lazy("转到哪个组织"))
    on = forms.DateField(label=gettext_lazy("日期"), widget=_DATE)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].offer_to(user)
        self.initial.setdefault("on", today())
        self.order_fields(["to", "on"])


class StageForm(ReasonForm):
    """Another stage."""

    stage = forms.ChoiceField(label=gettext_lazy("新的人员类别"))
    on = forms.DateField(label=gettext_lazy("日期"), widget=_DATE)

    def __init__(self, member: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = [pair for pair in Member.Stage.choices if pair[0] != member.stage]
        self.initial.setdefault("on", today())
        self.order_fields(["stage", "on"])


class CorrectionForm(forms.Form):
    """What a value should be, and why. `uid` is made by the page, so that sending twice is one request."""

    value = forms.CharField()
    reason = forms.CharField(
        label=gettext_lazy("说明"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("写明依据，例如以哪份证件或文件为准。"),
    )
    uid = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, field: Field, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        made = ValueField(field)
        made.label = _("%(field)s应为") % {"field": field.label}
        self.fields["value"] = made
        self.initial.setdefault("uid", uuid.uuid4())


class AwardForm(forms.ModelForm):
    """An award or a punishment."""

    uid = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label=gettext_lazy("名称"), max_length=200)

    class Meta:
        model = Award
        fields = ["kind", "title", "issuer", "happened_on"]
        widgets = {"happened_on": _DATE}

    def __init__(self, *args: Any, may_punish: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("uid", uuid.uuid4())
        if not may_punish:
            self.fields["kind"].choices = [(Award.Kind.AWARD.value, Award.Kind.AWARD.label)]

    def clean_happened_on(self) -> Any:
        """Not after today."""
        day = self.cleaned_data["happened_on"]
        if day > today():
            raise forms.ValidationError(_("这个日期在今天之后，请核对。"))
        return day


class ExportForm(ReasonForm):
    """What to export, and why."""

    file_format = forms.ChoiceField(
        label=gettext_lazy("格式"), choices=[("xlsx", "Excel (.xlsx)"), ("csv", "CSV (UTF-8)")]
    )
    in_full = forms.BooleanField(
        label=gettext_lazy("写出完整的证件号码、电话、出生日期和民族"),
        required=False,
        help_text=gettext_lazy("不选则这些内容以 * 遮盖。"),
    )

    def __init__(self, *args: Any, may_reveal: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_reveal:
            del self.fields["in_full"]


class UploadForm(forms.Form):
    """The table."""

    file = forms.FileField(
        label=gettext_lazy("表格文件"),
        help_text=gettext_lazy(".xlsx 或 .csv（UTF-8、GBK 均可），最大 50 MB、20 万行。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={"empty": gettext_lazy("文件是空的，没有可导入的内容。")},
    )
