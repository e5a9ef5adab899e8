"""The words inside documents, for search."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from portal.ground.jobs import enqueue

READ_TEXT = "files.read_text"


class DocumentText(models.Model):
    """What a job read out of the file of a document; `digest` (SHA-256) says of which bytes, `turn` rises with each new file or
    try, so that a reading that took long does not overwrite a newer one."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待读取")
        READY = "ready", _("已收入搜索")
        EMPTY = "empty", _("没有文字")
        FAILED = "failed", _("读取失败")

    class Reason(models.TextChoices):
        CUT = "cut", _("文字很长，只收入了前 20 万字。")
        KIND = "kind", _("不读取这类文件里的文字，只能按标题找到；可读取 DOCX、PPTX、XLSX、PDF 和纯文本。")
        SCAN = "scan", _("PDF 里没有文字，像是扫描件：识别成文字后重新上传，才能按内容找到。")
        NO_WORDS = "no_words", _("文件里没有文字，只能按标题找到。")
        ENCRYPTED = (
            "encrypted",
            _("文件有密码保护，或是旧的 .doc、.ppt、.xls 格式：请去掉密码、另存为新格式后重新上传。"),
        )
        BROKEN = "broken", _("文件已损坏，或内容与扩展名不符：请用原来的软件打开、另存后重新上传。")
        BOMB = "bomb", _("文件解压后过大，可能是恶意的压缩包，没有打开。")
        LARGE = "large", _("文件超过 50 MB，没有读取里面的文字：请拆分后重新上传。")
        HEAVY = "heavy", _("读取时间或所需内存超过限度，已停止：请拆分或另存后重新上传。")
        MISSING = "missing", _("存储中找不到这个文件，请重新上传。")

    document = models.OneToOneField("files.PortalDocument", on_delete=models.CASCADE, related_name="words")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    digest = models.CharField(max_length=64, blank=True, db_index=True)
    text = models.TextField(blank=True)
    turn = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)

    wagtail_reference_index_ignore = True  # not a use of the document

    class Meta:
        verbose_name = _("文档的文字")
        verbose_name_plural = _("文档的文字")

    def __str__(self) -> str:
        return f"{self.document_id} {self.state}"


def wait_for_text(document: models.Model) -> None:
    """Forget what was read of the document and queue a reading, in the open transaction."""
    row, made = DocumentText.objects.get_or_create(document=document)
    if not made:
        DocumentText.objects.filter(pk=row.pk).update(
            state=DocumentText.State.WAITING, reason="", digest="", text="", tries=0, turn=F("turn") + 1
        )
    queue_reading(document.uid)  # type: ignore[attr-defined]


def queue_reading(uid: object) -> None:
    """Queue a reading of the document with this uid; one that waits already is enough."""
    enqueue(READ_TEXT, {"uid": str(uid)}, key=str(uid))
