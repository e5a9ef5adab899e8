"""Videos: what people see of an asset of the media pipeline."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.files.models.owned import OwnedFile
from portal.ground.clock import now


class Video(OwnedFile):
    """A video with title, owner and audience. Its bytes and their state are the media pipeline's asset `asset_uid`."""

    title = models.CharField(_("标题"), max_length=120)
    description = models.TextField(_("说明"), blank=True)
    asset_uid = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("上传时间"), default=now, editable=False)

    class Meta:
        verbose_name = _("视频")
        verbose_name_plural = _("视频")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title
