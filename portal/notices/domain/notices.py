"""Telling people things, and what they have not read yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery

from portal.ground.clock import now
from portal.ground.models import OutboxEntry
from portal.ground.outbox import emit
from portal.notices.domain.posting import post
from portal.notices.domain.recipients import MembersOf, Recipients, holders_now, members_now, named_people, rule_of
from portal.notices.kinds import GENERAL, is_silent, kind_named, silent_kinds
from portal.notices.models import Message, Notice

TOLD = "notices.told"
BATCH = 500
LONGEST_KEY = 150  # "task:" and the like are put before it in a column of 200


class ForeignAddress(ValueError):
    """A notice or task may lead only to an address of this site."""


class KeyTooLong(ValueError):
    """A key has 1 to 150 characters."""


def notify(
    key: str,
    recipients: Recipients,
    kind: str = GENERAL.code,
    title: str = "",
    url: str = "",
    *,
    text: str = "",
    sender: Any = None,
) -> Message:
    """Tell people something, each of them once for each `key`: repeating it changes nothing, read or not.

    Written in the caller's transaction, delivered by a worker after the commit. `recipients`: a user, users, `Holders`
    (found at delivery: who came to hold the right meanwhile is told when it is said again) or `MembersOf`. `key` holds the
    uid of the matter ("review.decided:<uid>"). `title` (≤ 200 characters) and `text` are shown on the site alone; other
    channels send the sentence of the kind. `url` is a path of this site or empty. Raises ForeignAddress, KeyTooLong,
    UnknownKind. Writes Message and an outbox entry.
    """
    check(key, url)
    kind_named(kind)
    people = named_people(recipients)
    rule = rule_of(recipients)
    to_members = isinstance(recipients, MembersOf)
    if to_members:
        rule = {"organisation": recipients.organisation}
    said = [key, kind, title, url, text, to_members, *(str(getattr(value, "pk", value)) for value in rule.values())]
    digest = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
    fields = {"key": key, "kind": kind, "title": title[:200], "url": url, "text": text, "sender": sender}
    with transaction.atomic():
        message, _made = Message.objects.get_or_create(
            digest=digest, defaults={**fields, **rule, "to_members": to_members}
        )
        users = [person.pk for person in people]
        told = Notice.objects.filter(user_id__in=users, key=key).count() if users else 0
        if rule or told < len(users):
            emit(TOLD, {"message": message.pk, "users": users})
    return message


def check(key: str, url: str) -> None:
    """Raises ForeignAddress for what is no path of this site, KeyTooLong for a key that would be cut."""
    if not key or len(key) > LONGEST_KEY:
        raise KeyTooLong(key)
    if url and (not url.startswith("/") or url.startswith(("//", "/\\"))):
        raise ForeignAddress(url)


def deliver(entries: Sequence[OutboxEntry]) -> None:
    """Put what was told before each person it is meant for now: active, and holding the right. What a plugin told that is off by
    now is told to nobody. Safe to repeat. Writes Notice."""
    for entry in entries:
        message = Message.objects.filter(pk=entry.payload["message"]).select_related("organisation").first()
        if message is not None and not is_silent(message.kind):
            _deliver_to(message, _meant(message, entry.payload["users"]))


def _meant(message: Message, users: list[int]) -> QuerySet[Any]:
    if message.to_members and message.organisation is not None:
        return members_now(message.organisation).exclude(pk=message.sender_id)
    if message.right:
        return holders_now(message)
    return get_user_model().objects.filter(pk__in=users, is_active=True)


def _deliver_to(message: Message, people: QuerySet[Any]) -> None:
    fields = {"message": message, "key": message.key, "kind": message.kind, "title": message.title, "url": message.url}
    new = people.exclude(notices__key=message.key).order_by("pk").values_list("pk", flat=True)
    for start in range(0, len(ids := list(new)), BATCH):
        with transaction.atomic():
            some = ids[start : start + BATCH]
            Notice.objects.bulk_create([Notice(user_id=pk, **fields) for pk in some], ignore_conflicts=True)
            post(list(Notice.objects.filter(key=message.key, user_id__in=some)))


def _shown(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Without those of plugins that are off."""
    silent = silent_kinds()
    return notices.exclude(kind__in=silent) if silent else notices


def unread_of(user: Any) -> QuerySet[Notice]:
    """What a person has not read yet, newest first."""
    return _shown(Notice.objects.filter(user=user, read_at__isnull=True)).order_by("-made_at", "-pk")


def mark_read(user: Any) -> int:
    """Mark everything that a person was told as read; how many were unread. Safe to repeat."""
    return Notice.objects.filter(user=user, read_at__isnull=True).update(read_at=now())


def notices_of(user: Any, *, unread_only: bool = False, kind: str = "") -> QuerySet[Notice]:
    """What a person was told, newest first."""
    found = unread_of(user) if unread_only else _shown(Notice.objects.filter(user=user)).order_by("-made_at", "-pk")
    return (found.filter(kind=kind) if kind else found).select_related("message__sender")


def read_notice(user: Any, uid: Any) -> Notice | None:
    """The notice of this person, from now on read: the receipt has the first time. None for absent and for another's."""
    notice = Notice.objects.filter(user=user, uid=uid).select_related("message__sender").first()
    if notice is not None and notice.read_at is None:
        notice.read_at = now()
        notice.save(update_fields=["read_at"])
    return notice


def unread_count() -> Subquery:
    """How many unread notices the person of a query of users has: for reading it together with the person."""
    unread = _shown(Notice.objects.filter(user=OuterRef("pk"), read_at__isnull=True)).order_by().values("user")
    return Subquery(unread.annotate(number=Count("pk")).values("number"))
