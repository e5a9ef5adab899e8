"""What is told and asked because of events of the layers below, which cannot call this app."""

from __future__ import annotations

import uuid

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plugins.sdk import on
from portal.events.media import ProcessingFailed
from portal.events.organisations import BodyElected, OrganisationEnded, TermEnding
from portal.files.models import Video
from portal.notices.domain import Holders, close_task, declare_kind, notify, open_task
from portal.notices.models import Task
from portal.organisations.models import Organisation

VIDEO_FAILED = declare_kind("files.video_failed", "视频处理失败", "A video could not be processed")
TERM_ENDING = declare_kind("organisations.term_ending", "换届提醒", "Terms that end soon")


@on(ProcessingFailed)
def tell_uploader(event: ProcessingFailed) -> None:
    """Tell who uploaded the video, once an attempt; nobody when the video is gone or came with the demo."""
    video = Video.objects.filter(asset_uid=event.asset_uid).select_related("uploaded_by").first()
    if video is None or video.uploaded_by is None:
        return
    title = _("视频《%(title)s》处理失败，请查看原因后重试") % {"title": video.title}
    key = f"files.video_failed:{video.uid}:{event.attempt}"
    notify(key, video.uploaded_by, VIDEO_FAILED.code, title, reverse("video:edit", args=[video.pk]))


@on(TermEnding)
def ask_for_election(event: TermEnding) -> None:
    """Ask whoever manages the organisation to prepare the election; each reminder tells them again."""
    organisation = Organisation.objects.filter(uid=event.organisation_uid, ended_on__isnull=True).first()
    if organisation is None:
        return
    day = date_format(event.until, "DATE_FORMAT")
    title = _("%(organisation)s领导班子任期将于%(day)s届满，请筹备换届") % {"organisation": organisation, "day": day}
    managers = Holders("organisations.manage", organisation)
    url = reverse("organisations:edit", args=[organisation.pk])
    key = f"organisations.term:{event.organisation_uid}:{event.term_uid}"
    open_task(key, managers, title[:200], url, event.until, kind=TERM_ENDING.code, by_hand=True)
    notify(f"{key}:{event.months_left}", managers, TERM_ENDING.code, title[:200], url)


@on(OrganisationEnded)
def ask_no_more(event: OrganisationEnded) -> None:
    """An organisation that is dissolved elects nobody any more."""
    _close_elections(event.organisation_uid)


@on(BodyElected)
def election_is_done(event: BodyElected) -> None:
    """Who was asked to prepare the election is done with it."""
    _close_elections(event.organisation_uid)


def _close_elections(organisation_uid: uuid.UUID) -> None:
    waiting = Task.objects.filter(key__startswith=f"organisations.term:{organisation_uid}:", closed_at__isnull=True)
    for key in waiting.values_list("key", flat=True):
        close_task(key)
