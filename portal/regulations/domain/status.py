"""Whether a version is in force on a date, and why. Computed from the versions and the repeal, never stored."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Literal

from django.utils.translation import gettext as _

from portal.regulations.models import RegulationVersion

StatusCode = Literal["not_yet", "in_force", "amended", "repealed", "expired", "withdrawn", "draft"]
OPEN_END = 99_999_999


@dataclasses.dataclass(frozen=True)
class Status:
    """What a version is on a date: `label` for people, `reason` a sentence that names the dates it follows from."""

    code: StatusCode
    label: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Span:
    """From when to when a version is the text that counts: yyyymmdd, both included; 0 and 99999999 are open."""

    version: RegulationVersion
    first: int
    last: int


def in_order(versions: Iterable[RegulationVersion]) -> list[RegulationVersion]:
    """Versions from the oldest to the newest; one without any date comes first."""
    return sorted(versions, key=lambda version: (version.starts_on or dt.date.min, version.key))


def yyyymmdd(day: dt.date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def spans(versions: Iterable[RegulationVersion], repealed_on: dt.date | None) -> list[Span]:
    """The spans of the published versions, oldest first. A version that another of the same day replaces has none."""
    published = [v for v in in_order(versions) if v.state == RegulationVersion.State.PUBLISHED]
    found: list[Span] = []
    for index, version in enumerate(published):
        first = yyyymmdd(version.starts_on) if version.starts_on else 0
        ends = [day for day in (repealed_on, version.expires_on) if day]
        if index + 1 < len(published):
            following = published[index + 1].starts_on
            if following is None:
                continue
            ends.append(following)
        last = yyyymmdd(min(ends) - dt.timedelta(days=1)) if ends else OPEN_END
        if first <= last:
            found.append(Span(version, first, last))
    return found


def status_on(
    version: RegulationVersion, siblings: Sequence[RegulationVersion], repealed_on: dt.date | None, day: dt.date
) -> Status:
    """The status of `version` on `day`. `siblings` are all versions of the work, this one among them."""
    if version.state == RegulationVersion.State.WITHDRAWN:
        return Status("withdrawn", _("已撤回"), version.withdrawn_reason or _("因误发布而撤回。"))
    if version.state == RegulationVersion.State.DRAFT:
        return Status("draft", _("草稿"), _("尚未发布。"))
    if version.state == RegulationVersion.State.REVIEW:
        return Status("draft", _("待审核"), _("尚未发布。"))
    if repealed_on and repealed_on <= day:
        return Status("repealed", _("已废止"), _("自 %(date)s 起废止。") % {"date": repealed_on.isoformat()})
    if version.starts_on and version.starts_on > day:
        return Status("not_yet", _("尚未生效"), _("自 %(date)s 起施行。") % {"date": version.starts_on.isoformat()})
    published = [v for v in in_order(siblings) if v.state == RegulationVersion.State.PUBLISHED]
    place = next((index for index, other in enumerate(published) if other.pk == version.pk), len(published))
    for newer in published[place + 1 :]:
        if newer.starts_on is None or newer.starts_on <= day:
            reason = _("已被 %(date)s 的版本取代。") % {"date": newer.key}
            return Status("amended", _("已修改"), reason)
    if version.expires_on and version.expires_on <= day:
        reason = _("规定的期限届满，自 %(date)s 起失效。") % {"date": version.expires_on.isoformat()}
        return Status("expired", _("失效"), reason)
    if version.effective_on is None:
        if version.starts_on is None:
            return Status("in_force", _("有效"), _("施行日期待核。"))
        reason = _("施行日期待核，暂按 %(date)s 起算。") % {"date": version.starts_on.isoformat()}
        return Status("in_force", _("有效"), reason)
    return Status("in_force", _("有效"), _("自 %(date)s 起施行。") % {"date": version.effective_on.isoformat()})


def version_on(versions: Iterable[RegulationVersion], day: dt.date) -> RegulationVersion | None:
    """The published version that counts on `day` (repeal aside): the newest that has started; before the first, None."""
    started = [
        v
        for v in in_order(versions)
        if v.state == RegulationVersion.State.PUBLISHED and (v.starts_on is None or v.starts_on <= day)
    ]
    return started[-1] if started else None


def version_to_show(versions: Sequence[RegulationVersion], day: dt.date) -> RegulationVersion | None:
    """The version to open by default: the one that counts on `day`, else the first that will."""
    published = [v for v in in_order(versions) if v.state == RegulationVersion.State.PUBLISHED]
    return version_on(published, day) or (published[0] if published else None)
