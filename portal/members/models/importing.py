"""Importing members from a table: the run, its rows that wait, and what is wrong with the file."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.members.models.file import FileFields
from portal.organisations.models import Member, Organisation


class ImportRun(models.Model):
    """One file. Nothing is written to members before `apply`; then all of it is, or nothing."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("待核对列")
        CHECKING = "checking", _("正在检查")
        CHECKED = "checked", _("检查完毕")
        APPLYING = "applying", _("正在导入")
        DONE = "done", _("已导入")
        REFUSED = "refused", _("不能导入")
        DROPPED = "dropped", _("已放弃")

    uid = UidField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(_("文件"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    path = models.CharField(max_length=200, blank=True)
    header_row = models.PositiveIntegerField(default=1)
    headers = models.JSONField(default=list)
    samples = models.JSONField(default=list)
    mapping = models.JSONField(default=dict, help_text=_("列号 → 项目"))
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.UPLOADED)
    note = models.CharField(max_length=300, blank=True)
    progress = models.PositiveSmallIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    same_count = models.PositiveIntegerField(default=0)
    error_count = models.PositiveIntegerField(default=0)
    warning_count = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(_("上传时间"), default=now)
    checked_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("党员导入")
        verbose_name_plural = _("党员导入")
        indexes = [models.Index(fields=["user", "-made_at"], name="import_by_user")]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"


class StagedRow(FileFields):
    """A row of the file, read and found good, that waits for the decision. `uid` is its member's, new or existing."""

    class Act(models.TextChoices):
        NEW = "new", _("新增")
        CHANGE = "change", _("修改")
        SAME = "same", _("没有变化")

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=10, choices=Act)
    uid = models.UUIDField()
    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=60)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(max_length=20)
    joined_on = models.DateField(null=True)
    seen_at = models.DateTimeField(null=True, help_text=_("检查时档案的更新时间"))
    changed = models.JSONField(default=list)

    class Meta:
        verbose_name = _("待导入行")
        verbose_name_plural = _("待导入行")
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="staged_row_once"),
            models.UniqueConstraint(fields=["run", "uid"], name="staged_member_once"),
        ]
        indexes = [models.Index(fields=["run", "member"], name="staged_by_member")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number}"


class ImportProblem(models.Model):
    """Something in a row that the person who made the file can put right."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField(_("行"))
    column = models.CharField(_("列"), max_length=120, blank=True)
    value = models.CharField(_("内容"), max_length=120, blank=True)
    advice = models.CharField(_("怎么办"), max_length=300)
    is_error = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("导入问题")
        verbose_name_plural = _("导入问题")
        ordering = ["-is_error", "row", "pk"]
        indexes = [models.Index(fields=["run", "-is_error", "row"], name="problem_by_run")]

    def __str__(self) -> str:
        return f"{self.row}: {self.advice}"
