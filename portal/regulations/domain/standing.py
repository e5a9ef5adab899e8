"""Whether and when a text holds, entered by a person: repeal, end of a term, dates. Each edit leaves a sealed note."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.content import content_changed
from portal.regulations.domain.following import tell_of_repeal
from portal.regulations.domain.learning import ask_owners_below
from portal.regulations.domain.noting import seal_standing
from portal.regulations.domain.publishing import NotPossible
from portal.regulations.domain.storing import starts_on
from portal.regulations.models import DateOrigin, Regulation, RegulationVersion

DATES = ("adopted", "promulgated", "revised", "effective", "expires")


@dataclasses.dataclass(frozen=True)
class Dates:
    """The dates of a version as entered; None is unknown."""

    adopted: dt.date | None = None
    promulgated: dt.date | None = None
    revised: dt.date | None = None
    effective: dt.date | None = None
    expires: dt.date | None = None


def set_repeal(work: Regulation, *, on: dt.date | None, note: str, actor: Any) -> Regulation:
    """Set (or with None take back) the day from which a work no longer holds; all its views stay. Raises NotPossible without a
    note. Writes a sealed note, an audit line and, for a repeal, tasks for the owners of rules that rest on the work; emits
    `content.changed`. The same day and note again write nothing."""
    note = note.strip()[:300]
    if not note:
        raise NotPossible("修改时效状态需要写明依据或原因。")
    with transaction.atomic():
        work = Regulation.objects.select_for_update(of=("self",)).select_related("owner_organisation").get(pk=work.pk)
        if (work.repealed_on, work.repeal_note) == (on, note):
            return work
        is_new = on is not None and work.repealed_on != on
        work.repealed_on, work.repeal_note, work.updated_at = on, note, now()
        work.save(update_fields=["repealed_on", "repeal_note", "updated_at"])
        seal_standing(work, {"repealed_on": on, "note": note}, note=note, actor=actor)
        audit(
            actor, "regulations.repeal", target_kind="regulation", target_uid=work.uid, on=on.isoformat() if on else ""
        )
        if is_new and on is not None:
            what = _("上位法《%(title)s》自 %(day)s 起废止") % {"title": work.short_title[:50], "day": on.isoformat()}
            ask_owners_below(work, f"repealed:{on.isoformat()}", what)
            tell_of_repeal(work)
        content_changed("regulation", work.uid)
    return work


def set_dates(version: RegulationVersion, dates: Dates, *, note: str, actor: Any) -> RegulationVersion:
    """Enter the dates of a version. Those that change are from then on "entered", which beats the text at any import; one that
    is emptied is unknown again. Raises NotPossible without a note or for a term that ends before it begins. Writes a sealed
    note and an audit line; emits `content.changed`. Nothing changed writes nothing."""
    if not note.strip():
        raise NotPossible("修改日期需要写明依据或原因。")
    if dates.effective and dates.expires and dates.expires <= dates.effective:
        raise NotPossible("失效日期应当在施行日期之后。")
    with transaction.atomic():
        version = (
            RegulationVersion.objects.select_for_update(of=("self",))
            .select_related("regulation__owner_organisation")
            .get(pk=version.pk)
        )
        changed = [name for name in DATES if getattr(dates, name) != getattr(version, f"{name}_on")]
        if not changed:
            return version
        for name in changed:
            day = getattr(dates, name)
            setattr(version, f"{name}_on", day)
            setattr(version, f"{name}_origin", DateOrigin.ENTERED.value if day else DateOrigin.UNKNOWN.value)
        version.starts_on = starts_on(version)
        version.save()
        work = version.regulation
        content = {"version": version.key} | {f"{name}_on": getattr(dates, name) for name in changed}
        seal_standing(work, content, note=note.strip()[:300], actor=actor)
        audit(
            actor,
            "regulations.dates",
            target_kind="regulation_version",
            target_uid=version.uid,
            fields=",".join(changed),
        )
        content_changed("regulation", work.uid)
    return version
