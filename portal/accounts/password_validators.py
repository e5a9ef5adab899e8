"""The profile's rules in the form that Django asks for, so that every way to set a password obeys them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.accounts.domain.breaches import is_leaked
from portal.accounts.domain.passwords import remember_password
from portal.accounts.domain.profiles import current_profile
from portal.accounts.models import OldPassword

LONGEST = 128


def count_classes(password: str) -> int:
    """How many of the four kinds of characters occur: lower case, upper case, digits, everything else."""
    return len(
        {
            "lower" if "a" <= c <= "z" else "upper" if "A" <= c <= "Z" else "digit" if "0" <= c <= "9" else "other"
            for c in password
        }
    )


class ProfileRules:
    """Length and kinds of characters."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with what is missing."""
        profile = current_profile()
        if len(password) < profile.minimum_length:
            raise ValidationError(_("密码至少 %(count)s 个字符。"), "too_short", {"count": profile.minimum_length})
        if len(password) > LONGEST:
            raise ValidationError(_("密码最多 %(count)s 个字符。"), "too_long", {"count": LONGEST})
        if count_classes(password) < profile.classes:
            raise ValidationError(
                _("密码须包含小写字母、大写字母、数字、符号中的至少 %(count)s 类。"),
                "too_few_classes",
                {"count": profile.classes},
            )

    def get_help_text(self) -> str:
        """For the form."""
        profile = current_profile()
        if profile.classes > 1:
            return _("至少 %(count)s 个字符，含小写字母、大写字母、数字、符号中的至少 %(classes)s 类。") % {
                "count": profile.minimum_length,
                "classes": profile.classes,
            }
        return _("至少 %(count)s 个字符，长一些比复杂更安全，例如几个互不相关的词。") % {
            "count": profile.minimum_length
        }


class NotLeaked:
    """Not among known leaked passwords."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a leaked one."""
        if current_profile().breach_list and is_leaked(password):
            raise ValidationError(_("这个密码出现在已泄露的密码中，容易被猜到。请换一个。"), "leaked")

    def get_help_text(self) -> str:
        """For the form."""
        return _("不能是常见的或已经泄露的密码。")


class NotUsedBefore:
    """Not one of the last ones. Being a validator it also hears of every password that was set."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for one of the last passwords."""
        count = current_profile().remembered
        if not count or user is None or user.pk is None:
            return
        for old in OldPassword.objects.filter(user=user)[:count]:
            if check_password(password, old.password):
                raise ValidationError(_("不能使用最近 %(count)s 次用过的密码。"), "used_before", {"count": count})

    def password_changed(self, password: str, user: Any = None) -> None:
        """Remember the new one's hash."""
        if user is not None and user.pk is not None and user.has_usable_password():
            remember_password(user)

    def get_help_text(self) -> str:
        """For the form."""
        count = current_profile().remembered
        return _("不能与最近 %(count)s 次用过的密码相同。") % {"count": count} if count else ""
