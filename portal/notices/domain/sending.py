"""Notices that a person writes to the members of an organisation, and their receipts."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from portal.ground.audit import audit
from portal.ground.rights import may
from portal.notices.domain.notices import notify
from portal.notices.domain.recipients import MembersOf
from portal.notices.kinds import declare_kind
from portal.notices.models import Message, Notice
from portal.notices.rights import SEND
from portal.organisations.models import Organisation

FROM_ORGANISATION = declare_kind(
    "notices.from_organisation",
    "组织通知",
    "From your organisation",
    outside="您所在的组织发来一条通知，请登录门户查看。",
    outside_en="Your organisation has sent you a notice. Please sign in to the portal to read it.",
)


class MayNotSend(PermissionError):
    """The person has no right to tell the members of this organisation something."""


@dataclasses.dataclass(frozen=True)
class Receipts:
    """The notices of a message that are read and those that are not, by name, and their numbers."""

    read: QuerySet[Notice]
    unread: QuerySet[Notice]
    read_count: int
    unread_count: int


def send_to_members(
    sender: Any, organisation: Organisation, title: str, text: str = "", url: str = "", *, uid: uuid.UUID
) -> Message:
    """Tell all members of an organisation and those below it. `uid` is made by whoever asks: the same again is one message.

    Raises MayNotSend, ForeignAddress. Writes Message and an audit line.
    """
    if not may(sender, SEND.code, organisation):
        raise MayNotSend
    with transaction.atomic():
        message = notify(
            f"notices.sent:{uid}",
            MembersOf(organisation),
            FROM_ORGANISATION.code,
            title,
            url,
            text=text,
            sender=sender,
        )
        audit(sender, "notices.sent", target_kind="message", target_uid=message.uid, organisation=str(organisation.uid))
    return message


def messages_sent_by(user: Any) -> QuerySet[Message]:
    """What this person has sent, newest first, each with `told` and `have_read`: one query."""
    counted = Message.objects.annotate(
        told=Count("notices"), have_read=Count("notices", filter=Q(notices__read_at__isnull=False))
    )
    return counted.filter(sender=user).select_related("organisation").order_by("-made_at", "-pk")


def message_for(user: Any, uid: Any) -> Message | None:
    """A message that the person sent and may still send there; None for absent and for others' messages."""
    message = Message.objects.filter(uid=uid, sender=user).select_related("organisation").first()
    return message if message is not None and may(user, SEND.code, message.organisation) else None


def receipts_of(message: Message) -> Receipts:
    """Who has read a message and who has not: two queries for the numbers, one for each list when it is read."""
    told = Notice.objects.filter(message=message).select_related("user").order_by("user__display_name", "pk")
    read = told.filter(read_at__isnull=False).order_by(F("read_at").desc(), "pk")
    unread = told.filter(read_at__isnull=True)
    return Receipts(read, unread, read.count(), unread.count())
