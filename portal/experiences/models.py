"""Typical experiences (典型经验)."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import RichTextField

from portal.basepage.models import BasePage
from portal.ground.clock import today
from portal.shared.html import text_of

TEXT_FEATURES = ["h3", "bold", "ol", "ul", "blockquote", "link", "document-link"]


def this_year() -> int:
    """The year in Asia/Shanghai."""
    return today().year


class CasePage(BasePage):
    """A case in four parts: background, approach, results, lessons learned. The unit is its owner organisation."""

    class Stars(models.IntegerChoices):
        NONE = 0, _("未评星")
        ONE = 1, _("一星")
        TWO = 2, _("二星")
        THREE = 3, _("三星")
        FOUR = 4, _("四星")
        FIVE = 5, _("五星")

    background = RichTextField(_("背景"), features=TEXT_FEATURES, blank=True)
    approach = RichTextField(_("做法"), features=TEXT_FEATURES, blank=True)
    results = RichTextField(_("成效"), features=TEXT_FEATURES, blank=True)
    lessons = RichTextField(_("启示"), features=TEXT_FEATURES, blank=True)
    year = models.PositiveSmallIntegerField(
        _("年度"), default=this_year, db_index=True, validators=[MinValueValidator(1949), MaxValueValidator(2100)]
    )
    level = models.CharField(_("等级"), max_length=20, blank=True, help_text=_("如：公司级、党总支级"))
    stars = models.PositiveSmallIntegerField(_("星级"), choices=Stars, default=Stars.NONE)
    tags = ClusterTaggableManager(through="experiences.CaseTopic", blank=True, verbose_name=_("主题"))

    content_panels = [
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("year"), FieldPanel("level"), FieldPanel("stars")]),
        FieldPanel("tags"),
        FieldPanel("background"),
        FieldPanel("approach"),
        FieldPanel("results"),
        FieldPanel("lessons"),
    ]
    template = "experiences/case.html"
    search_type = "case"
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("典型经验")
        verbose_name_plural = _("典型经验")

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """The parts that were written: (anchor, heading, rich text)."""
        named = [
            ("background", _("背景"), self.background),
            ("approach", _("做法"), self.approach),
            ("results", _("成效"), self.results),
            ("lessons", _("启示"), self.lessons),
        ]
        return [(anchor, str(heading), text) for anchor, heading, text in named if text_of(text)]

    def search_topics(self) -> list[str]:
        """What search narrows down by."""
        return sorted(self.tags.names())

    def search_body(self) -> str:
        """Summary, topics and the four parts."""
        topics = " ".join(self.search_topics())
        return "\n".join(
            filter(None, [self.summary, topics, *(text_of(text) for _anchor, _heading, text in self.parts)])
        )


class CaseTopic(TaggedItemBase):
    """A topic of a case."""

    content_object = ParentalKey(CasePage, on_delete=models.CASCADE, related_name="tagged_items")

    class Meta:
        verbose_name = _("主题")
        verbose_name_plural = _("主题")
