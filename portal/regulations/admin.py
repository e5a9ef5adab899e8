"""Regulations in the administration: import with a preview, edit the work, publish, withdraw. Rules are in `domain`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.permissions import register_permission_policy

from portal.ground.rights import may
from portal.organisations.admin_base import (
    OrganisationScopedPolicy,
    ScopedEditView,
    ScopedIndexView,
    ScopedModelViewSet,
    own_organisations,
)
from portal.organisations.admin_gate import admin_routes, only
from portal.organisations.reach import ReachMixin
from portal.records.domain.sealing import versions_of
from portal.regulations import admin_links, admin_structure, admin_workflow
from portal.regulations.admin_reach import (
    EDIT,
    PUBLISH,
    keeps_common_rules,
    may_publish,
)
from portal.regulations.domain.changing import change_regulation
from portal.regulations.domain.importing import (
    EnteredDates,
    ImportRefused,
    Placement,
    import_regulation,
    known_versions,
)
from portal.regulations.domain.noting import SEALED_AS
from portal.regulations.domain.parsing import UnreadableSource
from portal.regulations.domain.sources import pasted_text, text_of
from portal.regulations.domain.standing import set_repeal
from portal.regulations.domain.status import in_order
from portal.regulations.models import Level, Regulation, RegulationVersion, Relation


class RegulationPolicy(OrganisationScopedPolicy):
    """The own subtree; laws without an owner for those who edit at the top."""

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> Any:
        own = super().instances_user_has_any_permission_for(user, actions)
        if not keeps_common_rules(user) or not self.user_has_any_permission(user, actions):
            return own
        return Regulation.objects.filter(Q(pk__in=own.values("pk")) | Q(owner_organisation__isnull=True))


class ImportForm(ReachMixin, WagtailAdminModelForm):
    """A file or a pasted text, first for a preview, then again as `text` to be stored."""

    source_doubts: Sequence[Any] = ()
    file = forms.FileField(
        label=gettext_lazy("文件"),
        required=False,
        help_text=gettext_lazy("Word（.docx）、网页、有文字的 PDF、Markdown 或文本文件。"),
        error_messages={"empty": gettext_lazy("文件是空的，没有可导入的内容。")},
    )
    pasted = forms.CharField(
        label=gettext_lazy("或粘贴全文"),
        required=False,
        strip=False,
        max_length=2_000_000,
        help_text=gettext_lazy("第一行是标题，每条另起一行；可从浏览器或 WPS 粘贴。"),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    text = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)
    file_name = forms.CharField(required=False, widget=forms.HiddenInput, max_length=500)
    level = forms.ChoiceField(
        label=gettext_lazy("效力级别"),
        choices=[("", gettext_lazy("按标题和题注判断")), *Level.choices],
        required=False,
    )
    issuer = forms.CharField(label=gettext_lazy("制定机关"), required=False, max_length=200)
    effective_on = forms.DateField(
        label=gettext_lazy("施行日期"),
        required=False,
        help_text=gettext_lazy("留空则按文本判断；文本没有写明时显示“待核”。"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    replace = forms.BooleanField(label=gettext_lazy("替换同一版本的另一份文本"), required=False)
    publish_now = forms.BooleanField(label=gettext_lazy("导入后立即发布"), required=False)

    field_order = ("file", "pasted", "owner_organisation", "reach", "secrecy", "level", "issuer", "effective_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner_organisation"]
        owner.queryset = own_organisations(self.for_user, EDIT)
        owner.required = not keeps_common_rules(self.for_user)
        if not may(self.for_user, PUBLISH):
            del self.fields["publish_now"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.check_reach(data)
        file = data.get("file")
        if file:
            data["file_name"] = file.name[:500]
            try:
                data["text"], self.source_doubts = text_of(file.read(), file.name)
            except UnreadableSource as refusal:
                self.add_error("file", str(refusal))
        elif data.get("pasted", "").strip():
            data["text"] = pasted_text(data["pasted"])
        if not data.get("text") and not self.errors:
            self.add_error("file", _("请选择要导入的文件。"))
        return data

    def bring_in(self, *, preview: bool) -> Any:
        """Import or preview what was given. Raises ImportRefused."""
        data = self.cleaned_data
        owner = data["owner_organisation"]
        publish_now = bool(data.get("publish_now")) and (owner is None or may(self.for_user, PUBLISH, owner))
        return import_regulation(
            data["text"],
            file_name=data["file_name"],
            placement=Placement(
                level=data["level"],
                issuer=data["issuer"],
                owner=owner,
                audience=None if preview else self.chosen_audience(data),
                secrecy=data["secrecy"],
            ),
            entered=EnteredDates(effective=data["effective_on"]),
            publish=publish_now,
            replace=data["replace"],
            preview=preview,
            actor=self.for_user,
        )

    class Meta:
        model = Regulation
        fields = ["owner_organisation"]


class RegulationForm(ReachMixin, WagtailAdminModelForm):
    """What is known of a work, apart from its text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner_organisation"]
        owner.queryset = own_organisations(self.for_user, EDIT)
        owner.required = not keeps_common_rules(self.for_user)
        for name in ("repealed_on", "review_on"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        self.offer_present_reach(self.instance)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.check_reach(data)
        self._repeal_changed = "repealed_on" in self.changed_data or "repeal_note" in self.changed_data
        if self._repeal_changed and not (data.get("repeal_note") or "").strip():
            self.add_error("repeal_note", _("修改时效状态需要写明依据或原因。"))
        return data

    def save(self, commit: bool = True) -> Regulation:
        regulation: Regulation = super().save(commit=False)
        on, note = regulation.repealed_on, regulation.repeal_note
        stored = Regulation.objects.get(pk=regulation.pk)
        regulation.repealed_on, regulation.repeal_note = stored.repealed_on, stored.repeal_note
        regulation.secrecy = self.cleaned_data["secrecy"]
        regulation.audience = self.chosen_audience(self.cleaned_data) or regulation.audience
        with transaction.atomic():
            change_regulation(regulation, actor=self.for_user)
            return set_repeal(regulation, on=on, note=note, actor=self.for_user) if self._repeal_changed else regulation

    class Meta:
        model = Regulation
        fields = ["title", "level", "issuer", "owner_organisation", "repealed_on", "repeal_note", "review_on"]


class RegulationIndexView(ScopedIndexView):
    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("title", label=gettext_lazy("标题"), get_url=self.get_edit_url),
            Column("get_level_display", label=gettext_lazy("效力级别")),
            Column("owner_organisation", label=gettext_lazy("责任组织")),
            DateColumn("updated_at", label=gettext_lazy("更新时间")),
        ]

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("owner_organisation").order_by("-updated_at", "pk")


class RegulationImportView(generic.CreateView):
    """First the preview with every doubt, then the import. What was typed stays."""

    template_name = "regulations/admin/import.html"
    page_title = gettext_lazy("导入法规制度")

    def form_valid(self, form: Any) -> HttpResponse:
        new_text = form.cleaned_data.get("file") or form.cleaned_data.get("pasted", "").strip()
        confirmed = "confirm" in self.request.POST and not new_text
        try:
            result = form.bring_in(preview=not confirmed)
        except ImportRefused as refusal:
            form.add_error("file", str(refusal))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)
        if confirmed:
            messages.success(
                self.request,
                _("已导入《%(title)s》%(key)s 版，共 %(articles)s 条。")
                % {"title": result.regulation.title, "key": result.key, "articles": result.law.articles},
            )
            return redirect("regulation:edit", result.regulation.pk)
        data = self.request.POST.copy()
        data["text"], data["file_name"] = form.cleaned_data["text"], form.cleaned_data["file_name"]
        data["pasted"] = ""
        self.form = self.get_form_class()(data, instance=self.model(), for_user=self.request.user)
        beside = known_versions(result.law.title, form.cleaned_data["owner_organisation"])
        return self.render_to_response(
            self.get_context_data(preview=result, beside=beside, source_doubts=form.source_doubts)
        )


class RegulationEditView(ScopedEditView):
    """The work, and its versions with what can be done with each."""

    template_name = "regulations/admin/edit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["versions"] = list(reversed(in_order(self.object.versions.all())))
        relations = self.object.relations_out.select_related("target").order_by("state", "kind", "pk")
        context["relations"] = relations.exclude(state=Relation.State.REJECTED)
        context["kinds"] = Relation.Kind.choices
        context["standing"] = versions_of(SEALED_AS, str(self.object.uid))
        context["may_publish"] = may_publish(self.request.user, self.object)
        return context


class RegulationViewSet(ScopedModelViewSet):
    """Works, for whoever may edit regulations, within the own subtree."""

    model = Regulation
    right = EDIT
    icon = "clipboard-list"
    menu_label = gettext_lazy("法规制度")
    menu_name = "regulations"
    add_to_admin_menu = True
    menu_order = 250
    search_fields = ("title",)
    search_backend_name = None
    form_fields = ("title",)
    index_view_class = RegulationIndexView
    add_view_class = RegulationImportView
    edit_view_class = RegulationEditView
    add_template_name = "regulations/admin/import.html"
    edit_template_name = "regulations/admin/edit.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        register_permission_policy(Regulation, RegulationPolicy(Regulation, EDIT, self.path_field))
        of_versions = [
            self.get_url_name(name)
            for name in (
                "publish_version",
                "withdraw_version",
                "submit_version",
                "return_version",
                "dates",
                "structure",
                "links",
                "change_links",
                "settle",
            )
        ]
        admin_routes(of_versions, EDIT, only("pk", self._versions_of))
        admin_routes([self.get_url_name("decide")], EDIT, only("pk", self._relations_of))
        admin_routes([self.get_url_name(name) for name in ("relate", "reviewed")], EDIT, only("pk", self._rows_of))

    def _versions_of(self, user: Any) -> QuerySet[RegulationVersion]:
        return RegulationVersion.objects.filter(regulation__in=self._rows_of(user))

    def _relations_of(self, user: Any) -> QuerySet[Relation]:
        return Relation.objects.filter(source__in=self._rows_of(user))

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return RegulationForm if for_update else ImportForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("versions/<int:pk>/publish/", admin_workflow.publish_version, name="publish_version"),
            path("versions/<int:pk>/withdraw/", admin_workflow.withdraw_version, name="withdraw_version"),
            path("versions/<int:pk>/structure/", admin_structure.structure, name="structure"),
            path("versions/<int:pk>/links/", admin_links.links, name="links"),
            path("versions/<int:pk>/links/change/", admin_links.change_links, name="change_links"),
            path("versions/<int:pk>/settle/", admin_structure.settle, name="settle"),
            path("versions/<int:pk>/submit/", admin_workflow.submit_version, name="submit_version"),
            path("versions/<int:pk>/return/", admin_workflow.return_version, name="return_version"),
            path("versions/<int:pk>/dates/", admin_workflow.dates, name="dates"),
            path("works/<int:pk>/relate/", admin_workflow.relate, name="relate"),
            path("works/<int:pk>/reviewed/", admin_workflow.reviewed, name="reviewed"),
            path("relations/<int:pk>/decide/", admin_workflow.decide, name="decide"),
        ]
