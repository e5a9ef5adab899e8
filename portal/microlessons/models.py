"""Micro-lessons (微党课), and who watched which to its end."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import RichTextField

from portal.basepage.models import BasePage
from portal.files.models import Video
from portal.ground.clock import now
from portal.organisations.models import Member
from portal.pages.choosers import video_chooser
from portal.shared.html import text_of


class MicroLessonPage(BasePage):
    """A short video by one lecturer, with what is said in it as text."""

    lecturer = models.CharField(_("主讲人"), max_length=60, blank=True)
    topic = models.CharField(_("主题"), max_length=40, blank=True)
    video = models.ForeignKey(
        Video, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("视频")
    )
    script = RichTextField(_("文字稿"), features=["h3", "bold", "ol", "ul", "link"], blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("lecturer"), FieldPanel("topic")]),
        FieldPanel("video", widget=video_chooser.widget_class),
        FieldPanel("script"),
    ]
    template = "microlessons/lesson.html"
    search_type = "microlesson"
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("微党课")
        verbose_name_plural = _("微党课")

    def search_topics(self) -> list[str]:
        """What search narrows down by."""
        return [self.topic] if self.topic else []

    def search_body(self) -> str:
        """Lecturer, topic, summary and all that is said."""
        return "\n".join(filter(None, [self.lecturer, self.topic, self.summary, text_of(self.script)]))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The player's addresses, and how far this person has come."""
        from portal.microlessons.domain.queries import standing_of  # noqa: PLC0415 - the reads need this model

        context = super().get_context(request, *args, **kwargs)
        context["standing"] = standing_of(self, request.user)
        context["source_url"] = reverse("files:video_playback", args=[self.video.uid]) if self.video else ""
        if request.user.is_authenticated:
            context["open_url"] = reverse("microlessons:watch_open", args=[self.uid])
            context["beacon_url"] = reverse("microlessons:watch", args=[self.uid])
        return context


class LessonWatched(models.Model):
    """A member watched a micro-lesson to its end for the first time. `lesson_uid` is no foreign key: the record outlives the
    page."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("党员"))
    lesson_uid = models.UUIDField()
    watched_at = models.DateTimeField(_("看完时间"), default=now)

    class Meta:
        verbose_name = _("微党课学习记录")
        verbose_name_plural = _("微党课学习记录")
        constraints = [models.UniqueConstraint(fields=["member", "lesson_uid"], name="lesson_watched_once")]

    def __str__(self) -> str:
        return f"{self.member} – {self.lesson_uid}"
