"""What is kept about a member beyond name, organisation and stage. Which field is for what, and who sees it how, stands in
`portal.members.domain.fields`: a column without an entry there fails a test."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.ground.clock import now
from portal.organisations.models import Member
from portal.shared.fields import EncryptedTextField


class Gender(models.TextChoices):
    MALE = "male", pgettext_lazy("gender", "男")
    FEMALE = "female", pgettext_lazy("gender", "女")


class Education(models.TextChoices):
    """The highest level finished (GB/T 4658, in its broad steps)."""

    DOCTOR = "doctor", _("博士研究生")
    MASTER = "master", _("硕士研究生")
    BACHELOR = "bachelor", _("大学本科")
    COLLEGE = "college", _("大学专科")
    VOCATIONAL = "vocational", _("中专（中技）")
    HIGH_SCHOOL = "high_school", _("高中")
    MIDDLE_SCHOOL = "middle_school", _("初中及以下")


class FileFields(models.Model):
    """The columns of a file, shared by the file itself and by rows that wait to be imported."""

    gender = models.CharField(_("性别"), max_length=10, choices=Gender, blank=True)
    born_on = models.DateField(_("出生日期"), null=True, blank=True)
    nation = models.CharField(_("民族"), max_length=20, blank=True)
    id_number = EncryptedTextField(_("身份证号"), blank=True)
    id_lookup = models.CharField(max_length=64, blank=True, editable=False)
    phone = EncryptedTextField(_("联系电话"), blank=True)
    phone_lookup = models.CharField(max_length=64, blank=True, editable=False)
    education = models.CharField(_("学历"), max_length=20, choices=Education, blank=True)
    work_unit = models.CharField(_("工作单位"), max_length=120, blank=True)
    job_title = models.CharField(_("岗位"), max_length=60, blank=True)
    work_number = models.CharField(_("工号"), max_length=40, blank=True)
    applied_on = models.DateField(_("递交入党申请书日期"), null=True, blank=True)
    activist_on = models.DateField(_("确定为积极分子日期"), null=True, blank=True)
    target_on = models.DateField(_("确定为发展对象日期"), null=True, blank=True)
    full_on = models.DateField(_("转正日期"), null=True, blank=True)
    pinyin = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        abstract = True


class MemberFile(FileFields):
    """The file of one member; made with the first value that is known."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="file")
    changed_at = models.DateTimeField(_("更新时间"), default=now)

    class Meta:
        verbose_name = _("党员档案")
        verbose_name_plural = _("党员档案")
        constraints = [
            models.UniqueConstraint(fields=["id_lookup"], condition=~Q(id_lookup=""), name="member_file_id_once"),
        ]
        indexes = [
            models.Index(fields=["phone_lookup"], condition=~Q(phone_lookup=""), name="member_file_phone"),
            models.Index(fields=["work_number"], condition=~Q(work_number=""), name="member_file_work_number"),
            models.Index(fields=["born_on"], name="member_file_born"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}"
