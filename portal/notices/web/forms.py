"""Forms about notices."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portal.notices.channels import channels
from portal.notices.domain.notices import ForeignAddress, check
from portal.notices.kinds import declared_kinds
from portal.notices.models import Preferences
from portal.notices.rights import SEND
from portal.organisations.web.picking import OrganisationField


class PreferencesForm(forms.ModelForm):
    """Quiet hours, digest, language."""

    class Meta:
        model = Preferences
        fields = ["quiet_from", "quiet_to", "digest", "digest_at", "language"]
        widgets = {name: forms.TimeInput({"type": "time"}, "%H:%M") for name in ("quiet_from", "quiet_to", "digest_at")}
        help_texts = {
            "quiet_from": _("这段时间内不发送站外消息，结束后再发。开始与结束相同表示不设勿扰。"),
            "digest": _("站外消息不再逐条发送，每天到时间合成一条。"),
        }

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), "user"}


def chosen_in(data: QueryDict) -> list[tuple[str, str]]:
    """The pairs of kind and channel that are ticked in a posted table; anything unknown is left out."""
    known = {
        f"{kind.code}|{channel.code}": (kind.code, channel.code) for kind in declared_kinds() for channel in channels()
    }
    return [known[value] for value in data.getlist("wanted") if value in known]


class SendForm(forms.Form):
    """A notice to all members of an organisation."""

    organisation = OrganisationField(right=SEND.code, label=_("发给"))
    title = forms.CharField(label=_("标题"), max_length=200)
    text = forms.CharField(label=_("正文"), max_length=5000, required=False, widget=forms.Textarea({"rows": 6}))
    url = forms.CharField(
        label=_("链接"), max_length=500, required=False, help_text=_("本站内的地址，以 / 开头，例如 /a/xxxx/。")
    )
    uid = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organisation"]
        field.offer_to(user)
        self.initial.setdefault("organisation", field.choices.first())
        field.help_text = _(
            "填写编码、名称或拼音。该组织及其下级组织中有账号的全体党员都会收到；站外渠道只发送提示语，不含标题和正文。"
        )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        try:
            check("-", url)
        except ForeignAddress as error:
            raise forms.ValidationError(_("只能填写本站内的地址，以 / 开头。")) from error
        return url
