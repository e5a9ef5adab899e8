"""A question with the answer that editors approved (党务问答)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField, new_short_code
from portal.organisations.models import Audience, Organisation


class Answer(models.Model):
    """A draft is read by editors only. What is approved never changes: its amendment is another row, which takes its place (and
    its address, `code`) when it is approved. What it cites is kept by `portal.references` under the kind "answer"."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        WAITING = "waiting", _("待审核")
        APPROVED = "approved", _("已发布")
        REPLACED = "replaced", _("已被修订")
        WITHDRAWN = "withdrawn", _("已撤回")

    uid = UidField()
    code = models.CharField(_("短码"), max_length=20, default=new_short_code, editable=False, db_index=True)
    question = models.CharField(_("问题"), max_length=120)
    wordings = models.TextField(_("其他问法"), blank=True, max_length=1000, help_text=_("每行一种问法，最多 10 行。"))
    text = models.TextField(_("解答"), max_length=5000)
    sources = models.TextField(
        _("依据"),
        max_length=1000,
        help_text=_("每行一处：写“《中国共产党章程》第三条”，或粘贴条文在本站的地址。条文变更时会提醒编辑核对。"),
    )
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    replaces = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="amendments"
    )
    returned_because = models.CharField(_("退回原因"), max_length=200, blank=True, editable=False)
    owner_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("责任组织")
    )
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+", verbose_name=_("可见范围"))
    secrecy = models.PositiveSmallIntegerField(_("级别"), default=0)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    approved_at = models.DateTimeField(_("发布时间"), null=True, editable=False)
    changed_at = models.DateTimeField(_("更新时间"), default=now, editable=False)

    class Meta:
        verbose_name = _("党务问答")
        verbose_name_plural = _("党务问答")
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(state="approved"), name="answer_approved_once_at_an_address"
            )
        ]
        indexes = [models.Index(fields=["state", "-changed_at"], name="answer_by_state")]

    def __str__(self) -> str:
        return self.question
