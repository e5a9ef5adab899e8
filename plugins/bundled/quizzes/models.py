"""Papers, their questions, and what members handed in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from plugins.bundled.quizzes.domain.answers import BadQuestion, read_key, read_options
from plugins.sdk import content_changed, now
from portal.public.models import Addressed, Sealed, Visible

SEARCH_KIND = "quizzes"


class Paper(Visible, ClusterableModel):
    """A paper (试卷). Members who can see it may take it between `opens_at` and `closes_at`, at most `max_attempts` times.

    `course_uid` puts its entry under a course.
    """

    title = models.CharField(_("试卷名称"), max_length=120)
    introduction = models.TextField(_("说明"), max_length=1000, blank=True)
    opens_at = models.DateTimeField(_("开放时间"), default=now)
    closes_at = models.DateTimeField(_("截止时间"), null=True, blank=True)
    pass_percent = models.PositiveSmallIntegerField(_("及格线（%）"), default=60)
    max_attempts = models.PositiveSmallIntegerField(_("最多次数"), default=3)
    is_published = models.BooleanField(_("已发布"), default=False)
    course_uid = models.UUIDField(_("所属课程"), null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("试卷")
        verbose_name_plural = _("试卷")
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(pass_percent__lte=100), name="quizzes_pass_percent_to_100"),
            models.CheckConstraint(condition=Q(max_attempts__gte=1), name="quizzes_at_least_one_attempt"),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=models.F("opens_at")),
                name="quizzes_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save and tell the search."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            content_changed(SEARCH_KIND, self.uid)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete and tell the search; a paper somebody took cannot be deleted (ProtectedError)."""
        with transaction.atomic():
            content_changed(SEARCH_KIND, self.uid)
            return super().delete(*args, **kwargs)


class Question(Orderable, Addressed):
    """A question. `options` has one option a line; `key` are the letters of the right ones ("A", "ACD"), for 判断题 对 or 错."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("单选")
        MULTIPLE = "multiple", _("多选")
        JUDGE = "judge", _("判断")

    paper = ParentalKey(Paper, on_delete=models.CASCADE, related_name="questions")
    kind = models.CharField(_("题型"), max_length=10, choices=Kind, default=Kind.SINGLE)
    stem = models.TextField(_("题干"), max_length=1000)
    options = models.TextField(_("选项"), blank=True, help_text=_("一行一个选项，不用写字母；判断题不填。"))
    key = models.CharField(_("答案"), max_length=20, help_text=_("单选填一个字母，多选如 ACD，判断填“对”或“错”。"))
    explanation = models.TextField(_("解析"), max_length=2000, blank=True)
    score = models.PositiveSmallIntegerField(_("分值"), default=5)

    class Meta:
        verbose_name = _("试题")
        verbose_name_plural = _("试题")
        ordering = ["sort_order", "pk"]
        constraints = [models.CheckConstraint(condition=Q(score__gte=1), name="quizzes_score_above_zero")]

    def __str__(self) -> str:
        return self.stem[:40]

    def clean(self) -> None:
        """Refuse a key that does not fit the options."""
        try:
            read_key(self.kind, self.key, read_options(self.kind, self.options))
        except BadQuestion as error:
            raise ValidationError({error.field: str(error)}) from error

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the key in its plain form."""
        self.key = read_key(self.kind, self.key, read_options(self.kind, self.options))
        super().save(*args, **kwargs)


class Attempt(Sealed, Addressed):
    """What a member handed in, and how it was graded then. `uid` was made with the form, so the same form counts once.

    `answers` maps question uids to letters; `result` keeps each question as it stood, so that later edits change nothing.
    """

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="attempts")
    member_uid = models.UUIDField(db_index=True)
    number = models.PositiveSmallIntegerField()
    answers = models.JSONField(default=dict)
    result = models.JSONField(default=list)
    points = models.PositiveIntegerField(default=0)
    points_possible = models.PositiveIntegerField(default=0)
    percent = models.PositiveSmallIntegerField(default=0)
    passed = models.BooleanField(default=False)
    submitted_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("答卷")
        verbose_name_plural = _("答卷")
        constraints = [
            models.UniqueConstraint(fields=["paper", "member_uid", "number"], name="quizzes_attempt_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.paper} #{self.number}"
