"""How a person wants to be told besides on the site, and what was sent there."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.notices.models.notice import Notice


class Preferences(models.Model):
    """A person's quiet hours (in Asia/Shanghai; the same time twice means none) and whether all is sent once a day."""

    class Language(models.TextChoices):
        CHINESE = "zh-hans", _("中文")
        ENGLISH = "en", _("英文")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="notice_preferences"
    )
    quiet_from = models.TimeField(_("勿扰开始"), default=dt.time(22))
    quiet_to = models.TimeField(_("勿扰结束"), default=dt.time(7))
    digest = models.BooleanField(_("每天汇总成一条"), default=False)
    digest_at = models.TimeField(_("汇总时间"), default=dt.time(8))
    language = models.CharField(_("站外消息的语言"), max_length=10, choices=Language, default=Language.CHINESE)

    class Meta:
        verbose_name = _("通知设置")
        verbose_name_plural = _("通知设置")

    def __str__(self) -> str:
        return str(self.user)


class ChannelChoice(models.Model):
    """Whether a person wants a kind of notice through a channel. Without a row the kind's own channels count."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="channel_choices")
    kind = models.CharField(max_length=100)
    channel = models.CharField(max_length=40)
    wanted = models.BooleanField()

    class Meta:
        verbose_name = _("通知方式")
        verbose_name_plural = _("通知方式")
        constraints = [models.UniqueConstraint(fields=["user", "kind", "channel"], name="channel_choice_once")]

    def __str__(self) -> str:
        return f"{self.kind} → {self.channel}: {self.wanted}"


class Posting(models.Model):
    """A notice on its way out of the site by one channel. It is sent at least once; `last_error` says why not or why skipped."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待发送")
        SENT = "sent", _("已发送")
        SKIPPED = "skipped", _("不再发送")
        PARKED = "parked", _("已搁置")

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="postings")
    channel = models.CharField(_("方式"), max_length=40)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    in_digest = models.BooleanField(default=False)
    due_at = models.DateTimeField(_("应于"), default=now)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    last_error = models.TextField(_("原因"), blank=True)
    sent_at = models.DateTimeField(_("发送时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("站外消息")
        verbose_name_plural = _("站外消息")
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="posting_once_per_channel")]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="posting_waiting")]

    def __str__(self) -> str:
        return f"{self.channel} ← {self.notice_id}"
