"""Categories and items of disclosure."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.blocks import RichTextBlock

from plugins.bundled.disclosure.domain.text import blocks_of
from plugins.sdk import content_changed, now, today
from portal.public.models import Addressed, Visible
from portal.public.pages import BasePage, OpenStreamField

SEARCH_KIND = "disclosure"


class Category(Addressed):
    """What kind of matter an item discloses (类别), with the rule that demands it."""

    name = models.CharField(_("类别"), max_length=60, unique=True)
    source = models.CharField(_("依据"), max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(_("次序"), default=100)

    class Meta:
        verbose_name = _("公开类别")
        verbose_name_plural = _("公开类别")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class Item(Visible):
    """A matter disclosed to its audience from `publish_on` to `expires_on` (both included, Asia/Shanghai).

    The state is changed by `domain.flow` only. Readers see published items within their dates, whatever the state of the
    worker that follows the calendar.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PROPOSED = "proposed", _("待审查")
        RETURNED = "returned", _("已退回")
        APPROVED = "approved", _("待发布")
        PUBLISHED = "published", _("已发布")
        EXPIRED = "expired", _("已到期")

    title = models.CharField(_("标题"), max_length=120)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="items", verbose_name=_("类别"))
    body = models.TextField(_("内容"), max_length=20_000)
    period = models.CharField(_("所属期间"), max_length=60, blank=True, help_text=_("如“2026 年第三季度”。"))
    publish_on = models.DateField(_("公开日期"), default=today)
    expires_on = models.DateField(_("公开至"), null=True, blank=True, help_text=_("不填则长期公开。"))
    state = models.CharField(
        _("状态"), max_length=10, choices=State, default=State.DRAFT, editable=False, db_index=True
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True, editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    checked_at = models.DateTimeField(null=True, editable=False)
    return_reason = models.CharField(_("退回理由"), max_length=300, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("公开事项")
        verbose_name_plural = _("公开事项")
        ordering = ["-publish_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("publish_on")),
                name="disclosure_expires_after_publishing",
                violation_error_message=_("“公开至”不能早于公开日期。"),
            ),
        ]
        indexes = [models.Index(fields=["state", "publish_on"], name="disclosure_by_date")]

    def __str__(self) -> str:
        return self.title

    @property
    def summary(self) -> str:
        """The beginning of the body in one line, without lists and tables."""
        lines = [line for block in blocks_of(self.body) if block.kind == "paragraph" for line in block.lines]
        return " ".join(" ".join(lines).split())[:80]

    @property
    def is_locked(self) -> bool:
        """Whether its text can no longer be edited: what was proposed is what is checked and published."""
        return self.state not in {self.State.DRAFT, self.State.RETURNED}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save and tell the search."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            content_changed(SEARCH_KIND, self.uid)


class SheetPage(BasePage):
    """A disclosure sheet (公开清单): what its unit disclosed in a period, as a page that editors write, review and publish like any
    other. The list is read when the page is: each reader finds the items meant for them, and those that expired are gone."""

    period_from = models.DateField(_("期间起"), default=today)
    period_to = models.DateField(_("期间止"), default=today)
    category = models.ForeignKey(
        Category,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("类别"),
        help_text=_("不选则列出所有类别。"),
    )
    note = OpenStreamField(
        [("paragraph", RichTextBlock(features=["bold", "ol", "ul", "link"], label=_("文字")))],
        blank=True,
        verbose_name=_("说明"),
    )

    search_type = "disclosure_sheet"
    template = "disclosure/sheet.html"
    subpage_types: list[str] = []
    content_panels = [
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("period_from"), FieldPanel("period_to")]),
        FieldPanel("category"),
        FieldPanel("note"),
    ]

    class Meta:
        verbose_name = _("公开清单")
        verbose_name_plural = _("公开清单")

    def clean(self) -> None:
        """Refuse a period that ends before it begins."""
        super().clean()
        if self.period_from and self.period_to and self.period_to < self.period_from:
            raise ValidationError({"period_to": _("“期间止”不能早于“期间起”。")})

    def search_body(self) -> str:
        """Summary and note; the items are found by themselves, by those who may see them."""
        note = [strip_tags(str(block.value)) for block in self.note if block.block_type == "paragraph"]
        return "\n".join(filter(None, [self.summary, *note]))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The items of the period that this reader may see: one query."""
        from plugins.bundled.disclosure.domain.queries import items_of_sheet  # noqa: PLC0415 - it reads these models

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["items"] = items_of_sheet(self, request.user)
        return context
