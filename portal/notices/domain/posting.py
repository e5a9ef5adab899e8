"""Sending notices out of the site: what is due, who still may have it, what is tried again."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from portal.ground.clock import now
from portal.ground.jobs import JobContext, enqueue, job_kind, periodic
from portal.ground.rights import declared, may
from portal.notices.channels import Channel, Outgoing, Undeliverable, channel_named, channels
from portal.notices.domain.preferences import due_at, in_digest
from portal.notices.kinds import UnknownKind, is_silent, kind_named
from portal.notices.models import ChannelChoice, Message, Notice, Posting, Preferences
from portal.organisations.domain.rights import home_of

log = logging.getLogger(__name__)

SEND = "notices.send"
EVERY_SECONDS = 60
MAX_ATTEMPTS = 5
BATCH = 200


def post(notices: Sequence[Notice]) -> None:
    """Put new notices of one kind on their way through the channels that each person wants. Writes Posting; queues a job."""
    if not notices or not settings.NOTICE_CHANNELS:
        return
    kind = kind_named(notices[0].kind)
    people = [notice.user_id for notice in notices]
    chosen = {
        (choice.user_id, choice.channel): choice.wanted
        for choice in ChannelChoice.objects.filter(user__in=people, kind=kind.code)
    }
    preferences = Preferences.objects.in_bulk(people)
    made, moment = [], now()
    for notice in notices:
        own = preferences.get(notice.user_id) or Preferences(user_id=notice.user_id)
        when, together = due_at(moment, own, kind.tier), in_digest(own, kind.tier)
        for channel in channels():
            if chosen.get((notice.user_id, channel.code), channel.code in kind.channels):
                made.append(Posting(notice=notice, channel=channel.code, in_digest=together, due_at=when))
    Posting.objects.bulk_create(made, ignore_conflicts=True)
    if any(posting.due_at <= moment for posting in made):
        enqueue(SEND, key=SEND)


@job_kind(SEND)
def _send_job(context: JobContext) -> None:
    send_due(context)


periodic(SEND, every_seconds=EVERY_SECONDS)


def send_due(context: JobContext | None = None) -> int:
    """Send what is due, a digest as one message to a person and channel; how many messages went out.

    Only one such job runs at a time. A crash between sending and writing it down sends again. Who was suspended, lost the
    right for which it was told, has read it or wants it no more is sent nothing.
    """
    sent = 0
    while True:
        due = list(
            Posting.objects.filter(state=Posting.State.WAITING, due_at__lte=now())
            .select_related("notice__user", "notice__message__organisation")
            .order_by("due_at", "pk")[:BATCH]
        )
        if not due:
            return sent
        wanted = _still_wanted(due)
        for group in _grouped(wanted):
            if context is not None:
                context.check()
            sent += _send(group)


def _still_wanted(due: Sequence[Posting]) -> list[Posting]:
    people = {posting.notice.user_id for posting in due}
    refused = {
        (choice.user_id, choice.kind, choice.channel)
        for choice in ChannelChoice.objects.filter(user__in=people, wanted=False)
    }
    users = get_user_model().objects.in_bulk(people)
    silent = {code for code in {posting.notice.kind for posting in due} if is_silent(code)}
    kept = []
    for posting in due:
        posting.notice.user = users[posting.notice.user_id]  # one object a person, so that roles are read once
        reason = "its plugin is switched off" if posting.notice.kind in silent else _reason_against(posting)
        if (posting.notice.user_id, posting.notice.kind, posting.channel) in refused:
            reason = "the person wants it no more"
        if reason:
            _settle([posting], Posting.State.SKIPPED, reason)
        else:
            kept.append(posting)
    return kept


def _reason_against(posting: Posting) -> str:
    notice = posting.notice
    if not notice.user.is_active:
        return "the account is suspended"
    if notice.read_at is not None:
        return "read on the site already"
    if notice.message is not None and not _still_meant(notice.user, notice.message):
        return "the right or membership it was told for has ended"
    return ""


def _still_meant(user: Any, message: Message) -> bool:
    if message.to_members and message.organisation is not None:
        home = home_of(user)
        return home is not None and home.path.startswith(message.organisation.path)
    if message.right:
        return message.right in declared() and may(user, message.right, message.organisation)
    return True


def _grouped(postings: Iterable[Posting]) -> list[list[Posting]]:
    groups: dict[tuple[Any, ...], list[Posting]] = {}
    for posting in postings:
        one = (posting.notice.user_id, posting.channel, None if posting.in_digest else posting.pk)
        groups.setdefault(one, []).append(posting)
    return list(groups.values())


def _send(group: list[Posting]) -> int:
    channel = channel_named(group[0].channel)
    if channel is None:
        _settle(group, Posting.State.PARKED, f"the channel {group[0].channel} is switched off")
        return 0
    user = group[0].notice.user
    try:
        address = channel.address_of(user)
        if not address:
            _settle(group, Posting.State.SKIPPED, "no address")
            return 0
        channel.send(address, outgoing_for(user, [posting.notice for posting in group]))
    except Undeliverable as error:
        _settle(group, Posting.State.PARKED, str(error))
        return 0
    except Exception as error:  # whatever an adapter or the service behind it does wrong is recorded and tried again
        log.exception("channel %s failed", channel.code)
        _try_again(group, channel, error)
        return 0
    _settle(group, Posting.State.SENT)
    return 1


def outgoing_for(user: Any, notices: Sequence[Notice]) -> Outgoing:
    """What leaves the site about these notices: the sentence of the kind, or of a digest with their number, and a link."""
    preferences = Preferences.objects.filter(user=user).first() or Preferences(user=user)
    english = preferences.language == Preferences.Language.ENGLISH
    with translation.override(preferences.language):
        single = len(notices) == 1
        path = reverse("notices:open", args=[notices[0].uid]) if single else reverse("notices:list")
        subject = f"{settings.WAGTAIL_SITE_NAME} · {_('通知')}"
        several = _("您有 %(count)s 条新通知，请登录门户查看。") % {"count": len(notices)}
        text = _sentence(notices[0].kind, english=english) if single else several
    return Outgoing(subject, text, settings.BASE_URL.rstrip("/") + path)


def _sentence(code: str, *, english: bool) -> str:
    try:
        kind = kind_named(code)
    except UnknownKind:  # its plugin is gone
        kind = kind_named("notices.general")
    return kind.outside_en if english else kind.outside


def _settle(group: Iterable[Posting], state: Posting.State, reason: str = "") -> None:
    moment = now() if state == Posting.State.SENT else None
    Posting.objects.filter(pk__in=[posting.pk for posting in group]).update(
        state=state, last_error=reason[:2000], sent_at=moment
    )


def _try_again(group: Iterable[Posting], channel: Channel, error: Exception) -> None:
    for posting in group:
        posting.attempts += 1
        posting.last_error = f"{channel.code}: {type(error).__name__}: {error}"[:2000]
        if posting.attempts >= MAX_ATTEMPTS:
            posting.state = Posting.State.PARKED
        else:
            posting.due_at = now() + dt.timedelta(minutes=min(2**posting.attempts, 60))
        posting.save(update_fields=["attempts", "last_error", "state", "due_at"])


def send_again(posting: Posting) -> bool:
    """Try a parked posting again with fresh attempts; False when it is not parked. Writes Posting; queues a job."""
    changed = Posting.objects.filter(pk=posting.pk, state=Posting.State.PARKED).update(
        state=Posting.State.WAITING, attempts=0, due_at=now(), last_error=""
    )
    if changed:
        enqueue(SEND, key=SEND)
    return bool(changed)
