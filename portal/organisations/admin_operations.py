"""The operations on an organisation in the administration, each shown before it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from portal.ground.rights import needs
from portal.organisations import admin_forms as register_forms
from portal.organisations.admin_forms import MANAGE, own_rows
from portal.organisations.admin_forms_leaders import AppointForm, ElectForm, RelieveForm
from portal.organisations.admin_forms_reorganising import MergeForm, SplitForm
from portal.organisations.admin_pages import SHOWN, free_to_place, page
from portal.organisations.domain import consequences
from portal.organisations.domain.consequences import Consequences
from portal.organisations.domain.refusals import Refused
from portal.organisations.domain.reorganising import merge_organisations, split_organisation
from portal.organisations.domain.terms import appoint, elect, relieve
from portal.organisations.domain.tree import (
    describe_organisation,
    dissolve_organisation,
    found_organisation,
    move_organisation,
    reclassify_organisation,
    rename_organisation,
)
from portal.organisations.models import Organisation, Post


class Operation(View):
    """One operation: a form, then what it would change, then the deed. The first sending is carried out and taken back, so that
    every refusal shows before the question."""

    title: Any = ""
    verb: Any = gettext_lazy("确认办理")
    done: Any = gettext_lazy("已办理。")
    form_class: type[forms.Form]
    changes_place = False
    listed = True

    def row_for(self, request: HttpRequest, pk: int) -> Organisation:
        """The organisation, in the own subtree and standing. Raises Http404."""
        row: Organisation = get_object_or_404(own_rows(request.user), pk=pk)
        if self.changes_place and not free_to_place(request.user, row):
            raise Http404
        return row

    def form_for(self, request: HttpRequest, row: Organisation | None, data: Any = None) -> Any:
        """The form, filled with `data` or with what the address says."""
        known = {name: value for name, value in request.GET.items() if name in ("to",)}
        return self.form_class(data, organisation=row, user=request.user, initial=known)

    def act(self, form: Any, row: Any) -> Organisation:
        """Do it. Raises Refused. Gives the organisation to show afterwards."""
        raise NotImplementedError

    def changes(self, form: Any, row: Any) -> Consequences | None:
        """What it would change, asked before it is done."""
        return None

    def summary(self, form: Any, row: Any) -> list[tuple[str, str]]:
        """What will be, in words: pairs of what and how."""
        return []

    def get(self, request: HttpRequest, pk: int | None = None, **more: Any) -> HttpResponse:
        """The form."""
        row = self.row_for(request, pk) if pk is not None else None
        return self.show(request, row, self.form_for(request, row))

    def post(self, request: HttpRequest, pk: int | None = None, **more: Any) -> HttpResponse:
        """The question, or the deed."""
        row = self.row_for(request, pk) if pk is not None else None
        form = self.form_for(request, row, request.POST)
        if not form.is_valid() or "back" in request.POST:
            return self.show(request, row, form)
        asked = None if "confirm" in request.POST else self.changes(form, row)
        try:
            with transaction.atomic():
                shown = self.act(form, row)
                if "confirm" not in request.POST:
                    transaction.set_rollback(True)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.show(request, row, form)
        if "confirm" not in request.POST:
            return self.ask(request, row, form, asked)
        messages.success(request, self.done)
        return redirect(SHOWN, shown.pk)

    def show(self, request: HttpRequest, row: Organisation | None, form: Any) -> HttpResponse:
        """The page with the form."""
        return page(
            request, "operation.html", str(self.title), organisation=row, form=form, multipart=form.is_multipart()
        )

    def ask(self, request: HttpRequest, row: Any, form: Any, asked: Consequences | None) -> HttpResponse:
        """The page with the question."""
        return page(
            request,
            "confirm.html",
            str(self.title),
            organisation=row,
            form=form,
            hidden=[field.as_hidden() for field in form],
            asked=asked,
            summary=[
                *self.summary(form, row),
                *([(_("日期"), form.cleaned_data["on"].isoformat())] if "on" in form.cleaned_data else []),
                *(
                    [(_("文号"), form.cleaned_data["document_number"])]
                    if form.cleaned_data.get("document_number")
                    else []
                ),
            ],
            verb=self.verb,
        )


class Found(Operation):
    """Found an organisation below this one."""

    title = gettext_lazy("成立下级组织")
    done = gettext_lazy("新组织已成立。")
    form_class = register_forms.FoundForm

    def row_for(self, request: HttpRequest, pk: int) -> Organisation:
        """Below every kind that can have something below."""
        row = super().row_for(request, pk)
        if not register_forms.kind_choices(row):
            raise Http404
        return row

    def act(self, form: Any, row: Any) -> Organisation:
        data = form.cleaned_data
        change = form.change
        description = {name: data[name] for name in register_forms.FOUND_FIELDS}
        return found_organisation(
            code=data["code"],
            name=data["name"],
            short_name=data["short_name"],
            kind=data["kind"],
            parent=row,
            founded_on=change.pop("on"),
            **change,
            **description,
        )

    def summary(self, form: Any, row: Any) -> list[tuple[str, str]]:
        data = form.cleaned_data
        kind = Organisation.Kind(data["kind"]).label
        above = [(_("上级组织"), str(row))] if row is not None else []
        return [(_("名称"), data["name"]), (_("组织编码"), data["code"]), (_("类别"), str(kind)), *above]


class FoundRoot(Found):
    """Found the top of a tree of its own: superusers only."""

    title = gettext_lazy("成立最上级组织")
    listed = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_superuser:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class Rename(Operation):
    """Another name."""

    title = gettext_lazy("更名")
    done = gettext_lazy("已更名，原名称保留在沿革中。")
    form_class = register_forms.RenameForm

    def act(self, form: Any, row: Any) -> Organisation:
        data = form.cleaned_data
        return rename_organisation(row, name=data["name"], short_name=data["short_name"], **form.change)

    def summary(self, form: Any, row: Any) -> list[tuple[str, str]]:
        data = form.cleaned_data
        return [
            (_("名称"), f"{row.name} → {data['name']}"),
            (_("简称"), f"{row.short_name or '—'} → {data['short_name'] or '—'}"),
        ]


class Reclassify(Operation):
    """Another kind."""

    title = gettext_lazy("调整类别")
    done = gettext_lazy("类别已调整。")
    form_class = register_forms.ReclassifyForm

    def act(self, form: Any, row: Any) -> Organisation:
        return reclassify_organisation(row, kind=form.cleaned_data["kind"], **form.change)

    def summary(self, form: Any, row: Any) -> list[tuple[str, str]]:
        after = Organisation.Kind(form.cleaned_data["kind"]).label
        return [(_("类别"), f"{row.get_kind_display()} → {after}")]


class Move(Operation):
    """Another superior."""

    title = gettext_lazy("移动到…")
    verb = gettext_lazy("确认移动")
    done = gettext_lazy("隶属关系已调整。")
    form_class = register_forms.MoveForm
    changes_place = True

    def act(self, form: Any, row: Any) -> Organisation:
        return move_organisation(row, form.cleaned_data["to"], **form.change)

    def changes(self, form: Any, row: Any) -> Consequences:
        return consequences.of_moving(row, form.cleaned_data["to"])

    def summary(self, form: Any, row: Any) -> list[tuple[str, str]]:
        return [(_("上级组织"), f"{row.get_parent() or '—'} → {form.cleaned_data['to']}")]


class Dissolve(Operation):
    """The end."""

    title = gettext_lazy("撤销")
    verb = gettext_lazy("确认撤销")
    done = gettext_lazy("组织已撤销，资料仍可查阅。")
    form_class = register_forms.DissolveForm
    changes_place = True

    def act(self, form: Any, row: Any) -> Organisation:
        return dissolve_organisation(row, **form.change)

    def changes(self, form: Any, row: Any) -> Consequences:
        return consequences.of_ending([row])


class Merge(Operation):
    """With others, into this one or a new one."""

    title = gettext_lazy("合并")
    verb = gettext_lazy("确认合并")
    done = gettext_lazy("已合并。")
    form_class = MergeForm
    changes_place = True

    def _sources(self, form: Any, row: Any) -> list[Organisation]:
        others = form.cleaned_data["sources"]
        return others if form.cleaned_data["into"] == "this" else [row, *others]

    def act(self, form: Any, row: Any) -> Organisation:
        for source in form.cleaned_data["sources"]:
            if not free_to_place(form.user, source):
                raise Refused(_("您不能撤销“%(name)s”，请由上级办理。") % {"name": source})
        return merge_organisations(self._sources(form, row), form.target, **form.change)

    def changes(self, form: Any, row: Any) -> Consequences:
        return consequences.of_ending(self._sources(form, row))

    def summary(self, form: Any, row: Any) -> list[tuple[str, str]]:
        sources = "、".join(str(source) for source in self._sources(form, row))
        return [(_("合并后撤销"), sources), (_("合并为"), getattr(form.target, "name", ""))]


class Split(Operation):
    """Into several."""

    title = gettext_lazy("分设")
    verb = gettext_lazy("确认分设")
    done = gettext_lazy("已分设。")
    form_class = SplitForm
    changes_place = True

    def form_for(self, request: HttpRequest, row: Organisation | None, data: Any = None) -> Any:
        asked = request.GET.get("parts", "2")
        parts = int(asked) if asked.isdecimal() and len(asked) < 3 else 2
        return self.form_class(data, organisation=row, user=request.user, parts=parts)

    def act(self, form: Any, row: Any) -> Organisation:
        made = split_organisation(row, form.new_ones, stays=form.cleaned_data["stays"] == "yes", **form.change)
        return made[0]

    def changes(self, form: Any, row: Any) -> Consequences | None:
        return consequences.of_ending([row]) if form.cleaned_data["stays"] == "no" else None

    def summary(self, form: Any, row: Any) -> list[tuple[str, str]]:
        return [
            (part.name, _("党员 %(m)d 名，下级组织 %(o)d 个") % {"m": len(part.members), "o": len(part.organisations)})
            for part in form.new_ones
        ]


class Elect(Operation):
    """A new term."""

    title = gettext_lazy("换届")
    done = gettext_lazy("新一届班子已登记。")
    form_class = ElectForm

    def act(self, form: Any, row: Any) -> Organisation:
        elect(row, form.cleaned_data["leaders"], until=form.cleaned_data["until"], **form.change)
        return row  # type: ignore[no-any-return]

    def summary(self, form: Any, row: Any) -> list[tuple[str, str]]:
        return [
            (str(Post.Kind(kind).label), f"{member.name}（{member.organisation}）")
            for member, kind in form.cleaned_data["leaders"]
        ]


class Appoint(Operation):
    """One more post."""

    title = gettext_lazy("增补职务")
    done = gettext_lazy("职务已登记。")
    form_class = AppointForm

    def act(self, form: Any, row: Any) -> Organisation:
        data = form.cleaned_data
        appoint(row, data["member"], data["kind"], on=data["on"], by=form.user)
        return row  # type: ignore[no-any-return]

    def summary(self, form: Any, row: Any) -> list[tuple[str, str]]:
        data = form.cleaned_data
        return [(str(Post.Kind(data["kind"]).label), f"{data['member'].name}（{data['member'].organisation}）")]


class Relieve(Operation):
    """The end of one post."""

    title = gettext_lazy("离任")
    done = gettext_lazy("离任已登记。")
    form_class = RelieveForm
    listed = False

    def _post(self, row: Any) -> Post:
        return get_object_or_404(Post.objects.select_related("member"), pk=self.kwargs["post"], organisation=row)

    def act(self, form: Any, row: Any) -> Organisation:
        relieve(self._post(row), on=form.cleaned_data["on"], by=form.user)
        return row  # type: ignore[no-any-return]

    def summary(self, form: Any, row: Any) -> list[tuple[str, str]]:
        post = self._post(row)
        return [(post.get_kind_display(), post.member.name)]


class Describe(Operation):
    """What has no history: done at once, there is nothing to ask."""

    title = gettext_lazy("修改资料")
    done = gettext_lazy("资料已保存。")
    form_class = register_forms.DescribeForm

    def form_for(self, request: HttpRequest, row: Organisation | None, data: Any = None) -> Any:
        return register_forms.DescribeForm(data, instance=row, user=request.user)

    def post(self, request: HttpRequest, pk: int | None = None, **more: Any) -> HttpResponse:
        if pk is None:
            raise Http404
        row = self.row_for(request, pk)
        form = self.form_for(request, row, request.POST)
        if not form.is_valid():
            return self.show(request, get_object_or_404(Organisation, pk=pk), form)
        describe_organisation(row, by=request.user, **form.cleaned_data)
        messages.success(request, self.done)
        return redirect(SHOWN, row.pk)


OPERATIONS: dict[str, type[Operation]] = {
    "found": Found,
    "describe": Describe,
    "elect": Elect,
    "appoint": Appoint,
    "rename": Rename,
    "reclassify": Reclassify,
    "move": Move,
    "split": Split,
    "merge": Merge,
    "dissolve": Dissolve,
}


def operation(kind: type[Operation]) -> Callable[..., HttpResponse]:
    """The view of an operation, asking for the right."""
    view: Callable[..., HttpResponse] = needs(MANAGE)(kind.as_view())
    return view
