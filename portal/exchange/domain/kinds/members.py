"""Members with their files, where they belonged, and awards and punishments. All that tells who somebody is goes sealed.

Logins are not exchanged: an account is of one site. Stays in organisations outside of the scope are not part of a package, and
those written down here are kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.exchange.domain import values
from portal.ground.clock import now, today
from portal.ground.exchange import (
    Book,
    CannotWrite,
    ChangeHere,
    ExchangeKind,
    Incoming,
    Matches,
    Row,
    Scope,
    UnfitRow,
    Writing,
)
from portal.members.domain.access import record_looks
from portal.members.domain.fields import AWARD, BY_NAME, ON_FILE, PUNISHMENT, Field, Kind
from portal.members.domain.files import Contradiction, change_file, ensure_file, refuse_contradictions
from portal.members.domain.holdings import label_of
from portal.members.domain.identity import UnreadableValue, read_id_number
from portal.members.domain.standing import turn_stage
from portal.members.models import AccessEntry, Award, MemberFile
from portal.organisations.domain.members import move_members
from portal.organisations.models import Member, Membership, Organisation, subtree_filter
from portal.shared.slugs import pinyin_key

_CHUNK = 500
_STAY = ("organisation", "since", "until")
_AWARD = ("uid", "kind", "title", "issuer", "happened_on")
FILE_FIELDS_V1 = (
    "gender",
    "born_on",
    "nation",
    "id_number",
    "phone",
    "full_on",
    "applied_on",
    "activist_on",
    "target_on",
    "education",
    "work_unit",
    "job_title",
    "work_number",
)
"""What version 1 carries of a file. A field more in `portal.members` is a new version here."""
_FILE = tuple(field for field in ON_FILE if field.name in FILE_FIELDS_V1)
_FIELDS = ("uid", "name", "organisation", "stage", "joined_on", *FILE_FIELDS_V1, "memberships", "awards")
_LONGEST = {"id_number": 18, "phone": 20}


class Members(ExchangeKind):
    """党员."""

    name = "members"
    version = 1
    order = 30
    label = gettext_lazy("党员")
    sealed = frozenset(_FIELDS) - {"uid", "organisation", "memberships"}
    fields = {
        **{field.name: field.label for field in BY_NAME.values() if field.name in _FIELDS},
        "organisation": gettext_lazy("所在组织"),
        "memberships": gettext_lazy("组织关系"),
        "awards": gettext_lazy("奖惩"),
    }

    def export(self, scope: Scope, only: Collection[str] | None = None) -> Iterator[Row]:
        """By uid."""
        if only is None:
            if not scope.path:
                return
            wanted = Member.objects.filter(subtree_filter(scope.path, "organisation__path"))
        else:
            wanted = Member.objects.filter(uid__in=only)
        stays = Membership.objects.filter(subtree_filter(scope.path, "organisation__path")) if scope.path else None
        wanted = wanted.select_related("organisation", "file").prefetch_related(
            Prefetch("awards", Award.objects.order_by("uid")),
            Prefetch(
                "memberships",
                (stays if stays is not None else Membership.objects.none())
                .select_related("organisation")
                .order_by("since", "until", "pk"),
            ),
        )
        for member in wanted.order_by("uid").iterator(chunk_size=_CHUNK):
            yield {
                "uid": str(member.uid),
                "name": member.name,
                "organisation": str(member.organisation.uid),
                "stage": member.stage,
                "joined_on": values.iso(member.joined_on),
                **{field.name: _plain(field, field.value_of(member)) for field in _FILE},
                "memberships": sorted(
                    (
                        {
                            "organisation": str(stay.organisation.uid),
                            "since": values.iso(stay.since),
                            "until": values.iso(stay.until),
                        }
                        for stay in member.memberships.all()
                    ),
                    key=_stay_order,
                ),
                "awards": [
                    {
                        "uid": str(award.uid),
                        "kind": award.kind,
                        "title": award.title,
                        "issuer": award.issuer,
                        "happened_on": values.iso(award.happened_on),
                    }
                    for award in member.awards.all()
                ],
            }

    def read(self, row: Row, book: Book) -> Row:
        """Every value as the file's own rules want it; the rules between values, too."""
        values.fields_of(row, _FIELDS)
        stays = [self._read_stay(stay, book) for stay in values.listed(row, "memberships")]
        if sum(stay["until"] is None for stay in stays) > 1:
            raise values.unfit("memberships")
        found: Row = {
            "uid": values.uid(row),
            "name": values.text(row, "name", 60, needed=True),
            "organisation": book.here("organisations", values.uid(row, "organisation")),
            "stage": values.choice(row, "stage", Member.Stage.values),
            "joined_on": values.iso(values.day(row, "joined_on")),
            **{field.name: _read(field, row) for field in _FILE},
            "memberships": sorted(stays, key=_stay_order),
            "awards": [self._read_award(award) for award in values.listed(row, "awards")],
        }
        try:
            _refuse_contradictions(found)
        except Contradiction as refusal:
            raise UnfitRow(str(refusal)) from None
        return found

    def _read_stay(self, stay: Any, book: Book) -> Row:
        values.fields_of(stay, _STAY)
        return {
            "organisation": book.here("organisations", values.uid(stay, "organisation")),
            "since": values.iso(values.day(stay, "since", needed=True)),
            "until": values.iso(values.day(stay, "until")),
        }

    def _read_award(self, award: Any) -> Row:
        values.fields_of(award, _AWARD)
        return {
            "uid": values.uid(award),
            "kind": values.choice(award, "kind", Award.Kind.values),
            "title": values.text(award, "title", 2000, needed=True, lines=True),
            "issuer": values.text(award, "issuer", 120),
            "happened_on": values.iso(values.day(award, "happened_on", needed=True)),
        }

    def match(self, rows: Sequence[Row], scope: Scope, known: Mapping[str, str]) -> Matches:
        """By uid, then by the keyed hash of the ID number. One who belongs elsewhere here is kept out: moving somebody is not
        done by a package."""
        uids = {row["uid"]: known.get(row["uid"], row["uid"]) for row in rows}
        lookups = {row["uid"]: _id_lookup(row["id_number"]) for row in rows}
        here = Member.objects.select_related("organisation")
        by_uid = {str(member.uid): member for member in here.filter(uid__in=uids.values())}
        wanted = {lookup for lookup in lookups.values() if lookup}
        by_id = {
            member.file.id_lookup: member for member in here.filter(file__id_lookup__in=wanted).select_related("file")
        }
        found: dict[str, str] = {}
        kept_out: dict[str, str] = {}
        taken: dict[str, str] = {}
        for uid, here_uid in uids.items():
            member, holder = by_uid.get(here_uid), by_id.get(lookups[uid])
            if member is not None and holder is not None and member != holder:
                kept_out[uid] = _("这个身份证号在本站属于另一份档案。")
            member = member or holder
            if member is None:
                continue
            found[uid] = str(member.uid)
            if not member.organisation.path.startswith(scope.allowed):
                kept_out[uid] = _("此人在本站属于别的组织；请先办理组织关系转接。")
            if taken.setdefault(found[uid], uid) != uid:
                kept_out[uid] = _("包里有两份档案是本站的同一个人。")
        return Matches(found, kept_out)

    def title(self, row: Row) -> str:
        """The name."""
        return str(row["name"])

    def shown(self, field: str, value: Any) -> str:
        """Covered as in the lists; awards and punishments by number and day."""
        if field in BY_NAME and field != "organisation":
            known = BY_NAME[field]
            if known.kind is Kind.DATE and isinstance(value, str):
                value = dt.date.fromisoformat(value)
            return known.covered(value) or "—"
        if field == "organisation" and value:
            return str(Organisation.objects.filter(uid=value).values_list("name", flat=True).first() or "—")
        if field == "memberships":
            return (
                "；".join(
                    f"{s['since']}–{s['until'] or ''} {self.shown('organisation', s['organisation'])}" for s in value
                )
                or "—"
            )
        if field == "awards":
            labels = {Award.Kind.AWARD: AWARD.label, Award.Kind.PUNISHMENT: PUNISHMENT.label}
            return "；".join(f"{award['happened_on']} {labels[Award.Kind(award['kind'])]}" for award in value) or "—"
        return super().shown(field, value)

    def changes_here(self, uid: str, since: dt.datetime | None) -> list[ChangeHere]:
        """What the file's own record of looks says of changes."""
        acts = (AccessEntry.Act.CHANGED, AccessEntry.Act.IMPORTED)
        entries = AccessEntry.objects.filter(member__uid=uid, act__in=acts)
        if since is not None:
            entries = entries.filter(at__gt=since)
        return [
            ChangeHere(entry.name, entry.at, "、".join(_label(name) for name in entry.fields))
            for entry in entries.order_by("-at")[:5]
        ]

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, items: Sequence[Incoming], writing: Writing) -> None:
        """Each concerned sees in the own file that it was imported, and why."""
        named = {item.row["organisation"] for item in items}
        named |= {stay["organisation"] for item in items for stay in item.row["memberships"]}
        units = {str(row.uid): row for row in Organisation.objects.filter(uid__in=named)}
        if any(uid not in units for uid in named):
            raise CannotWrite(_("有党员所在的组织没有导入；请把有关的冲突选成同一方。"))
        new = [item for item in items if item.is_new]
        self._enter(new, units, writing)
        for item in items:
            if not item.is_new:
                self._change(item, units, writing)

    def _enter(self, items: Sequence[Incoming], units: Mapping[str, Organisation], writing: Writing) -> None:
        made = Member.objects.bulk_create(
            [
                Member(
                    uid=item.uid,
                    name=item.row["name"],
                    organisation=units[item.row["organisation"]],
                    stage=item.row["stage"],
                    joined_on=item.row["joined_on"],
                )
                for item in items
            ],
            batch_size=500,
        )
        files, stays, awards = [], [], []
        for member, item in zip(made, items, strict=True):
            files.append(_file(member, item.row))
            stays += [_stay(member, stay, units) for stay in item.row["memberships"]]
            awards += [Award(member=member, **award) for award in item.row["awards"]]
        MemberFile.objects.bulk_create(files, batch_size=500)
        Membership.objects.bulk_create(stays, batch_size=500)
        if Award.objects.filter(uid__in=[award.uid for award in awards]).exists():
            raise CannotWrite(_("有一条奖惩在本站属于另一个人。"))
        Award.objects.bulk_create(awards, batch_size=500)
        self._tell([member.pk for member in made], [field.name for field in _FILE], writing)

    def _change(self, item: Incoming, units: Mapping[str, Organisation], writing: Writing) -> None:
        member = Member.objects.select_related("organisation", "user").get(uid=item.uid)
        member.file = ensure_file(member)
        wanted: dict[str, Any] = {"name": item.row["name"], "joined_on": values.date_of(item.row["joined_on"])}
        wanted |= {field.name: _value(field, item.row[field.name]) for field in _FILE}
        try:
            told = change_file(member, wanted, actor=writing.actor, reason=writing.reason)
        except Contradiction as refusal:
            raise CannotWrite(f"{item.row['name']}：{refusal}") from None
        member.refresh_from_db(fields=["name"])
        to = units[item.row["organisation"]]
        left = member.organisation
        if left != to:
            since = next((stay["since"] for stay in item.row["memberships"] if stay["until"] is None), None)
            move_members([member.pk], to, on=values.date_of(since) or today())
        if member.stage != item.row["stage"]:
            turn_stage(
                member, item.row["stage"], on=today(), actor=writing.actor, reason=writing.reason, dates_it=False
            )
        self._write_stays(member, item.row, units, writing)
        self._write_awards(member, item.row)
        if others := [name for name in item.changed if name not in told]:
            self._tell([member.pk], others, writing)

    def _write_stays(self, member: Member, row: Row, units: Mapping[str, Organisation], writing: Writing) -> None:
        """The stays within the scope are as the package says; those outside stay, save that only one is open."""
        inside = subtree_filter(writing.scope.path, "organisation__path") if writing.scope.path else None
        mine = Membership.objects.filter(member=member)
        if inside is not None:
            mine.filter(inside).delete()
        opened = [stay for stay in row["memberships"] if stay["until"] is None]
        if opened:
            mine.filter(until__isnull=True).update(until=opened[0]["since"])
        known = {(stay.organisation_id, str(stay.since)) for stay in mine.all()}
        Membership.objects.bulk_create(
            made
            for made in (_stay(member, stay, units) for stay in row["memberships"])
            if (made.organisation_id, str(made.since)) not in known
        )

    def _write_awards(self, member: Member, row: Row) -> None:
        for award in row["awards"]:
            fields = {name: award[name] for name in ("kind", "title", "issuer", "happened_on")}
            kept, _new = Award.objects.update_or_create(
                uid=award["uid"], defaults=fields, create_defaults={**fields, "member": member}
            )
            if kept.member_id != member.pk:
                raise CannotWrite(_("有一条奖惩在本站属于另一个人。"))

    def _tell(self, member_ids: list[int], fields: list[str], writing: Writing) -> None:
        record_looks(
            member_ids,
            writing.actor,
            AccessEntry.Act.IMPORTED,
            fields=fields,
            reason=writing.reason,
            batch=writing.batch,
        )


def _label(name: str) -> str:
    return str(Members.fields[name]) if name in Members.fields else label_of(name)


def tell_exported(uids: Sequence[str], actor: Any, reason: str, batch: Any) -> None:
    """Let each member see that the file went out, to whom and what for. Writes AccessEntry."""
    fields = [field.name for field in _FILE]
    for start in range(0, len(uids), 500):
        ids = list(Member.objects.filter(uid__in=uids[start : start + 500]).values_list("pk", flat=True))
        record_looks(ids, actor, AccessEntry.Act.EXPORTED, fields=fields, reason=reason, batch=batch)


def _plain(field: Field, value: Any) -> Any:
    if field.kind is Kind.DATE:
        return values.iso(value)
    return value or ""


def _read(field: Field, row: Row) -> Any:
    if field.kind is Kind.DATE:
        return values.iso(values.day(row, field.name))
    if field.choices:
        return values.choice(row, field.name, {code for code, _label in field.choices}, empty=True)
    value = values.text(row, field.name, field.max_length or _LONGEST.get(field.name, 200))
    if field.kind is Kind.ID_NUMBER and value:
        try:
            if read_id_number(value).number != value:
                raise values.unfit(field.name)
        except UnreadableValue as refusal:
            raise UnfitRow(str(refusal)) from None
    return value


def _value(field: Field, value: Any) -> Any:
    return values.date_of(value) if field.kind is Kind.DATE else value


def _id_lookup(number: str) -> str:
    return BY_NAME["id_number"].hashed(number)


def _refuse_contradictions(row: Row) -> None:
    """The rules of the files, on values that are not stored yet. Raises Contradiction."""
    member = Member(name=row["name"], joined_on=values.date_of(row["joined_on"]))
    member.file = MemberFile(member=member, **{field.name: _value(field, row[field.name]) for field in _FILE})
    refuse_contradictions(member)


def _file(member: Member, row: Row) -> MemberFile:
    return MemberFile(
        member=member,
        pinyin=pinyin_key(member.name)[:200],
        id_lookup=_id_lookup(row["id_number"]),
        phone_lookup=BY_NAME["phone"].hashed(row["phone"]),
        changed_at=now(),
        **{field.name: row[field.name] for field in _FILE},
    )


def _stay(member: Member, stay: Row, units: Mapping[str, Organisation]) -> Membership:
    return Membership(
        member=member,
        organisation_id=units[stay["organisation"]].pk,
        since=stay["since"],
        until=stay["until"],
    )


def _stay_order(stay: Row) -> tuple[str, str, str]:
    return stay["since"], stay["until"] or "9999", stay["organisation"]
