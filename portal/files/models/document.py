"""Documents: files to download."""

from django.utils.translation import gettext_lazy as _
from modelsearch import index
from wagtail.documents.models import AbstractDocument, Document

from portal.files.models.owned import OwnedFile


class PortalDocument(OwnedFile, AbstractDocument):
    """A file to download, served only through the checked view."""

    search_fields = (
        *AbstractDocument.search_fields,
        index.RelatedFields("owner_organisation", [index.FilterField("path")]),  # lists are narrowed by it
    )
    admin_form_fields = (*Document.admin_form_fields, "owner_organisation", "audience", "secrecy")

    class Meta(AbstractDocument.Meta):
        verbose_name = _("文档")
        verbose_name_plural = _("文档")
        permissions = [("choose_portaldocument", "Can choose document")]
