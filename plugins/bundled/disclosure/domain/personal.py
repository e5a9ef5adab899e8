"""What is kept about a person here: the items that somebody proposed or checked."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext as _

from plugins.bundled.disclosure.models import Item
from plugins.sdk import Erased, Person, Table


def export(person: Person) -> Iterator[Table]:
    """The items in whose course the person took part."""
    if person.user_id is None:
        return
    columns = {"title": _("标题"), "part": _("您的工作"), "at": _("时间"), "reason": _("退回理由")}
    items = Item.objects.filter(Q(proposed_by=person.user_id) | Q(checked_by=person.user_id)).order_by("pk")
    rows = []
    for item in items:
        if item.proposed_by_id == person.user_id:
            at = item.proposed_at.isoformat() if item.proposed_at else None
            rows.append({"title": item.title, "part": _("提出"), "at": at, "reason": ""})
        if item.checked_by_id == person.user_id:
            at = item.checked_at.isoformat() if item.checked_at else None
            rows.append({"title": item.title, "part": _("审查"), "at": at, "reason": item.return_reason})
    yield Table("items", _("经办的公开事项"), columns, rows)


def erase(person: Person) -> Erased:
    """The tie between items and the login goes. Who proposed and who checked stands in the audit trail, which is kept."""
    if person.user_id is None:
        return Erased(0)
    rows = Item.objects.filter(proposed_by=person.user_id).update(proposed_by=None)
    rows += Item.objects.filter(checked_by=person.user_id).update(checked_by=None)
    return Erased(rows, _("公开事项本身保留，不再写明由谁提出、由谁审查。") if rows else "")
