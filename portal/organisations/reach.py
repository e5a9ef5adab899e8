"""The form fields by which staff say who may see a row: everybody, those signed in, or the owner and what is below it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.organisations.domain.audiences import members_audience, organisation_audience, public_audience
from portal.organisations.models import Audience

_SECRECY = [
    (0, gettext_lazy("0 级（普通）")),
    (1, gettext_lazy("1 级")),
    (2, gettext_lazy("2 级")),
    (3, gettext_lazy("3 级")),
]
_REACH = [
    ("public", gettext_lazy("公开（所有人）")),
    ("members", gettext_lazy("全体登录人员")),
    ("organisation", gettext_lazy("责任组织及其下级")),
]


class ReachMixin(forms.Form):
    """Fields `reach` and `secrecy` for a model form of a row with `audience`, `secrecy` and `owner_organisation`."""

    reach = forms.ChoiceField(label=gettext_lazy("可见范围"), choices=_REACH)
    secrecy = forms.TypedChoiceField(label=gettext_lazy("级别"), choices=_SECRECY, coerce=int, initial=0)

    def offer_present_reach(self, row: Any) -> None:
        """Begin with what the row has; an audience that is none of the three can be kept."""
        known = {public_audience().pk: "public", members_audience().pk: "members"}
        if row.owner_organisation:
            known[organisation_audience(row.owner_organisation).pk] = "organisation"
        if row.audience_id not in known:
            self.fields["reach"].choices = [("kept", _("保持现在的范围")), *_REACH]  # type: ignore[attr-defined]
        self.initial["reach"] = known.get(row.audience_id, "kept")
        self.initial["secrecy"] = row.secrecy

    def check_reach(self, data: dict[str, Any]) -> None:
        """Refuse the owner's reach where no owner is chosen. For `clean`."""
        if "owner_organisation" in self.errors:
            return
        if data.get("reach") == "organisation" and not data.get("owner_organisation"):
            self.add_error("reach", _("选择“责任组织及其下级”时需要先选责任组织。"))

    def chosen_audience(self, data: dict[str, Any]) -> Audience | None:
        """The audience that was chosen, None to keep the present one."""
        if data["reach"] == "organisation":
            return organisation_audience(data["owner_organisation"])
        if data["reach"] == "kept":
            return None
        return members_audience() if data["reach"] == "members" else public_audience()
