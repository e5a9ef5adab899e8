"""Columns (栏目): sections of the site that list what stands below them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from portal.basepage.models import BasePage
from portal.pages.domain.listing import listing_of


class ColumnPage(BasePage):
    """A section. Its audience and owner pass on to what is written in it."""

    search_type = "column"
    template = "pages/column.html"
    open_to_units = True
    content_panels = [FieldPanel("title"), FieldPanel("summary")]

    class Meta:
        verbose_name = _("栏目")
        verbose_name_plural = _("栏目")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One page of rows; `?year=` narrows, `?page=` turns."""
        context = super().get_context(request, *args, **kwargs)
        context["listing"] = listing_of(self, request.user, year=request.GET.get("year"), page=request.GET.get("page"))
        return context
