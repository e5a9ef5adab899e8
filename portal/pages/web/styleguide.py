"""`/styleguide/`: every component with its states, for staff."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from portal.ground.rights import needs
from portal.pages.frame import Entry
from portal.pages.theming import load_theme


class GuideForm(forms.Form):
    """A form with every kind of field, one of them wrong."""

    title = forms.CharField(label=_("标题"), max_length=40, help_text=_("不超过 40 个字"))
    unit = forms.ChoiceField(label=_("所属支部"), choices=[("1", "第一党支部"), ("2", "第二党支部")])
    date = forms.DateField(label=_("会议日期"), help_text=_("如 2026年11月21日"))
    text = forms.CharField(label=_("内容"), widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(
        label=_("类型"), choices=[("a", "支部党员大会"), ("b", "党课")], widget=forms.RadioSelect, required=False
    )
    told = forms.BooleanField(label=_("通知全体党员"), required=False)
    paper = forms.FileField(label=_("附件"), required=False)


@dataclasses.dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: bool = False
    count: int | None = None


@needs("pages.see_styleguide")
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show all components. `?grey=1` shows memorial grey without switching the site."""
    form = GuideForm({"title": "第三党支部主题党日", "date": "十一月", "told": "on"})
    guide: dict[str, Any] = {
        "roles": list(load_theme(settings.THEME_DIR)["colour"]["light"]),
        "form": form,
        "date": dt.date(2026, 11, 21),
        "crumbs": [Entry(str(_("首页")), "/"), Entry(str(_("组件样张")), "")],
        "tabs": [Tab("章节", "#tab", True), Tab("笔记", "#tab2", count=3), Tab("文稿", "#tab3")],
        "page": _a_page(),
    }
    return render(request, "styleguide/index.html", {"guide": guide, "forced_grey": request.GET.get("grey") == "1"})


def _a_page() -> Page:
    return Paginator(range(230), 10).page(7)
