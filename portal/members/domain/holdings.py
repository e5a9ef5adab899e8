"""What this app and the register hold about a person, for the download and for erasing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from portal.ground.personal import Erased, Person, Table
from portal.members.domain.consents import PURPOSES
from portal.members.domain.fields import BY_NAME, FIELDS
from portal.members.domain.files import RECORD_KIND
from portal.members.models import AccessEntry, Award, Consent, Correction, MemberFile, PreparedFile
from portal.organisations.models import Member
from portal.records.domain.sealing import erase_personal, versions_of

SYSTEM = "system"


def label_of(name: str) -> str:
    """A field's label; names that are no field of the file are given as they are."""
    extra = {"award": _("表彰奖励"), "punishment": _("处分")}
    return str(BY_NAME[name].label) if name in BY_NAME else extra.get(name, name)


def export(person: Person) -> Iterator[Table]:
    """The file, its sealed versions, awards, who looked, corrections, consents, prepared files."""
    member = _member(person)
    if member is not None:
        yield from _of_member(member)
    if person.user_id is not None:
        columns = {"kind": _("类别"), "made_at": _("时间"), "state": _("状态")}
        files = PreparedFile.objects.filter(user_id=person.user_id).order_by("pk")
        rows = [
            {"kind": f.get_kind_display(), "made_at": f.made_at.isoformat(), "state": f.get_state_display()}
            for f in files
        ]
        yield Table("prepared", _("您要过的下载文件"), columns, rows)


def _member(person: Person) -> Member | None:
    rows = Member.objects.select_related("organisation", "file", "user")
    return rows.filter(uid=person.member_uid).first() if person.member_uid else None


def _of_member(member: Member) -> Iterator[Table]:
    columns = {"field": _("项目"), "value": _("内容"), "purpose": _("用途"), "class": _("查看限制")}
    rows = [
        {
            "field": str(field.label),
            "value": str(member.organisation) if field.name == "organisation" else field.shown(field.value_of(member)),
            "purpose": str(field.purpose),
            "class": field.sensitivity.label,
        }
        for field in FIELDS
    ]
    yield Table("file", _("党员档案"), columns, rows)
    columns = {"kind": _("类别"), "title": _("名称"), "issuer": _("批准单位"), "happened_on": _("日期")}
    awards = Award.objects.filter(member=member)
    yield Table(
        "awards",
        _("奖惩"),
        columns,
        [
            {
                "kind": a.get_kind_display(),
                "title": a.title,
                "issuer": a.issuer,
                "happened_on": a.happened_on.isoformat(),
            }
            for a in awards
        ],
    )
    columns = {"at": _("时间"), "name": _("查阅人"), "act": _("操作"), "fields": _("内容"), "reason": _("理由")}
    yield Table(
        "looks",
        _("谁看过您的档案"),
        columns,
        [
            {
                "at": e.at.isoformat(),
                "name": e.name,
                "act": e.get_act_display(),
                "fields": [label_of(name) for name in e.fields],
                "reason": e.reason,
            }
            for e in AccessEntry.objects.filter(member=member).order_by("-at", "-pk").iterator()
        ],
    )
    columns = {
        "asked_at": _("提出时间"),
        "field": _("项目"),
        "before": _("原内容"),
        "after": _("应为"),
        "reason": _("说明"),
        "state": _("状态"),
        "answer": _("审核意见"),
    }
    yield Table("corrections", _("更正申请"), columns, [_correction(c) for c in member.corrections.order_by("pk")])
    labels = {purpose.code: str(purpose.label) for purpose in PURPOSES}
    columns = {"purpose": _("用途"), "given_at": _("同意时间"), "withdrawn_at": _("撤回时间")}
    yield Table(
        "consents",
        _("您的同意"),
        columns,
        [
            {
                "purpose": labels.get(c.purpose, c.purpose),
                "given_at": c.given_at.isoformat(),
                "withdrawn_at": c.withdrawn_at.isoformat() if c.withdrawn_at else None,
            }
            for c in member.consents.order_by("pk")
        ],
    )
    columns = {"version": _("版本"), "entered_at": _("录入时间"), "reason": _("原因"), "changes": _("变化")}
    yield Table(
        "versions",
        _("档案的历次封存版本"),
        columns,
        [
            {
                "version": v.seal.version,
                "entered_at": v.seal.entered_at.isoformat(),
                "reason": v.reason,
                "changes": [f"{label_of(c.field)}：{c.before or '—'} → {c.after or '—'}" for c in v.changes],
            }
            for v in versions_of(RECORD_KIND, member.uid)
        ],
    )


def _correction(row: Correction) -> dict[str, Any]:
    return {
        "asked_at": row.asked_at.isoformat(),
        "field": label_of(row.field),
        "before": row.before,
        "after": row.after,
        "reason": row.reason,
        "state": row.get_state_display(),
        "answer": row.answer,
    }


def erase(person: Person) -> Erased:
    """Remove every value of the file, awards, corrections, consents and the values of the sealed versions. Who looked stays
    without the reason's words: it is what others did."""
    member = _member(person)
    rows = 0
    if member is not None:
        for award in Award.objects.filter(member=member):
            rows += erase_personal("member.award", award.uid, by=SYSTEM)
        for correction in Correction.objects.filter(member=member):
            rows += erase_personal("member.correction", correction.uid, by=SYSTEM)
        rows += erase_personal(RECORD_KIND, member.uid, by=SYSTEM)
        for kind in (MemberFile, Award, Correction, Consent):
            rows += kind.objects.filter(member=member).delete()[0]
        AccessEntry.objects.filter(member=member).update(reason="")
    if person.user_id is not None:
        rows += PreparedFile.objects.filter(user_id=person.user_id).delete()[0]
    return Erased(rows, _("谁看过档案的记录保留，其中不含档案内容。") if member is not None else "")
