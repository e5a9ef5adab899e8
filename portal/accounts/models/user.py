"""Users and the handles they log in by."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from portal.ground.ids import UidField


class User(AbstractUser):
    """A login. Who the person is stands in `portal.organisations.models.Member`."""

    uid = UidField()
    display_name = models.CharField(_("姓名"), max_length=60, blank=True)
    clearance = models.PositiveSmallIntegerField(
        _("知悉级别"), default=1, help_text=_("可以看到的最高密级：0 公开，1 内部，2 受控，3 严格受控")
    )

    must_change_password = models.BooleanField(_("下次登录须修改密码"), default=False)
    password_changed_at = models.DateTimeField(_("密码修改时间"), null=True, blank=True, editable=False)
    one_time_until = models.DateTimeField(_("一次性密码有效期"), null=True, blank=True, editable=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    # What Wagtail keeps on a user object of the permissions that groups give for single sites and collections. Only rights
    # answer here (role × subtree × time), so there are none, and no page of the administration asks for them.
    _site_permission_cache: ClassVar[tuple[()]] = ()
    _collection_permission_cache: ClassVar[tuple[()]] = ()

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")

    def __str__(self) -> str:
        return self.display_name or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to be this person's: raising the epoch ends all of them at their next request."""
        return salted_hmac(
            "portal.accounts.session", f"{self.password}:{self.session_epoch}", secret=secret, algorithm="sha256"
        ).hexdigest()

    def get_full_name(self) -> str:
        """The name people see; Wagtail's admin asks for it."""
        return self.display_name or self.username

    def get_short_name(self) -> str:
        """The same: Chinese names have no short form to show."""
        return self.get_full_name()


class LoginHandle(models.Model):
    """Something a person can type instead of the user name: a phone or a work number, kept only as a keyed hash."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("手机号")
        WORK_NUMBER = "work_number", _("工号")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="handles")
    kind = models.CharField(max_length=20, choices=Kind)
    lookup = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("登录凭据")
        verbose_name_plural = _("登录凭据")
        constraints = [models.UniqueConstraint(fields=["kind", "lookup"], name="login_handle_unique")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} → {self.user}"
