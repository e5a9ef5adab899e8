"""Documents: files to download."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from modelsearch import index
from wagtail.documents.models import AbstractDocument, Document

from portal.files.models.owned import OwnedFile
from portal.files.models.text import wait_for_text
from portal.ground.content import content_changed

DOCUMENT_KIND = "document"


class PortalDocument(OwnedFile, AbstractDocument):
    """A file to download, served only through the checked view. Search finds it by its title and by the words inside."""

    search_fields = (
        *AbstractDocument.search_fields,
        index.RelatedFields("owner_organisation", [index.FilterField("path")]),  # lists are narrowed by it
    )
    admin_form_fields = (*Document.admin_form_fields, "owner_organisation", "audience", "secrecy")

    class Meta(AbstractDocument.Meta):
        verbose_name = _("文档")
        verbose_name_plural = _("文档")
        permissions = [("choose_portaldocument", "Can choose document")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save and tell search; a new file is read anew."""
        with transaction.atomic():
            is_new = self._has_new_file()
            super().save(*args, **kwargs)
            if is_new:
                wait_for_text(self)
            content_changed(DOCUMENT_KIND, self.uid)

    def _has_new_file(self) -> bool:
        if self.pk is None or not self.file._committed:
            return True
        stored = PortalDocument.objects.filter(pk=self.pk).values_list("file", flat=True).first()
        return bool(stored != self.file.name)


@receiver(post_delete, sender=PortalDocument)
def _tell_of_deletion(instance: PortalDocument, **_kwargs: Any) -> None:
    """Search forgets it, also when many were deleted at once."""
    content_changed(DOCUMENT_KIND, instance.uid)
