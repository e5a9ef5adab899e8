"""What the site's settings say about the frame around every page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Orderable

from portal.basepage.models import BasePage
from portal.ground.clock import today
from portal.ground.generation import raise_generation


@register_setting(icon="view", order=1)
class SiteLook(BaseSiteSetting, ClusterableModel):
    """Name, navigation, foot and mourning grey of one site. Saving raises the content generation."""

    class Grey(models.TextChoices):
        OFF = "off", _("不启用")
        HOME = "home", _("只在首页")
        ALL = "all", _("全站")

    name = models.CharField(_("站名"), max_length=40, blank=True)
    name_en = models.CharField(_("英文站名"), max_length=60, blank=True)
    unit = models.CharField(_("主办单位"), max_length=80, blank=True)
    unit_en = models.CharField(_("英文主办单位"), max_length=120, blank=True)
    foot_line = models.CharField(_("页脚文字"), max_length=200, blank=True)
    registration = models.CharField(_("备案号"), max_length=80, blank=True)
    grey = models.CharField(_("纪念灰"), max_length=10, choices=Grey, default=Grey.OFF)
    grey_from = models.DateField(_("开始日期"), null=True, blank=True)
    grey_to = models.DateField(_("结束日期"), null=True, blank=True)

    panels = [
        MultiFieldPanel([FieldPanel(n) for n in ("name", "name_en", "unit", "unit_en")], _("站点")),
        InlinePanel(
            "links",
            heading=_("导航与页脚链接"),
            label=_("链接"),
            help_text=_("没有导航项时，列出首页下“显示在菜单中”的栏目"),
        ),
        MultiFieldPanel([FieldPanel("foot_line"), FieldPanel("registration")], _("页脚")),
        MultiFieldPanel(
            [FieldPanel("grey"), FieldPanel("grey_from"), FieldPanel("grey_to")],
            _("纪念灰"),
            help_text=_("日期留空表示立即开始、不自动结束。读者仍可使用深色与大字。"),
        ),
    ]

    class Meta:
        verbose_name = _("站点外观与导航")

    def __str__(self) -> str:
        return str(_("站点外观与导航"))

    def clean(self) -> None:
        """The end of the grey days is not before their beginning."""
        super().clean()
        if self.grey_from and self.grey_to and self.grey_to < self.grey_from:
            raise ValidationError({"grey_to": _("结束日期早于开始日期")})

    def is_grey_on(self, home: bool) -> bool:
        """Whether a page is shown grey today; `home` says whether it is the home page."""
        if self.grey == self.Grey.OFF or (self.grey == self.Grey.HOME and not home):
            return False
        day = today()
        return (self.grey_from is None or self.grey_from <= day) and (self.grey_to is None or day <= self.grey_to)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and let no cached page outlive the change."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            raise_generation()


class SiteLink(Orderable):
    """A link of the navigation or the foot, to a page or to an address of this site."""

    class Place(models.TextChoices):
        MAIN = "main", _("导航")
        FOOT = "foot", _("页脚")

    look = ParentalKey(SiteLook, on_delete=models.CASCADE, related_name="links")
    place = models.CharField(_("位置"), max_length=10, choices=Place, default=Place.MAIN)
    label = models.CharField(_("文字"), max_length=30)
    label_en = models.CharField(_("英文文字"), max_length=60, blank=True)
    page = models.ForeignKey(
        BasePage, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("页面")
    )
    path = models.CharField(_("站内地址"), max_length=200, blank=True, help_text=_("以 / 开头，如 /branches/"))

    panels = [
        FieldPanel("place"),
        FieldPanel("label"),
        FieldPanel("label_en"),
        PageChooserPanel("page"),
        FieldPanel("path"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("链接")
        verbose_name_plural = _("链接")

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Exactly one of page and address; the address stays on this site."""
        super().clean()
        if bool(self.page_id) == bool(self.path):
            raise ValidationError(_("请选择页面或填写站内地址，二者填一"))
        if self.path and (not self.path.startswith("/") or self.path.startswith(("//", "/\\"))):
            raise ValidationError({"path": _("站内地址以一个 / 开头，不含域名")})
