"""Articles (文章) and the files attached to them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Orderable

from portal.basepage.models import BasePage
from portal.news.domain.announcing import announce_article
from portal.news.domain.queries import attachments_for, related_stories
from portal.pages.blocks import body_blocks, text_of_body
from portal.shared.blocks import OpenStreamField


class ArticlePage(BasePage):
    """A story: title, unit, date, source, text with pictures and files."""

    body = OpenStreamField(body_blocks(), blank=True, verbose_name=_("正文"))

    search_type = "news"
    search_prefetch = ("attachments__document",)
    template = "news/article.html"
    subpage_types: list[str] = []
    content_panels = [
        *BasePage.content_panels,
        FieldPanel("body"),
        InlinePanel("attachments", heading=_("附件"), label=_("附件")),
    ]

    class Meta:
        verbose_name = _("文章")
        verbose_name_plural = _("文章")

    def search_body(self) -> str:
        """Summary, body and the names of the attachments."""
        names = [attachment.shown_title for attachment in self.attachments.all()]
        return "\n".join(filter(None, [self.summary, text_of_body(self.body), *names]))

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save, and tell in the same transaction when the article went live, for the first time or again."""
        with transaction.atomic():
            was_live = ArticlePage.objects.filter(pk=self.pk, live=True).exists() if self.pk else False
            result = super().save(*args, **kwargs)
            if self.live and not was_live:
                announce_article(self)
        return result

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Attachments this reader may fetch, and other stories of the same section."""
        context = super().get_context(request, *args, **kwargs)
        context["attachments"] = attachments_for(self, request.user)
        context["related"] = related_stories(self, request.user)
        return context


class Attachment(Orderable):
    """A file at the end of an article."""

    page = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="attachments")
    document = models.ForeignKey(
        settings.WAGTAILDOCS_DOCUMENT_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("文件")
    )
    title = models.CharField(_("显示名称"), max_length=120, blank=True)

    panels = [FieldPanel("document"), FieldPanel("title")]

    class Meta(Orderable.Meta):
        verbose_name = _("附件")
        verbose_name_plural = _("附件")

    def __str__(self) -> str:
        return self.shown_title

    @property
    def shown_title(self) -> str:
        """The name readers see."""
        return self.title or self.document.title
