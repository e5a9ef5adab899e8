"""A course: an editorial page with its chapters and units, so that draft, review and publishing cover all of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable

from portal.basepage.models import BasePage
from portal.files.models import Video
from portal.ground.ids import UidField
from portal.pages.choosers import video_chooser
from portal.shared.html import text_of

TEXT_FEATURES = ["h2", "h3", "bold", "ol", "ul", "hr", "blockquote", "link", "document-link"]


class CoursePage(BasePage):
    """A course (课程). Its chapters and units are rows once it is published; before, they live in its revisions."""

    intro = RichTextField(_("课程介绍"), features=TEXT_FEATURES, blank=True)
    hours = models.DecimalField(_("学时"), max_digits=5, decimal_places=1, default=1)
    for_whom = models.CharField(_("适合对象"), max_length=120, blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("intro"),
        FieldRowPanel([FieldPanel("hours"), FieldPanel("for_whom")]),
        InlinePanel("chapters", label=_("章"), heading=_("章与学习单元")),
    ]
    template = "school/course_page.html"
    search_type = "course"
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("课程")
        verbose_name_plural = _("课程")

    def search_body(self) -> str:
        """Introduction, and the titles and texts of all chapters and units."""
        parts = [self.summary, text_of(self.intro)]
        for chapter in self.chapters_with_units():
            parts.append(chapter.title)
            for unit in chapter.units.all():
                parts += [unit.title, text_of(unit.body)]
        return "\n".join(part for part in parts if part)

    def chapters_with_units(self) -> Iterable[Chapter]:
        """The chapters in order, each with its units: three queries for a stored course, none for a draft in memory."""
        if self.is_draft_in_memory:
            return self.chapters.all()
        units = Prefetch("units", queryset=Unit.objects.select_related("video"))
        return self.chapters.get_live_queryset().prefetch_related(units)

    @property
    def is_draft_in_memory(self) -> bool:
        """Whether chapters were loaded from a revision or a form instead of the tables."""
        return "chapters" in getattr(self, "_cluster_related_objects", {})

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save, with units that keep their identity through revisions and get one of their own in a copy."""
        if self.is_draft_in_memory:
            chapters = list(self.chapters.all())
            _own_identities(Chapter, chapters, self, "course_id")
            _own_identities(Unit, [u for c in chapters for u in c.units.all()], self, "chapter__course_id")
        return super().save(*args, **kwargs)


class Chapter(Orderable, ClusterableModel):
    """A chapter (章) of a course."""

    uid = UidField()
    course = ParentalKey(CoursePage, on_delete=models.CASCADE, related_name="chapters")
    title = models.CharField(_("章标题"), max_length=120)

    panels = [FieldPanel("title"), InlinePanel("units", label=_("学习单元"), heading=_("学习单元"))]

    class Meta(Orderable.Meta):
        verbose_name = _("章")
        verbose_name_plural = _("章")

    def __str__(self) -> str:
        return self.title


class Unit(Orderable):
    """A unit (学习单元): a video to watch or a text to read."""

    class Kind(models.TextChoices):
        VIDEO = "video", _("视频")
        TEXT = "text", _("图文")

    uid = UidField()
    chapter = ParentalKey(Chapter, on_delete=models.CASCADE, related_name="units")
    title = models.CharField(_("标题"), max_length=120)
    kind = models.CharField(_("形式"), max_length=10, choices=Kind, default=Kind.VIDEO)
    video = models.ForeignKey(
        Video, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("视频")
    )
    body = RichTextField(_("正文"), features=TEXT_FEATURES, blank=True, help_text=_("图文单元的正文，或视频的文字稿"))
    minutes = models.PositiveSmallIntegerField(
        _("预计用时（分钟）"), null=True, blank=True, help_text=_("图文单元填写；视频按实际时长显示")
    )
    is_required = models.BooleanField(_("必修"), default=True)

    panels = [
        FieldPanel("title"),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("minutes"), FieldPanel("is_required")]),
        FieldPanel("video", widget=video_chooser.widget_class),
        FieldPanel("body"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("学习单元")
        verbose_name_plural = _("学习单元")

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """A video unit has a video, a text unit a text."""
        super().clean()
        if self.kind == self.Kind.VIDEO and self.video_id is None:
            raise ValidationError({"video": _("请为视频单元选择一个视频，或把形式改为“图文”。")})
        if self.kind == self.Kind.TEXT and not text_of(self.body):
            raise ValidationError({"body": _("请填写图文单元的正文，或把形式改为“视频”。")})


def _own_identities(model: type[models.Model], items: list[Any], course: CoursePage, course_path: str) -> None:
    """Give each row in memory the primary key and uid that belong to this course.

    A revision may carry rows without a key (never stored since), and a copied page's revision still carries the keys of the
    original's units, which publishing would move over here. The uid decides: ours keeps its row; another course's becomes
    one derived from both, the same at every later publishing, so that learning records stay attached.
    """
    if not items:
        return
    wanted = {item.uid: derived for item in items for derived in [_derived(course, item.uid)]}
    rows = model._default_manager.filter(
        Q(uid__in=[*wanted, *wanted.values()]) | Q(pk__in=[item.pk for item in items if item.pk])
    ).values_list("uid", "pk", course_path)
    owner_by_uid = {uid: owner for uid, _pk, owner in rows}
    own_pk = {uid: pk for uid, pk, owner in rows if owner == course.pk and course.pk is not None}
    taken = {pk for _uid, pk, _owner in rows}
    for item in items:
        if item.uid in owner_by_uid and item.uid not in own_pk:
            item.uid = wanted[item.uid]
        if item.uid in own_pk:
            item.pk = own_pk[item.uid]
        elif item.pk in taken:
            item.pk = None


def _derived(course: CoursePage, uid: uuid.UUID) -> uuid.UUID:
    return uuid.uuid5(course.uid, str(uid))
