"""Reading the audit trail: searching, exporting, and the names of those who acted."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import uuid
from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from plugins.sdk import text_in_language
from plugins.sdk.runtime import audit_labels
from portal.ground.audit import audit
from portal.ground.clock import BUSINESS_ZONE
from portal.ground.rights import declare
from portal.records.domain.action_names import NAMES
from portal.records.domain.objects import (
    FOUND_AT_MOST,
    kinds_called,
    names_of_objects,
    names_of_users,
    objects_called,
    users_called,
)
from portal.records.models import AuditLine
from portal.shared.sheets import neutral

READ_TRAIL = declare("records.audit", "查阅操作记录和日结", "Read the audit trail and the heads of days").code
SEE_TIMELINESS = declare("records.timeliness", "查看录入及时性", "See how timely records are entered").code
EXPORT_LIMIT = 200_000


@dataclasses.dataclass(frozen=True)
class Search:
    """What the auditor looks for. `who`: name, login or uid; `action`: how it begins, or part of what it is called; `target`: how
    the kind of object begins or what it is called, the object's uid or name; `since` and `until` are business days, both
    included. Empty means any."""

    who: str = ""
    action: str = ""
    target: str = ""
    since: dt.date | None = None
    until: dt.date | None = None


def search_trail(search: Search) -> QuerySet[AuditLine]:
    """The lines that fit, newest first."""
    lines = AuditLine.objects.order_by("-pk")
    if search.who:
        lines = lines.filter(actor__in=_actors(search.who))
    if search.action:
        named = [action for action, name in NAMES.items() if search.action in str(name)]
        named += [action for action, names in audit_labels().items() if search.action in text_in_language(*names)]
        lines = lines.filter(Q(action__startswith=search.action) | Q(action__in=named))
    if search.target:
        kinds = Q(target_kind__startswith=search.target) | Q(target_kind__in=kinds_called(search.target))
        lines = lines.filter(kinds | Q(target_uid__in=[search.target, *objects_called(search.target)]))
    if search.since:
        lines = lines.filter(happened_at__gte=_midnight(search.since))
    if search.until:
        lines = lines.filter(happened_at__lt=_midnight(search.until + dt.timedelta(days=1)))
    return lines


def names_of(actors: Collection[str]) -> dict[str, str]:
    """Names and logins of the people who acted, by the uid that a line holds. One query; who is gone has none."""
    wanted = [uuid.UUID(actor) for actor in set(actors) if _is_uid(actor)]
    return {str(uid): name for uid, name in names_of_users(wanted).items()}


def labels_of(actions: Collection[str]) -> dict[str, str]:
    """What these actions are called, in the language of the request; those that nobody named have none. One query."""
    known = audit_labels()
    wanted = set(actions)
    own = {action: str(NAMES[action]) for action in wanted if action in NAMES}
    return own | {action: text_in_language(*known[action]) for action in wanted if action in known}


def known_actions() -> list[str]:
    """All actions that the trail holds, for the choice in the search."""
    return list(AuditLine.objects.order_by("action").values_list("action", flat=True).distinct()[:300])


def export_trail(search: Search, *, by: Any) -> Iterator[str]:
    """The lines that fit as CSV rows, oldest first, formulas neutralised, at most `EXPORT_LIMIT`. Writes one audit line at once."""
    given = {name: str(value) for name, value in dataclasses.asdict(search).items() if value}
    audit(by, "audit.exported", target_kind="audit", search=given)
    return _rows(search)


def _rows(search: Search) -> Iterator[str]:
    yield "\ufeff" + _csv(
        [
            *(_("时间"), _("操作人"), _("操作人编号"), _("操作"), _("操作名称")),
            *(_("对象"), _("对象编号"), _("对象名称"), _("详情"), _("校验值")),
        ]
    )
    lines = search_trail(search).order_by("pk")[:EXPORT_LIMIT]
    held: list[AuditLine] = []
    for line in lines.iterator(chunk_size=1000):
        held.append(line)
        if len(held) == 1000:
            yield from _part(held)
            held = []
    yield from _part(held)


def _part(lines: list[AuditLine]) -> Iterator[str]:
    names = names_of([line.actor for line in lines])
    labels = labels_of([line.action for line in lines])
    objects = names_of_objects([(line.target_kind, line.target_uid) for line in lines])
    for line in lines:
        at = line.happened_at.astimezone(BUSINESS_ZONE).isoformat(sep=" ", timespec="seconds")
        detail = json.dumps(line.detail, ensure_ascii=False)
        who = names.get(line.actor, "")
        label = labels.get(line.action, "")
        target = (line.target_kind, line.target_uid, objects.get((line.target_kind, line.target_uid), ""))
        yield _csv([at, who, line.actor, line.action, label, *target, detail, line.line_hash])


def _csv(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([neutral(cell) for cell in cells])
    return out.getvalue()


def _actors(who: str) -> list[str]:
    found = [str(uid) for uid in users_called(who, FOUND_AT_MOST)]
    return [*found, who] if _is_uid(who) else found


def _is_uid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), BUSINESS_ZONE)
