"""Tokens: by them a program works as a person, within what the person chose."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.ids import UidField


class ApiToken(models.Model):
    """A token of a person. The token itself is kept nowhere, only a keyed hash of it; `start` is its beginning, to know it by."""

    uid = UidField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("名称"), max_length=60)
    start = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    password_mark = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("范围"), default=list)
    made_at = models.DateTimeField(_("创建时间"))
    expires_at = models.DateTimeField(_("到期时间"))
    used_at = models.DateTimeField(_("上次使用"), null=True, blank=True)
    used_from = models.CharField(_("上次使用的地址"), max_length=45, blank=True)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("接口令牌")
        verbose_name_plural = _("接口令牌")
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["user", "-made_at"], name="api_token_by_user")]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"
