"""Search in the administration: other words, pinned results, questions and answers. Rules are in `domain`."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.permissions import policy_registry

from portal.finding.domain import answers as acts
from portal.finding.domain.curating import (
    NotAWord,
    NotPinnable,
    checked_words,
    documents_seen,
    remove_pin,
    remove_synonym,
    save_pin,
    save_synonym,
)
from portal.finding.models import Answer, Pin, Synonym
from portal.finding.rights import APPROVE, CURATE, EDIT
from portal.ground.rights import may, needs
from portal.ground.suppliers import viewer_of
from portal.organisations.admin_base import (
    PlainViewSet,
    ScopedEditView,
    ScopedIndexView,
    ScopedModelViewSet,
    own_organisations,
)
from portal.organisations.admin_gate import admin_routes, only
from portal.organisations.domain.rights import may_site_wide
from portal.organisations.reach import ReachMixin


# --- other words ------------------------------------------------------------------------------------------------------
class SynonymForm(WagtailAdminModelForm):
    """A word and its others."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                checked_words(data["kind"], data["word"], data["others"], but=self.instance.pk)
            except NotAWord as refusal:
                self.add_error(refusal.field, str(refusal))
        return data

    def save(self, commit: bool = True) -> Synonym:
        return save_synonym(super().save(commit=False), actor=self.for_user)

    class Meta:
        model = Synonym
        fields = ["kind", "word", "others", "is_on", "note"]


class SynonymDeleteView(generic.DeleteView):
    def delete_action(self) -> None:
        remove_synonym(self.object, actor=self.request.user)


class SynonymViewSet(PlainViewSet):
    """Other words and short names: in use with the next query."""

    model = Synonym
    right = CURATE.code
    may_delete = True
    add_to_admin_menu = False
    icon = "tag"
    menu_label = gettext_lazy("近义词和简称")
    search_fields = ["word", "others"]
    search_backend_name = None
    list_filter = ["kind", "is_on"]
    delete_view_class = SynonymDeleteView
    list_display = ["word", "others", "get_kind_display", BooleanColumn("is_on", label=gettext_lazy("启用"))]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return SynonymForm


# --- pins -------------------------------------------------------------------------------------------------------------
class PinForm(WagtailAdminModelForm):
    """A query and the document that stands first for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        group = self.data.get("group") or self.initial.get("group") or ""
        seen = documents_seen([group], viewer_of(self.for_user)) if group else {}
        self.fields["group"].help_text = (
            _("现在选的是《%(title)s》。") % {"title": seen[group].data["title"]}
            if group in seen
            else _("请在“排序说明”里搜索，点结果旁的“置顶”，这里会自动填好。")
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            draft = Pin(pk=self.instance.pk, **{name: data[name] for name in self.Meta.fields})
            try:
                save_pin(draft, viewer=viewer_of(self.for_user), actor=None, check_only=True)
            except NotPinnable as refusal:
                self.add_error(refusal.field, str(refusal))
        return data

    def save(self, commit: bool = True) -> Pin:
        return save_pin(super().save(commit=False), viewer=viewer_of(self.for_user), actor=self.for_user)

    class Meta:
        model = Pin
        fields = ["query", "group", "starts_on", "ends_on", "place", "note"]


class PinCreateView(generic.CreateView):
    def get_initial_form_instance(self) -> Pin:
        return Pin(query=self.request.GET.get("query", "")[:100], group=self.request.GET.get("group", "")[:150])


class PinDeleteView(generic.DeleteView):
    def delete_action(self) -> None:
        remove_pin(self.object, actor=self.request.user)


class _Document(Column):
    """The title of the pinned document, for those who may see it."""

    def get_value(self, instance: Pin) -> str:
        return getattr(instance, "seen_title", "") or _("（您看不到这份内容，或它已不在）")


class PinIndexView(generic.IndexView):
    """The titles of one page of pins come from the index, as this person may see them."""

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        rows = list(context["object_list"])
        seen = documents_seen(list(dict.fromkeys(row.group for row in rows)), viewer_of(self.request.user))
        for row in rows:
            row.seen_title = seen[row.group].data["title"] if row.group in seen else ""
        return context

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("query", label=gettext_lazy("搜索词"), get_url=self.get_edit_url),
            _Document("document", label=gettext_lazy("内容")),
            DateColumn("starts_on", label=gettext_lazy("从")),
            DateColumn("ends_on", label=gettext_lazy("到（含）")),
            Column("place", label=gettext_lazy("次序")),
        ]


class PinViewSet(PlainViewSet):
    """Pinned results: who may not see a document never meets it."""

    model = Pin
    right = CURATE.code
    may_delete = True
    add_to_admin_menu = False
    icon = "thumbtack"
    menu_label = gettext_lazy("置顶结果")
    search_fields = ["query"]
    search_backend_name = None
    index_view_class = PinIndexView
    add_view_class = PinCreateView
    delete_view_class = PinDeleteView

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return PinForm


# --- questions and answers --------------------------------------------------------------------------------------------
class AnswerForm(ReachMixin, WagtailAdminModelForm):
    """A question with its answer and sources. Saving keeps a draft."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner_organisation"].queryset = own_organisations(self.for_user, EDIT.code)
        if self.instance.audience_id:
            self.offer_present_reach(self.instance)

    def clean_wordings(self) -> str:
        try:
            return acts.checked_wordings(self.cleaned_data["wordings"])
        except ValueError as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.check_reach(data)
        return data

    def save(self, commit: bool = True) -> Answer:
        answer: Answer = super().save(commit=False)
        answer.secrecy = self.cleaned_data["secrecy"]
        answer.audience = self.chosen_audience(self.cleaned_data) or answer.audience
        return acts.save_answer(answer, actor=self.for_user)

    class Meta:
        model = Answer
        fields = ["question", "wordings", "text", "sources", "owner_organisation"]
        widgets = {"wordings": forms.Textarea(attrs={"rows": 3}), "sources": forms.Textarea(attrs={"rows": 3})}


class AnswerIndexView(ScopedIndexView):
    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("question", label=gettext_lazy("问题"), get_url=self.get_edit_url),
            Column("get_state_display", label=gettext_lazy("状态")),
            Column("owner_organisation", label=gettext_lazy("责任组织")),
            DateColumn("changed_at", label=gettext_lazy("更新时间")),
        ]

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("owner_organisation").order_by("-changed_at", "-pk")


class AnswerCreateView(generic.CreateView):
    def get_initial_form_instance(self) -> Answer:
        return Answer(question=self.request.GET.get("question", "")[:120])

    def get_success_url(self) -> str:
        return reverse("answers:edit", args=[self.object.pk])


class AnswerEditView(ScopedEditView):
    """The answer, and what can be done with it now."""

    template_name = "finding/admin/answer.html"

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except acts.NotPossible as refusal:
            form.add_error(None, str(refusal))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)

    def get_success_url(self) -> str:
        return reverse("answers:edit", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        answer, user = self.object, self.request.user
        context["sources"] = acts.sources_of(answer, viewer_of(user))
        context["may_submit"] = answer.state == Answer.State.DRAFT
        may_decide = may(user, APPROVE.code, answer.owner_organisation)
        context["may_approve"] = answer.state == Answer.State.WAITING and may_decide and answer.author_id != user.pk
        context["may_withdraw"] = answer.state == Answer.State.APPROVED and may_decide
        return context


@needs(EDIT.code)
@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit, approve, return or withdraw an answer."""
    allowed = policy_registry.get_by_type(Answer).instances_user_has_permission_for(request.user, "change")
    rows = Answer.objects.select_related("owner_organisation", "author", "replaces").filter(pk__in=allowed.values("pk"))
    answer = get_object_or_404(rows, pk=pk)
    what = next((name for name in ("submit", "approve", "return", "withdraw") if name in request.POST), "")
    if what != "submit" and not may(request.user, APPROVE.code, answer.owner_organisation):
        raise PermissionDenied
    try:
        if what == "submit":
            acts.submit_answer(answer, actor=request.user)
            messages.success(request, _("已提交审核。"))
        elif what == "approve":
            acts.approve_answer(answer, actor=request.user)
            messages.success(request, _("已发布，搜索这个问题的人会先看到它。"))
        elif what == "return":
            acts.return_answer(answer, reason=request.POST.get("reason", ""), actor=request.user)
            messages.success(request, _("已退回给作者。"))
        elif what == "withdraw":
            acts.withdraw_answer(answer, actor=request.user)
            messages.success(request, _("已撤回，读者和搜索都不再看到它。"))
    except acts.NotPossible as refusal:
        messages.error(request, str(refusal))
    except acts.OwnWork:
        messages.error(request, _("自己写的问答须由他人审核。"))
    return redirect("answers:edit", answer.pk)


class AnswerViewSet(ScopedModelViewSet):
    """Questions and answers of the own subtree."""

    model = Answer
    right = EDIT.code
    icon = "help"
    menu_label = gettext_lazy("党务问答")
    add_to_admin_menu = False
    list_filter = ["state"]
    search_fields = ("question", "text")
    search_backend_name = None
    form_fields = ("question",)
    index_view_class = AnswerIndexView
    add_view_class = AnswerCreateView
    edit_view_class = AnswerEditView
    edit_template_name = "finding/admin/answer.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        admin_routes([self.get_url_name("act")], self.right, only("pk", self._rows_of))

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return AnswerForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [*super().get_urlpatterns(), path("<int:pk>/act/", act, name="act")]


# --- the menu ---------------------------------------------------------------------------------------------------------
class _RightItem(MenuItem):
    """Shown to those who hold a right; `site_wide` asks for it over the whole tree."""

    def __init__(self, *args: Any, right: str, site_wide: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.right, self.site_wide = right, site_wide

    def is_shown(self, request: HttpRequest) -> bool:
        return may_site_wide(request.user, self.right) if self.site_wide else may(request.user, self.right)


class SearchGroup(ViewSetGroup):
    """One entry for all that belongs to search."""

    items = (AnswerViewSet("answers"), SynonymViewSet("synonyms"), PinViewSet("pins"))
    menu_label = gettext_lazy("搜索与问答")
    menu_icon = "search"
    menu_order = 260

    def get_submenu_items(self) -> list[MenuItem]:
        pages = [
            _RightItem(_lazy, reverse(name), name=name, icon_name=icon, order=order, right=right, site_wide=wide)
            for _lazy, name, icon, order, right, wide in (
                (gettext_lazy("没有找到的词"), "finding_missing", "warning", 400, EDIT.code, False),
                (gettext_lazy("排序说明"), "finding_explain", "list-ol", 500, CURATE.code, True),
                (gettext_lazy("检索设置"), "finding_policy", "cogs", 600, CURATE.code, True),
            )
        ]
        return [*super().get_submenu_items(), *pages]
