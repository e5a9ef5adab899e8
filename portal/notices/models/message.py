"""Messages: what was said, once, to however many."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.notices.models.addressed import Addressed


class Message(Addressed):
    """What one call of `notify` said. `digest` is of everything it said and to which rule: saying it again is the same row."""

    uid = UidField()
    digest = models.CharField(max_length=64, unique=True)
    key = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=100)
    title = models.CharField(_("内容"), max_length=200)
    text = models.TextField(_("正文"), blank=True)
    url = models.CharField(_("地址"), max_length=500, blank=True)
    to_members = models.BooleanField(default=False)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="sent_messages",
        verbose_name=_("发送人"),
    )
    made_at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")

    def __str__(self) -> str:
        return self.title
