"""The plugin's own tables. They begin with the slug; foreign keys to the core are written as strings."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from plugins.sdk import content_changed, now, today
from portal.public.models import Visible

SEARCH_KIND = "__slug__"


class Note(Visible):
    """A note for its audience, from `shown_on` on (Asia/Shanghai)."""

    title = models.CharField(_("标题"), max_length=120)
    body = models.TextField(_("正文"), max_length=2000, blank=True)
    shown_on = models.DateField(_("显示日期"), default=today)

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        ordering = ["-shown_on", "-pk"]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and tell the search of it in the same transaction."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            content_changed(SEARCH_KIND, self.uid)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete, and tell the search of it."""
        with transaction.atomic():
            content_changed(SEARCH_KIND, self.uid)
            return super().delete(*args, **kwargs)


class FinishedCourse(models.Model):
    """A course that a member finished while the plugin was on."""

    member_uid = models.UUIDField(db_index=True)
    course_uid = models.UUIDField()
    course_title = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("学完的课程")
        verbose_name_plural = _("学完的课程")
        constraints = [
            models.UniqueConstraint(
                fields=["member_uid", "course_uid"],
                name="__slug___course_once",
            ),
        ]

    def __str__(self) -> str:
        return self.course_title
