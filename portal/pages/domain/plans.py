"""What editors planned: pages that go live at a time, and pages that are taken down at one. A worker looks every minute.

Each is done by itself: one that fails, or that a plugin objects to, keeps no other from its time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import PageLogEntry, Revision

from plugins.host import faults
from plugins.sdk import Refusal
from plugins.sdk.declarations.checks import CannotAsk
from portal.basepage.models import BasePage
from portal.basepage.orphans import is_orphan_type
from portal.ground.clock import now
from portal.ground.jobs import JobContext, job_kind, periodic
from portal.notices.domain import declare_kind, notify

SECONDS = 60
STOPPED = declare_kind(
    "pages.plan_stopped",
    "没有按计划发布或撤下的稿件",
    "Pages that were not published or taken down as planned",
    outside="有一篇稿件没有按计划的时间发布或撤下，请登录门户查看。",
    outside_en="A page was not published or taken down at the time that was planned. Please sign in to the portal.",
)


def follow_plans() -> tuple[int, int]:
    """Take down the live pages whose time is over, publish the versions whose time has come; how many of each.

    Validators of plugins are asked again, for what they look at may have changed since. A version that is refused stays a draft and
    its plan ends; a page that may not be taken down stays live and is asked about again each time; whoever planned it is told once,
    with the reason. A validator that cannot be asked just now only delays, and so does a plugin whose page type is not there.
    Writes pages, versions, Message. Raises ExceptionGroup with what failed otherwise, once all others are done.
    """
    over = BasePage.objects.filter(live=True, expire_at__lt=now()).order_by("expire_at", "pk")
    due = Revision.page_revisions.filter(approved_go_live_at__lt=now()).order_by("approved_go_live_at", "pk")
    errors: list[Exception] = []
    taken_down = sum(_done(partial(_take_down, page), errors) for page in over)
    published = sum(_done(partial(_publish, rev), errors) for rev in due if not is_orphan_type(rev.content_type_id))
    faults.store_lost()  # what was recorded while a refused deed was taken back
    if errors:
        raise ExceptionGroup("planned pages that failed", errors)
    return taken_down, published


def _done(step: Callable[[], bool], errors: list[Exception]) -> bool:
    try:
        return step()
    except CannotAsk:
        return False
    except Exception as error:  # noqa: BLE001 - raised again after the others
        errors.append(error)
        return False


def _take_down(page: BasePage) -> bool:
    try:
        page.specific.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    except CannotAsk:
        raise
    except Refusal as refusal:
        said = _("《%(title)s》到了计划的时间没有撤下") % {"title": page.title}
        key = f"pages.kept_live:{page.pk}:{page.expire_at:%Y%m%d%H%M}"
        _tell(key, page, page.live_revision_id, said, str(refusal))
        return False
    return True


def _publish(revision: Revision) -> bool:
    try:
        revision.publish(log_action="wagtail.publish.scheduled")
    except CannotAsk:
        raise
    except Refusal as refusal:
        page = BasePage.objects.get(pk=revision.object_id)
        said = _("《%(title)s》到了计划的时间没有发布") % {"title": page.draft_title or page.title}
        with transaction.atomic():
            Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
            text = f"{refusal}\n{_('它还是草稿，改好后请重新发布，或另定时间。')}"
            _tell(f"pages.not_live:{revision.pk}", page, revision.pk, said, text)
        return False
    return True


def _tell(key: str, page: BasePage, revision_id: int | None, said: str, reason: str) -> None:
    entries = PageLogEntry.objects.filter(page=page, revision_id=revision_id, action__startswith="wagtail.publish")
    entry = entries.exclude(user=None).select_related("user").order_by("-timestamp").first()
    revision = Revision.objects.filter(pk=revision_id).select_related("user").first()
    planners = {who.pk: who for who in (entry and entry.user, revision and revision.user, page.owner) if who}
    if planners:
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
        notify(key, list(planners.values()), STOPPED.code, said[:200], url, text=reason)


@job_kind("pages.publish_scheduled", lease_seconds=600)
def _follow_plans_job(context: JobContext) -> None:
    follow_plans()


periodic("pages.publish_scheduled", every_seconds=SECONDS)
