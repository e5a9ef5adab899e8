"""Forms of leading bodies: names that a person types become members."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.organisations.admin_forms import ChangeForm, DateInput
from portal.organisations.models import Member, Post, subtree_filter


class _PeopleForm(ChangeForm):
    """Names of members of the organisation or below it become the members."""

    def members_named(self, field: str, text: str) -> list[Member]:
        """Each name (names divided by 、 or blanks; a namesake as 姓名@组织编码). Adds errors to `field`."""
        found: list[Member] = []
        here = subtree_filter(self.organisation.path, "organisation__path")
        for word in re.split(r"[\s,，、;；]+", text.strip()):
            if not word:
                continue
            name, _at, code = word.partition("@")
            people = Member.objects.filter(name=name).exclude(stage=Member.Stage.LEFT).select_related("organisation")
            if not self.organisation.is_league:
                people = people.filter(here)
            if code:
                people = people.filter(organisation__code=code)
            some = list(people[:5])
            if len(some) == 1:
                found += some
            elif some:
                where = "、".join(f"{name}@{one.organisation.code}（{one.organisation}）" for one in some)
                self.add_error(field, _("有几位%(name)s，请写明：%(where)s") % {"name": name, "where": where})
            else:
                self.add_error(field, _("本组织及其下级没有名叫%(name)s的党员。") % {"name": name[:60]})
        return found


class ElectForm(_PeopleForm):
    """A new term, and who holds which post in it."""

    until = forms.DateField(
        label=gettext_lazy("届满日期"),
        widget=DateInput,
        required=False,
        help_text=gettext_lazy("留空则按规定的任期计算。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Post.Kind:
            self.fields[f"post_{kind.value}"] = forms.CharField(label=kind.label, max_length=300, required=False)
        self.fields["post_secretary"].help_text = _("填写姓名，几个人用顿号分开；重名时写“姓名@组织编码”。")
        self.order_fields([name for name in self.fields if name not in ChangeForm.base_fields])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["leaders"] = [
            (member, kind.value)
            for kind in Post.Kind
            for member in self.members_named(f"post_{kind.value}", data.get(f"post_{kind.value}", ""))
        ]
        if not data["leaders"] and not self.errors:
            self.add_error("post_secretary", _("请至少填写一个人。"))
        return data


class AppointForm(_PeopleForm):
    """One more post within the running term."""

    kind = forms.ChoiceField(label=gettext_lazy("职务"), choices=Post.Kind.choices)
    person = forms.CharField(
        label=gettext_lazy("姓名"), max_length=100, help_text=gettext_lazy("重名时写“姓名@组织编码”。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["document_number"], self.fields["note"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        people = self.members_named("person", data.get("person", ""))
        if len(people) != 1 and not self.errors:
            self.add_error("person", _("请填写一个人的姓名。"))
        data["member"] = people[0] if len(people) == 1 else None
        return data


class RelieveForm(ChangeForm):
    """The end of a post."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["document_number"], self.fields["note"]
