"""The form of an item."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plugins.bundled.disclosure.domain.flow import PROPOSE
from plugins.bundled.disclosure.models import Item
from portal.public import facts

SCOPES = [("organisation", _("本组织及下级")), ("members", _("全体登录人员")), ("public", _("所有人"))]


class ItemForm(forms.ModelForm):
    """An item as its proposer writes it: owner among the own organisations, audience as a scope in words."""

    scope = forms.ChoiceField(label=_("公开范围"), choices=SCOPES, widget=forms.RadioSelect, initial="organisation")

    class Meta:
        model = Item
        fields = ["title", "category", "period", "body", "owner_organisation", "publish_on", "expires_on"]
        widgets = {
            "publish_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "expires_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "body": forms.Textarea(attrs={"rows": 12}),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner_organisation"]
        owner.queryset = facts.organisations_in_charge(user, PROPOSE)
        owner.required = True
        if self.instance.pk is None and owner.queryset.count() == 1:
            owner.initial = owner.queryset.first()
        if self.instance.pk is not None:
            self.fields["scope"].initial = facts.scope_of(self.instance.audience_id)

    def save(self, commit: bool = True) -> Item:
        """Save with the audience that the scope names."""
        self.instance.audience_id = facts.audience_id_of_scope(
            self.cleaned_data["scope"], self.instance.owner_organisation_id
        )
        saved: Item = super().save(commit)
        return saved
