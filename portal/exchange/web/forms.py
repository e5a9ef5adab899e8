"""Forms of this app."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.exchange.domain.keys import Card, UnreadableCard, read_card
from portal.exchange.models import Partner
from portal.organisations.models import Organisation


class OrganisationField(forms.CharField):
    """An organisation by its code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, strip=True, **kwargs)

    def clean(self, value: Any) -> Organisation | None:
        """The organisation, or None for nothing."""
        code = super().clean(value)
        if not code:
            return None
        found = Organisation.objects.filter(code=code).first() if "\x00" not in code else None
        if found is None:
            raise forms.ValidationError(_("没有这个编码的组织，请核对。"))
        return found


class NameForm(forms.Form):
    """How this site calls itself."""

    name = forms.CharField(label=gettext_lazy("本站名称"), max_length=120)


class PartnerForm(forms.Form):
    """A site from its card."""

    card = forms.CharField(
        label=gettext_lazy("对方的站点名片"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy("请对方在同一页面复制“本站名片”的整段文字，用任何方式带过来，原样粘贴。"),
    )
    relation = forms.ChoiceField(label=gettext_lazy("与本站的关系"), choices=Partner.Relation.choices)
    organisation = OrganisationField(
        label=gettext_lazy("对应组织的编码"),
        required=False,
        help_text=gettext_lazy("下级站点必填：只能收发这个组织及其下级的数据。上级站点不填。"),
    )

    def clean_card(self) -> Card:
        """The card read."""
        try:
            return read_card(self.cleaned_data["card"])
        except UnreadableCard as refusal:
            raise forms.ValidationError(str(refusal)) from None


class FingerprintForm(forms.Form):
    """The fingerprint as the other side reads it out."""

    fingerprint = forms.CharField(
        label=gettext_lazy("对方读出的指纹"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "请打电话给对方的系统管理员，由他读出自己页面上的指纹，照着录入。不要使用随名片一起收到的指纹。"
        ),
    )


class SendForm(forms.Form):
    """What to pack, for whom, and why."""

    partner = forms.ModelChoiceField(
        label=gettext_lazy("发给"), queryset=Partner.objects.none(), empty_label=gettext_lazy("请选择")
    )
    organisation = OrganisationField(
        label=gettext_lazy("范围：组织编码"),
        help_text=gettext_lazy("导出这个组织及其全部下级的组织、党员、职务和变动记录。"),
    )
    reason = forms.CharField(
        label=gettext_lazy("用途"),
        min_length=4,
        max_length=200,
        help_text=gettext_lazy("写入数据包；有关党员能在自己的查阅记录里看到。"),
        error_messages={"min_length": gettext_lazy("请用一句话写明用途，至少四个字；有关党员能看到它。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        confirmed = Partner.objects.filter(state=Partner.State.CONFIRMED).order_by("name")
        self.fields["partner"].queryset = confirmed  # type: ignore[attr-defined]


class UploadForm(forms.Form):
    """A package."""

    file = forms.FileField(
        label=gettext_lazy("数据包"),
        help_text=gettext_lazy("对方站点导出的 .zip 文件，最大 200 MB。"),
        widget=forms.FileInput(attrs={"accept": ".zip"}),
        error_messages={"empty": gettext_lazy("文件是空的，没有可导入的内容。")},
    )
