"""The phone number of a member for a text message: deciphered in the worker that sends, for this purpose alone, and written down."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.ground.clock import BUSINESS_ZONE, today
from portal.members.domain.fields import BY_NAME
from portal.members.models import AccessEntry, MemberFile
from portal.organisations.models import Member

PURPOSE = "notice"
_MOBILE = re.compile(r"1[3-9]\d{9}")


def number_for_text_message(user: Any) -> str:
    """The mobile number of the login's member file; empty without one, for a landline, and for who has left.

    The first time on a day writes AccessEntry, which the member sees, and an audit line.
    """
    file = _files(user).select_related("member").first()
    if file is None or not (number := str(file.phone)) or not _MOBILE.fullmatch(number):
        return ""
    _write_down(file.member)
    return number


def has_number(user: Any) -> bool:
    """Whether a number is known; it is not deciphered."""
    return _files(user).exclude(phone_lookup="").exists()


def _files(user: Any) -> Any:
    return MemberFile.objects.filter(member__user_id=user.pk).exclude(member__stage=Member.Stage.LEFT)


def _write_down(member: Member) -> None:
    midnight = dt.datetime.combine(today(), dt.time(), BUSINESS_ZONE)
    with transaction.atomic():
        told = AccessEntry.objects.filter(member=member, act=AccessEntry.Act.CONTACTED, at__gte=midnight)
        if told.exists():
            return
        AccessEntry.objects.create(
            member=member,
            name=_("本系统"),
            act=AccessEntry.Act.CONTACTED,
            fields=[BY_NAME["phone"].name],
            reason=_("按您的通知设置发送短信提示"),
        )
        audit(None, "members.contacted", target_kind="member", target_uid=member.uid, fields=["phone"], purpose=PURPOSE)
