"""Choosers of the editor for things that Wagtail has none for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.chooser import ChooserViewSet


class VideoChooserViewSet(ChooserViewSet):
    """Chooses a video that was uploaded before."""

    model = "files.Video"
    icon = "media"
    choose_one_text = _("选择视频")
    choose_another_text = _("换一个视频")
    edit_item_text = _("编辑这个视频")
    per_page = 20
    register_widget = False


video_chooser = VideoChooserViewSet("page_video_chooser", url_prefix="choose-video")
