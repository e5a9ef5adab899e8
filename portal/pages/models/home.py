"""The home page."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel

from portal.basepage.models import BasePage
from portal.pages.domain.front import columns_read, front_of


class HomePage(BasePage):
    """The front of the site: what stands on it follows from what was published; an editor may choose the lead story."""

    lead = models.ForeignKey(
        BasePage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("头条"),
        help_text=_("不选则用最新一篇有封面的文章"),
    )
    banner_text = models.CharField(
        _("横幅文字"), max_length=60, blank=True, help_text=_("重大节庆或活动时使用，平时留空")
    )
    banner_link = models.CharField(_("横幅链接"), max_length=300, blank=True, help_text=_("站内地址，如 /a/…"))

    search_type = "home"
    template = "pages/home.html"
    max_count_per_parent = 1
    parent_page_types = ["basepage.BasePage"]
    content_panels = [
        FieldPanel("title"),
        PageChooserPanel("lead"),
        MultiFieldPanel([FieldPanel("banner_text"), FieldPanel("banner_link")], _("横幅")),
    ]

    class Meta:
        verbose_name = _("首页")
        verbose_name_plural = _("首页")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The lists of the front, filtered for the reader."""
        context = super().get_context(request, *args, **kwargs)
        context["front"] = front_of(self, request.user, columns=columns_read(request, self))
        return context
