"""From draft to published: handing in, sending back, verifying against a named source; and the day to look again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.ground.clock import today
from portal.notices.domain.recipients import Holders
from portal.notices.domain.tasks import close_task, open_task
from portal.organisations.models import Organisation
from portal.regulations.domain.publishing import NotPossible, publish
from portal.regulations.models import Regulation, RegulationVersion

AHEAD = dt.timedelta(days=14)  # how long before the day the owner is reminded


def submit(version: RegulationVersion, *, actor: Any) -> RegulationVersion:
    """Hand a draft in for review. Raises NotPossible if it is no draft. Writes a task for who publishes and an audit line."""
    with transaction.atomic():
        version = _locked(version)
        if version.state != RegulationVersion.State.DRAFT:
            raise NotPossible("只有草稿才能提交审核。")
        version.state = RegulationVersion.State.REVIEW
        version.submitted_by, version.returned_reason = actor, ""
        version.save(update_fields=["state", "submitted_by", "returned_reason"])
        close_task(_returned(version))
        if keeper := keeper_of(version.regulation):
            title = _("请审核《%(title)s》%(key)s 版") % {"title": version.regulation.title[:80], "key": version.key}
            open_task(_review(version), Holders("regulations.publish", keeper), title, _address(version.regulation))
        audit(
            actor, "regulations.submit", target_kind="regulation_version", target_uid=version.uid, version=version.key
        )
    return version


def send_back(version: RegulationVersion, *, reason: str, actor: Any) -> RegulationVersion:
    """Give a version in review back to who handed it in. Raises NotPossible without a reason or if it is not in review.

    Writes a task for the author and an audit line.
    """
    if not reason.strip():
        raise NotPossible("退回需要写明原因。")
    with transaction.atomic():
        version = _locked(version)
        if version.state != RegulationVersion.State.REVIEW:
            raise NotPossible("只有待审核的版本才能退回。")
        version.state = RegulationVersion.State.DRAFT
        version.returned_reason = reason.strip()[:300]
        version.save(update_fields=["state", "returned_reason"])
        close_task(_review(version), by=actor)
        if version.submitted_by is not None and version.submitted_by.is_active:
            title = _("《%(title)s》%(key)s 版被退回：%(reason)s") % {
                "title": version.regulation.title[:60], "key": version.key, "reason": version.returned_reason[:80],
            }  # fmt: skip
            open_task(_returned(version), version.submitted_by, title, _address(version.regulation), by_hand=True)
        audit(
            actor, "regulations.return", target_kind="regulation_version", target_uid=version.uid,
            reason=version.returned_reason,
        )  # fmt: skip
    return version


def verify_and_publish(version: RegulationVersion, *, source: str, actor: Any) -> RegulationVersion:
    """Say against what a text was checked, and make it visible. Raises NotPossible without a named source, or for who handed
    it in while it is in review: another person has to look. Writes an audit line; emits what publishing emits."""
    if len(source.strip()) < 2:
        raise NotPossible("请写明依据什么核对的，如“国家法律法规数据库”或“某某公报 2024 年第 3 期”。")
    with transaction.atomic():
        version = _locked(version)
        in_review = version.state == RegulationVersion.State.REVIEW
        if in_review and version.submitted_by_id == actor.pk:
            raise NotPossible("提交审核的人不能自己审核，请另一位审核人员核对。")
        version.verified_by, version.verified_on = actor, today()
        version.verified_source = source.strip()[:300]
        version.save(update_fields=["verified_by", "verified_on", "verified_source"])
        close_task(_review(version), by=actor)
        close_task(_returned(version), by=actor)
        audit(
            actor, "regulations.verify", target_kind="regulation_version", target_uid=version.uid,
            source=version.verified_source,
        )  # fmt: skip
        return publish(version, actor=actor)


def remind_of_reviews(day: dt.date | None = None) -> int:
    """Give the owners of works whose day of review is near a task, and take back those of works that have another day now.

    Safe to repeat. Returns how many works are due.
    """
    day = day or today()
    due = Regulation.objects.filter(review_on__lte=day + AHEAD).select_related("owner_organisation")
    count = 0
    for work in due.filter(Q(repealed_on__isnull=True) | Q(repealed_on__gt=day)):
        if (keeper := keeper_of(work)) is None or work.review_on is None:
            continue
        title = _("请复核《%(title)s》是否仍然适用") % {"title": work.title[:100]}
        open_task(_due(work), Holders("regulations.edit", keeper), title, _address(work), work.review_on)
        count += 1
    return count


def review_done(work: Regulation, *, next_on: dt.date | None, actor: Any) -> Regulation:
    """Say that a work was looked at again, and when next. Raises NotPossible for a day that is past. Writes an audit line."""
    if next_on is not None and next_on <= today():
        raise NotPossible("下次复核日期应当在今天之后。")
    with transaction.atomic():
        work = Regulation.objects.select_for_update().get(pk=work.pk)
        close_task(_due(work), by=actor)
        work.review_on = next_on
        work.save(update_fields=["review_on"])
        audit(
            actor, "regulations.reviewed", target_kind="regulation", target_uid=work.uid,
            next_on=next_on.isoformat() if next_on else "",
        )  # fmt: skip
    return work


def keeper_of(work: Regulation) -> Organisation | None:
    """The organisation whose people look after a work: its owner, for a common law the top one."""
    return work.owner_organisation or Organisation.get_first_root_node()


def _locked(version: RegulationVersion) -> RegulationVersion:
    rows = RegulationVersion.objects.select_for_update(of=("self",))
    return rows.select_related("regulation__owner_organisation", "submitted_by").get(pk=version.pk)


def _address(work: Regulation) -> str:
    return reverse("regulation:edit", args=[work.pk])


def _review(version: RegulationVersion) -> str:
    return f"regulation-review:{version.uid}"


def _returned(version: RegulationVersion) -> str:
    return f"regulation-returned:{version.uid}"


def _due(work: Regulation) -> str:
    return f"regulation-due:{work.uid}"
