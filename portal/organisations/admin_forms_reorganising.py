"""Forms of merging and splitting: who and what goes where."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.organisations.admin_forms import ChangeForm, kind_choices, own_rows
from portal.organisations.domain.codes import next_code
from portal.organisations.domain.reorganising import NewOrganisation
from portal.organisations.models import Member, Organisation, subtree_filter

PARTS_AT_MOST = 6
PEOPLE_AT_MOST = 500


class MergeForm(ChangeForm):
    """Others merge with this one: into it, or all into a new one."""

    others = forms.ModelMultipleChoiceField(
        Organisation.objects.none(),
        label=gettext_lazy("与哪些组织合并"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    codes = forms.CharField(
        label=gettext_lazy("其他组织的编码"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("不在同一上级之下的，填写编码，用空格分开。"),
    )
    into = forms.ChoiceField(
        label=gettext_lazy("合并后"),
        choices=[("this", gettext_lazy("并入本组织")), ("new", gettext_lazy("成立一个新组织"))],
        initial="this",
        widget=forms.RadioSelect,
    )
    code = forms.CharField(label=gettext_lazy("新组织的编码"), max_length=40, required=False)
    name = forms.CharField(label=gettext_lazy("新组织的名称"), max_length=120, required=False)
    short_name = forms.CharField(label=gettext_lazy("新组织的简称"), max_length=40, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("新组织的类别"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.organisation
        siblings = own_rows(self.user).filter(subtree_filter(row.parent_path), depth=row.depth).exclude(pk=row.pk)
        self.fields["others"].queryset = siblings
        parent = row.get_parent()
        self.fields["kind"].choices = kind_choices(parent)
        self.initial.setdefault("kind", row.kind)
        self.initial.setdefault("code", next_code(row.kind, parent))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        others = {row.pk: row for row in data.get("others", [])}
        for code in re.split(r"[\s,，、;；]+", data.get("codes", "").strip()):
            if code:
                try:
                    row = self.own_organisation(code)
                except forms.ValidationError as error:
                    self.add_error("codes", error)
                else:
                    others[row.pk] = row
        if not others and not self.errors:
            self.add_error("others", _("请选择要合并的组织。"))
        if data.get("into") == "new" and not (data.get("code") and data.get("name") and data.get("kind")):
            self.add_error("name", _("成立新组织要填写编码、名称和类别。"))
        data["sources"] = list(others.values())
        return data

    @property
    def target(self) -> Organisation | NewOrganisation:
        """What it all becomes."""
        data = self.cleaned_data
        if data["into"] == "this":
            return self.organisation
        return NewOrganisation(data["code"], data["name"], data["kind"], data["short_name"])


class SplitForm(ChangeForm):
    """New organisations out of one, and who and what goes where. `parts` is how many new ones."""

    parts_choice = range(1, PARTS_AT_MOST + 1)

    stays = forms.ChoiceField(
        label=gettext_lazy("原组织"),
        choices=[("no", gettext_lazy("分完后撤销")), ("yes", gettext_lazy("保留，未分出的党员仍在原组织"))],
        initial="no",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, parts: int = 2, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = max(1, min(PARTS_AT_MOST, parts))
        row = self.organisation
        parent = row.get_parent()
        self.people = list(
            Member.objects.filter(organisation=row)
            .exclude(stage=Member.Stage.LEFT)
            .order_by("name", "pk")[: PEOPLE_AT_MOST + 1]
        )
        self.children = list(row.get_children().filter(ended_on__isnull=True))
        offered: list[str] = []
        for number in range(1, self.parts + 1):
            code = next_code(row.kind, parent, taken=offered)
            offered.append(code)
            labels = {"n": number}
            self.fields[f"code_{number}"] = forms.CharField(
                label=_("第 %(n)d 个组织的编码") % labels, max_length=40, initial=code
            )
            self.fields[f"name_{number}"] = forms.CharField(label=_("第 %(n)d 个组织的名称") % labels, max_length=120)
            self.fields[f"short_name_{number}"] = forms.CharField(
                label=_("第 %(n)d 个组织的简称") % labels, max_length=40, required=False
            )
            self.fields[f"kind_{number}"] = forms.ChoiceField(
                label=_("第 %(n)d 个组织的类别") % labels, choices=kind_choices(parent), initial=row.kind
            )
        places = [("", _("原组织")), *((str(n), _("第 %(n)d 个") % {"n": n}) for n in range(1, self.parts + 1))]
        for member in self.people[:PEOPLE_AT_MOST]:
            self.fields[f"member_{member.pk}"] = forms.ChoiceField(label=member.name, choices=places, required=False)
        for child in self.children:
            self.fields[f"organisation_{child.pk}"] = forms.ChoiceField(
                label=str(child), choices=places, required=False
            )
        self.order_fields([name for name in self.fields if name not in ChangeForm.base_fields])

    def clean(self) -> dict[str, Any]:
        if len(self.people) > PEOPLE_AT_MOST:
            raise forms.ValidationError(_("这里的党员超过 %(n)d 人，不能在页面上逐个分配。") % {"n": PEOPLE_AT_MOST})
        return super().clean() or self.cleaned_data

    @property
    def new_ones(self) -> list[NewOrganisation]:
        """The parts with their people and organisations."""
        data = self.cleaned_data

        def going(kind: str, number: int) -> list[int]:
            return [
                int(name.removeprefix(f"{kind}_"))
                for name, value in data.items()
                if name.startswith(f"{kind}_") and value == str(number)
            ]

        return [
            NewOrganisation(
                data[f"code_{n}"],
                data[f"name_{n}"],
                data[f"kind_{n}"],
                data[f"short_name_{n}"],
                members=going("member", n),
                organisations=going("organisation", n),
            )
            for n in range(1, self.parts + 1)
        ]
