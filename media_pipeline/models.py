"""Tables: the asset (what was uploaded), its versions (immutable sets of outputs) and their renditions (one file each)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField


class Asset(models.Model):
    """One uploaded video. `current_version` is what plays; it is replaced in one update and never edited."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待处理")
        WORKING = "working", _("处理中")
        READY = "ready", _("可以播放")
        FAILED = "failed", _("处理失败")

    uid = UidField()
    title = models.CharField(_("标题"), max_length=200)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(_("进度（%）"), default=0)
    note = models.CharField(_("当前步骤"), max_length=200, blank=True)
    failure_code = models.CharField(max_length=40, blank=True)
    failure = models.TextField(_("失败原因"), blank=True)
    warning = models.TextField(_("提示"), blank=True)
    accepts_damage = models.BooleanField(_("按现有内容使用不完整的文件"), default=False)

    source_name = models.CharField(max_length=200, help_text=_("原始文件在私有存储中的名称"))
    source_container = models.CharField(max_length=20)
    source_bytes = models.PositiveBigIntegerField(default=0)
    source_sha256 = models.CharField(max_length=64, blank=True)

    duration_seconds = models.FloatField(_("时长（秒）"), null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    current_version = models.ForeignKey(
        "Version", on_delete=models.SET_NULL, null=True, blank=True, related_name="current_for"
    )
    job = models.ForeignKey("ground.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("上传时间"), default=now)
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("音视频素材")
        verbose_name_plural = _("音视频素材")
        indexes = [
            models.Index(
                fields=["state"], condition=models.Q(state__in=["waiting", "working"]), name="asset_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_playable(self) -> bool:
        """Whether something plays now; true also while a newer version is being made."""
        return self.current_version_id is not None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state in {self.State.READY, self.State.FAILED}


class Version(models.Model):
    """One complete set of outputs, immutable. `folder` is its place in the private storage."""

    uid = UidField()
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="versions")
    folder = models.CharField(max_length=200, unique=True)
    fingerprint = models.CharField(max_length=64, help_text=_("来源与编码方案的指纹"))
    duration_seconds = models.FloatField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    total_bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(default=now)
    retired_at = models.DateTimeField(null=True, blank=True, help_text=_("被新版本取代的时间；一天后删除文件"))

    class Meta:
        verbose_name = _("素材版本")
        verbose_name_plural = _("素材版本")

    def __str__(self) -> str:
        return str(self.uid)


class Rendition(models.Model):
    """One file of a version: a rung of the picture or the sound, with its playlist (byte ranges into that file)."""

    class Kind(models.TextChoices):
        VIDEO = "video", _("画面")
        AUDIO = "audio", _("声音")

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=5, choices=Kind)
    name = models.CharField(max_length=10)
    codecs = models.CharField(max_length=40)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    frame_rate = models.FloatField(default=0)
    frames = models.PositiveIntegerField(default=0)
    average_bandwidth = models.PositiveIntegerField(help_text=_("比特每秒"))
    peak_bandwidth = models.PositiveIntegerField(help_text=_("比特每秒，最大的一段"))
    file_bytes = models.PositiveBigIntegerField()
    playlist = models.TextField()

    class Meta:
        verbose_name = _("码率档")
        verbose_name_plural = _("码率档")
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="rendition_once_per_version")]

    def __str__(self) -> str:
        return f"{self.name} {self.width}x{self.height}"
