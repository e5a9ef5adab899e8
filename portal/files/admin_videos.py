"""Videos in the administration: upload, state and progress, the reason of a failure and a way on."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.permissions import policy_registry

from media_pipeline import limits, operations
from media_pipeline.intake import RefusedUpload, check_upload, receive
from media_pipeline.models import Asset
from portal.files.domain.videos import (
    StillUsed,
    accept_damaged_video,
    asset_of,
    attach_assets,
    change_video,
    enter_video,
    remove_video,
    retry_video,
)
from portal.files.models import Video
from portal.ground.rights import needs
from portal.organisations.admin_base import (
    ScopedDeleteView,
    ScopedEditView,
    ScopedIndexView,
    ScopedModelViewSet,
    own_organisations,
)
from portal.organisations.domain.rights import home_of
from portal.organisations.reach import ReachMixin

ADD = "files.add"
_SCRIPTS = ("files/video-admin.js",)


class VideoForm(ReachMixin, WagtailAdminModelForm):
    """The details of a video, and its file when it is new."""

    file = forms.FileField(
        label=gettext_lazy("视频文件"),
        widget=forms.ClearableFileInput(attrs={"accept": "video/*,.mkv,.flv,.ts,.avi,.wmv"}),
        error_messages={"empty": gettext_lazy("文件是空的（0 字节）。请确认文件已复制完整后重新选择。")},
    )
    description = forms.CharField(label=gettext_lazy("说明"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    asset: Asset
    field_order = ("file", "title", "description", "owner_organisation", "reach", "secrecy")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner_organisation"]
        owner.queryset = own_organisations(self.for_user, ADD)
        owner.required = True
        if self.instance.pk:
            del self.fields["file"]
            self.offer_present_reach(self.instance)
        else:
            home = home_of(self.for_user)
            owner.initial = home if home and owner.queryset.filter(pk=home.pk).exists() else owner.queryset.first()
            self.fields["file"].widget.attrs["data-upload-broken"] = _("上传中断，请检查网络后再次提交。")
            self.fields["file"].help_text = _(
                "支持 MP4、MOV、MKV、AVI、FLV、WMV、TS 等；单个文件不超过 %(limit)s。"
            ) % {"limit": limits.spoken_size(limits.max_source_bytes())}

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            check_upload(file)
        except RefusedUpload as refusal:
            raise forms.ValidationError(refusal.message, refusal.code) from None
        return file

    def save(self, commit: bool = True) -> Video:
        """Save; a new video is that of `asset`, which the view took in before it opened a transaction."""
        data = self.cleaned_data
        audience = self.chosen_audience(data)
        if not self.instance.pk:
            details = {name: data[name] for name in ("title", "description", "owner_organisation", "secrecy")}
            self.instance = enter_video(self.asset, audience=audience, uploaded_by=self.for_user, **details)
            return self.instance
        video: Video = super().save(commit=False)
        video.secrecy = data["secrecy"]
        if audience is not None:
            video.audience = audience
        change_video(video)
        return video

    class Media:
        js = _SCRIPTS

    class Meta:
        model = Video
        fields: ClassVar = ["title", "description", "owner_organisation", "secrecy"]


class StateColumn(Column):
    """State and progress, renewed by itself while work goes on."""

    cell_template_name = "files/video/state_cell.html"

    def get_cell_context_data(self, instance: Video, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        context |= {"video": instance, "asset": instance.asset, "state_url": reverse("video:state", args=[instance.pk])}  # type: ignore[attr-defined]
        return context


class VideoIndexView(ScopedIndexView):
    """The list: every row with its state."""

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("title", label=gettext_lazy("标题"), get_url=self.get_edit_url),
            StateColumn("state", label=gettext_lazy("状态")),
            Column("owner_organisation", label=gettext_lazy("责任组织")),
            DateColumn("created_at", label=gettext_lazy("上传时间")),
        ]

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("owner_organisation")

    def get_table(self, object_list: Any) -> Any:
        attach_assets(object_list)
        return super().get_table(object_list)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["media"] += forms.Media(js=_SCRIPTS)
        return context


class VideoAddView(generic.CreateView):
    """Upload. What is wrong with the file is said beside it; everything else that was typed stays."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            form.asset = receive(form.cleaned_data["file"], title=form.cleaned_data["title"])
        except RefusedUpload as refusal:
            form.add_error("file", refusal.message)
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)
        try:
            return super().form_valid(form)
        except BaseException:
            operations.delete(form.asset)
            raise


class VideoEditView(ScopedEditView):
    """Details, state, the reason of a failure, and the player."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["asset"] = asset_of(self.object)
        context["state_url"] = reverse("video:state", args=[self.object.pk])
        context["source_url"] = reverse("files:video_playback", args=[self.object.uid])
        return context


class VideoDeleteView(ScopedDeleteView):
    """Removes the files too."""

    def delete_action(self) -> None:
        remove_video(self.object, self.request.user)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except StillUsed:
            messages.error(
                self.request,
                _("“%(title)s”正被课程或页面使用，不能删除。请先在那里换掉它。") % {"title": self.object.title},
            )
            return redirect("video:edit", quote(self.object.pk))


def _own_video(request: HttpRequest, pk: int) -> Video:
    allowed = policy_registry.get_by_type(Video).instances_user_has_permission_for(request.user, "change")
    return get_object_or_404(allowed, pk=pk)


@needs(ADD)
@require_safe
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """The state of one video as a fragment."""
    video = _own_video(request, pk)
    context = {"video": video, "asset": asset_of(video), "state_url": request.path}
    response = render(request, "files/video/state.html", context)
    response["Cache-Control"] = "no-store"
    return response


@needs(ADD)
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Process a failed video again."""
    video = _own_video(request, pk)
    try:
        retry_video(video, request.user)
    except operations.NotFailed:
        messages.warning(request, _("这个视频没有处理失败，不需要重试。"))
    else:
        messages.success(request, _("已重新排队处理“%(title)s”。") % {"title": video.title})
    return redirect("video:edit", pk)


@needs(ADD)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Use what is there of an incomplete file."""
    video = _own_video(request, pk)
    try:
        accept_damaged_video(video, request.user)
    except (operations.NotDamaged, operations.NotFailed):
        messages.warning(request, _("这个视频不需要这样处理。"))
    else:
        messages.success(request, _("已按现有内容重新处理“%(title)s”。") % {"title": video.title})
    return redirect("video:edit", pk)


class VideoViewSet(ScopedModelViewSet):
    """Videos, for whoever may add files, within the own subtree."""

    model = Video
    right = ADD
    may_delete = True
    icon = "media"
    menu_label = gettext_lazy("视频")
    menu_name = "videos"
    add_to_admin_menu = True
    menu_order = 310
    search_fields = ("title",)
    search_backend_name = None
    form_fields = ("title",)
    index_view_class = VideoIndexView
    add_view_class = VideoAddView
    edit_view_class = VideoEditView
    delete_view_class = VideoDeleteView
    edit_template_name = "files/video/edit.html"

    def get_form_class(self, for_update: bool = False) -> type[VideoForm]:
        return VideoForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/state/", state, name="state"),
            path("<int:pk>/retry/", retry, name="retry"),
            path("<int:pk>/accept/", accept, name="accept"),
        ]
