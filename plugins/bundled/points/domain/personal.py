"""What is kept about a person here: every transfer of the person's account."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from plugins.bundled.points.domain.queries import transfers_of
from plugins.sdk import Erased, Person, Table, text_in_language


def export(person: Person) -> Iterator[Table]:
    """Each transfer with its reason, oldest first."""
    if person.member_uid is None:
        return
    columns = {
        "occurred_at": _("时间"),
        "rule": _("事项"),
        "about": _("内容"),
        "points": _("积分"),
        "source": _("依据"),
        "reversal_reason": _("冲正理由"),
    }
    rows = [
        {
            "occurred_at": transfer.occurred_at.isoformat(),
            "rule": text_in_language(transfer.rule.label, transfer.rule.label_en),
            "about": transfer.about,
            "points": transfer.signed,
            "source": transfer.rule.source,
            "reversal_reason": transfer.reversal_reason,
        }
        for transfer in transfers_of(person.member_uid).order_by("occurred_at", "pk")
    ]
    yield Table("transfers", _("积分流水"), columns, rows)


def erase(person: Person) -> Erased:
    """Nothing goes: a ledger whose rows go does not balance. It holds no name; the number of the account leads to nobody once the
    register has erased the name."""
    kept = person.member_uid is not None and transfers_of(person.member_uid).exists()
    return Erased(0, _("积分流水按账目规定保留：只留编号，没有姓名，查不到是谁。") if kept else "")
