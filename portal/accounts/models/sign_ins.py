"""Sign-ins: which devices a person is signed in on, and when that began and ended."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.user import User
from portal.ground.ids import UidField


class SignIn(models.Model):
    """One signing in. Open while `ended_at` is empty; the session behind it may be over sooner, when its time ran out."""

    class Ending(models.TextChoices):
        SIGNED_OUT = "signed_out", _("本人退出")
        REMOVED = "removed", _("在“我的设备”中退出")
        IDLE = "idle", _("长时间未操作")
        TOO_LONG = "too_long", _("超过最长登录时间")
        PASSWORD = "password", _("密码已修改")
        ADMINISTRATOR = "administrator", _("管理员结束")
        DUTIES = "duties", _("组织或职责有变动")

    uid = UidField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=64, db_index=True)
    method = models.CharField(_("方式"), max_length=40)
    address = models.CharField(_("地址"), max_length=45, blank=True)
    browser = models.CharField(_("浏览器"), max_length=200, blank=True)
    began_at = models.DateTimeField(_("登录时间"))
    seen_at = models.DateTimeField(_("最近活动"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    ending = models.CharField(_("结束原因"), max_length=20, choices=Ending, blank=True)

    class Meta:
        verbose_name = _("登录")
        verbose_name_plural = _("登录")
        ordering = ["-began_at", "-pk"]
        indexes = [models.Index(fields=["user", "-began_at"], name="sign_in_by_user")]

    def __str__(self) -> str:
        return f"{self.user} {self.began_at:%Y-%m-%d %H:%M}"
