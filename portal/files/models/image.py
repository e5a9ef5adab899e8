"""Pictures and their renditions."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelsearch import index
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from portal.files.models.owned import OwnedFile


class PortalImage(OwnedFile, AbstractImage):
    """A picture. `alt_text` is what a reader hears who cannot see it."""

    search_fields = (
        *AbstractImage.search_fields,
        index.RelatedFields("owner_organisation", [index.FilterField("path")]),  # lists are narrowed by it
    )
    alt_text = models.CharField(_("替代文字"), max_length=200, blank=True)

    admin_form_fields = (*Image.admin_form_fields, "alt_text", "owner_organisation", "audience")

    class Meta(AbstractImage.Meta):
        verbose_name = _("图片")
        verbose_name_plural = _("图片")
        permissions = [("choose_portalimage", "Can choose image")]

    @property
    def default_alt_text(self) -> str:
        """The text for readers who cannot see the picture."""
        return self.alt_text or self.title


class PortalRendition(AbstractRendition):
    """A size of a picture, made at publish, never in a reader's request."""

    image = models.ForeignKey(PortalImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        verbose_name = _("图片尺寸")
        verbose_name_plural = _("图片尺寸")
        constraints = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="unique_portal_rendition")
        ]
        indexes = [models.Index(fields=["file"], name="portal_rendition_by_file")]

    @property
    def url(self) -> str:
        """Our checked address, whatever the storage is."""
        return reverse("media:image", args=[self.file.name.rpartition("/")[2]])
