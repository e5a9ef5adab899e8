"""Forms of the register's operations: what a person types becomes what the domain takes."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ground.clock import today
from portal.organisations.domain.codes import next_code
from portal.organisations.domain.founding import CHILD_KINDS, ROOT_KINDS, check_new, check_position
from portal.organisations.domain.refusals import Refused
from portal.organisations.domain.reorganising import NewOrganisation
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Member, Organisation, Post, subtree_filter

MANAGE = "organisations.manage"
PARTS_AT_MOST = 6
PEOPLE_AT_MOST = 500
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
