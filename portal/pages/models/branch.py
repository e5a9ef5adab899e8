"""Branch sites (支部主页): the page of a party organisation."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from portal.basepage.models import BasePage
from portal.organisations.models import Organisation
from portal.pages.blocks import body_blocks, text_of_body
from portal.pages.domain.branch_front import branch_front
from portal.shared.blocks import OpenStreamField


class BranchPage(BasePage):
    """What an organisation shows of itself, and the news written under it. Pages nest like the organisation tree."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="site_page", verbose_name=_("党组织")
    )
    body = OpenStreamField(body_blocks(), blank=True, verbose_name=_("介绍"))

    search_type = "branch"
    template = "pages/branch.html"
    content_panels = [*BasePage.content_panels, FieldPanel("organisation"), FieldPanel("body")]

    class Meta:
        verbose_name = _("支部主页")
        verbose_name_plural = _("支部主页")

    def search_body(self) -> str:
        """Summary, the organisation's own words, the body."""
        return "\n".join(filter(None, [self.summary, self.organisation.introduction, text_of_body(self.body)]))

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """The page belongs to the organisation it is about."""
        if self.organisation_id:
            self.owner_organisation_id = self.organisation_id
        return super().save(*args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Facts of the organisation, what lies below it, what it wrote."""
        context = super().get_context(request, *args, **kwargs)
        context["branch"] = branch_front(self, request.user, page=request.GET.get("page"))
        return context
