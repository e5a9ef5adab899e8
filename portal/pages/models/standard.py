"""Standing pages: about us, help, statements."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from portal.basepage.models import BasePage
from portal.pages.blocks import body_blocks, text_of_body
from portal.shared.blocks import OpenStreamField


class StandardPage(BasePage):
    """A page that stands by itself, outside the stream of news."""

    body = OpenStreamField(body_blocks(), blank=True, verbose_name=_("正文"))

    search_type = "page"
    template = "pages/standard.html"
    content_panels = [*BasePage.content_panels, FieldPanel("body")]

    class Meta:
        verbose_name = _("普通页面")
        verbose_name_plural = _("普通页面")

    def search_body(self) -> str:
        """Summary and body."""
        return "\n".join(filter(None, [self.summary, text_of_body(self.body)]))
