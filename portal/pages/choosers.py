"""Choosers of the editor for things that Wagtail has none for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet

from portal.files.domain.videos import usable_videos
from portal.files.models import Video


class _OfThisPerson:
    """What the person who asks may use; anything else is absent."""

    request: Any

    def get_object_list(self) -> QuerySet[Video]:
        return usable_videos(self.request.user)

    def get_object(self, pk: str) -> Video:
        try:
            return self.get_object_list().get(pk=pk)
        except ValueError:  # not a number: absent too
            raise Video.DoesNotExist from None

    def get_objects(self, pks: Sequence[str]) -> QuerySet[Video]:
        return self.get_object_list().filter(pk__in=[pk for pk in pks if pk.isascii() and pk.isdigit()])


class _ChooseView(_OfThisPerson, chooser.ChooseView):
    pass


class _ChooseResultsView(_OfThisPerson, chooser.ChooseResultsView):
    pass


class _ChosenView(_OfThisPerson, chooser.ChosenView):
    pass


class _ChosenMultipleView(_OfThisPerson, chooser.ChosenMultipleView):
    pass


class VideoChooserViewSet(ChooserViewSet):
    """Chooses a video that was uploaded before, among those that the person may use."""

    model = "files.Video"
    icon = "media"
    choose_one_text = _("选择视频")
    choose_another_text = _("换一个视频")
    edit_item_text = _("编辑这个视频")
    per_page = 20
    register_widget = False
    choose_view_class = _ChooseView
    choose_results_view_class = _ChooseResultsView
    chosen_view_class = _ChosenView
    chosen_multiple_view_class = _ChosenMultipleView


video_chooser = VideoChooserViewSet("page_video_chooser", url_prefix="choose-video")
