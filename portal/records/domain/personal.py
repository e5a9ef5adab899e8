"""What the audit trail holds about a person."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from portal.ground.personal import Erased, Person, Table
from portal.records.models import AuditLine


def export(person: Person) -> Iterable[Table]:
    """What the person did, and what others did to what is the person's."""
    columns = {"at": "时间", "action": "操作", "by": "由谁", "target": "对象"}
    lines = AuditLine.objects.filter(Q(actor__in=person.uids) | Q(target_uid__in=person.uids)).order_by("pk")
    yield Table(
        "audit",
        "操作记录",
        columns,
        [
            {
                "at": line.happened_at.isoformat(),
                "action": line.action,
                "by": "本人" if line.actor in person.uids else "他人",
                "target": line.target_kind,
            }
            for line in lines.iterator()
        ],
    )


def erase(person: Person) -> Erased:
    """Nothing goes: the trail is sealed. It knows people by numbers that no longer lead to a name."""
    return Erased(0, "操作记录依法保留，其中只有编号，没有姓名。")
