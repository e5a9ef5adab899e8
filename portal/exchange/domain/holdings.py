"""What this app holds about a person: in which packages the member's file went out or came in is told by the record of looks
(`portal.members`); here stand the packages that somebody made or uploaded, and lines that wait for a decision."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from portal.exchange.models import AgreedRow, ReceivedPackage, SentPackage, StagedLine
from portal.ground.personal import Erased, Person, Table


def export(person: Person) -> Iterator[Table]:
    """The packages that the person made or uploaded."""
    if person.user_id is None:
        return
    columns = {"way": _("方向"), "partner": _("对方站点"), "at": _("时间"), "about": _("用途")}
    rows = [
        {"way": _("导出"), "partner": row.partner.name, "at": row.made_at.isoformat(), "about": row.reason}
        for row in SentPackage.objects.filter(user_id=person.user_id).select_related("partner").order_by("pk")
    ]
    rows += [
        {"way": _("导入"), "partner": row.partner.name, "at": row.made_at.isoformat(), "about": row.purpose}
        for row in ReceivedPackage.objects.filter(user_id=person.user_id).select_related("partner").order_by("pk")
    ]
    yield Table("exchange", _("您经手的交换数据包"), columns, rows)


def erase(person: Person) -> Erased:
    """Lines that wait about the member, and what was agreed about the row. Which packages somebody made stays: it is the proof of who
    gave data away."""
    if person.member_uid is None:
        return Erased(0)
    uid = str(person.member_uid)
    lines, _each = StagedLine.objects.filter(kind="members", here_uid=uid).delete()
    agreed, _each = AgreedRow.objects.filter(kind="members", here_uid=uid).delete()
    return Erased(lines + agreed, _("谁在何时导出、导入过数据包，作为责任依据保留。"))
