"""Who learns what: enrolments and units done."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.organisations.models import Member
from portal.school.models.course import CoursePage


class Enrolment(models.Model):
    """A member takes a course."""

    uid = UidField()
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("党员"))
    course = models.ForeignKey(CoursePage, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("课程"))
    enrolled_at = models.DateTimeField(_("报名时间"), default=now)
    active_at = models.DateTimeField(_("最近学习"), default=now)
    completed_at = models.DateTimeField(_("结课时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("学习报名")
        verbose_name_plural = _("学习报名")
        constraints = [models.UniqueConstraint(fields=["member", "course"], name="enrolment_once")]
        indexes = [models.Index(fields=["member", "-active_at"], name="enrolment_recent")]

    def __str__(self) -> str:
        return f"{self.member} – {self.course}"


class Progress(models.Model):
    """A member is done with a unit. `unit_uid` is no foreign key: the record outlives a unit that an editor takes out, and
    finds it again when it returns."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("党员"))
    unit_uid = models.UUIDField()
    done_at = models.DateTimeField(_("完成时间"), default=now)

    class Meta:
        verbose_name = _("学习进度")
        verbose_name_plural = _("学习进度")
        constraints = [models.UniqueConstraint(fields=["member", "unit_uid"], name="progress_once_per_unit")]

    def __str__(self) -> str:
        return f"{self.member} – {self.unit_uid}"
