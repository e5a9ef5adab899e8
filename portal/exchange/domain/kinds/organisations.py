"""Organisations with their history of names, kinds and places in the tree, and the terms of their bodies.

What lies above the scope's top is not part of a package: the top comes without a parent, and where it stands here stays as it is.
A league organisation names the party organisation in charge by its code, because that one stands in another tree.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from treebeard.exceptions import InvalidMoveToDescendant

from plugins.sdk import publish
from portal.events.organisations import OrganisationFounded, OrganisationMoved, OrganisationRenamed
from portal.exchange.domain import values
from portal.exchange.domain.kinds.histories import (
    read_state,
    read_term,
    refuse_contradictions,
    state_row,
    term_row,
    write_history,
)
from portal.ground.clock import today
from portal.ground.exchange import (
    Book,
    CannotWrite,
    ChangeHere,
    ExchangeKind,
    ForeignRow,
    Incoming,
    Matches,
    Row,
    Scope,
    Writing,
)
from portal.ground.generation import raise_generation
from portal.organisations.domain.founding import CHILD_KINDS, place_new
from portal.organisations.domain.locking import lock_register
from portal.organisations.domain.tree import end_organisations
from portal.organisations.models import Member, Organisation, OrganisationEvent, OrganisationState, Term, subtree_filter

_CHUNK = 500
_CODE_LENGTH = 40
_FIELDS = (
    "uid",
    "code",
    "name",
    "short_name",
    "kind",
    "parent",
    "founded_on",
    "ended_on",
    "introduction",
    "address",
    "contact",
    "latitude",
    "longitude",
    "attached_to",
    "states",
    "terms",
)
_PLAIN = ("code", "name", "short_name", "kind", "introduction", "address", "contact")


class Organisations(ExchangeKind):
    """党组织, parents before children."""

    name = "organisations"
    version = 1
    order = 10
    label = gettext_lazy("党组织")
    names_own_kind = True
    fields = {
        "code": gettext_lazy("组织编码"),
        "name": gettext_lazy("名称"),
        "short_name": gettext_lazy("简称"),
        "kind": gettext_lazy("类别"),
        "parent": gettext_lazy("上级组织"),
        "founded_on": gettext_lazy("成立日期"),
        "ended_on": gettext_lazy("撤销日期"),
        "introduction": gettext_lazy("简介"),
        "address": gettext_lazy("地址"),
        "contact": gettext_lazy("联系方式"),
        "latitude": gettext_lazy("纬度"),
        "longitude": gettext_lazy("经度"),
        "attached_to": gettext_lazy("所属党组织"),
        "states": gettext_lazy("组织沿革"),
        "terms": gettext_lazy("届期"),
    }

    def export(self, scope: Scope, only: Collection[str] | None = None) -> Iterator[Row]:
        """As in the tree."""
        inside = Organisation.objects.filter(subtree_filter(scope.path)) if scope.path else Organisation.objects.none()
        by_path: dict[str, str] = {}
        by_id: dict[int, str] = {}
        for pk, path, uid in inside.values_list("pk", "path", "uid"):
            by_path[path] = by_id[pk] = str(uid)
        wanted = inside if only is None else Organisation.objects.filter(uid__in=only)
        wanted = wanted.select_related("attached_to").prefetch_related(
            Prefetch("states", OrganisationState.objects.order_by("since", "pk")),
            Prefetch("terms", Term.objects.order_by("since", "uid")),
        )
        for row in wanted.iterator(chunk_size=_CHUNK):
            yield {
                "uid": str(row.uid),
                **{name: getattr(row, name) for name in _PLAIN},
                "parent": by_path.get(row.parent_path) if row.path != scope.path else None,
                "founded_on": values.iso(row.founded_on),
                "ended_on": values.iso(row.ended_on),
                "latitude": _degrees(row.latitude),
                "longitude": _degrees(row.longitude),
                "attached_to": row.attached_to.code if row.attached_to else "",
                "states": [state_row(state, by_id) for state in row.states.all()],
                "terms": [term_row(term) for term in row.terms.all()],
            }

    def read(self, row: Row, book: Book) -> Row:
        """A parent must have come before, save for the top's."""
        values.fields_of(row, _FIELDS)
        is_top = row["uid"] == book.top
        if is_top != (row["parent"] is None) or (not is_top and not book.has_seen(self.name, book.top)):
            raise ForeignRow
        kinds = Organisation.Kind.values
        found: Row = {
            "uid": values.uid(row),
            "code": values.text(row, "code", _CODE_LENGTH, needed=True),
            "name": values.text(row, "name", 120, needed=True),
            "short_name": values.text(row, "short_name", 40),
            "kind": values.choice(row, "kind", kinds),
            "parent": None if is_top else book.here(self.name, row["parent"]),
            "founded_on": values.iso(values.day(row, "founded_on")),
            "ended_on": values.iso(values.day(row, "ended_on")),
            "introduction": values.text(row, "introduction", 20_000, lines=True),
            "address": values.text(row, "address", 200),
            "contact": values.text(row, "contact", 100),
            "latitude": values.degrees(row, "latitude", 90),
            "longitude": values.degrees(row, "longitude", 180),
            "attached_to": values.text(row, "attached_to", _CODE_LENGTH),
            "states": [read_state(state, self.name, book) for state in values.listed(row, "states")],
            "terms": [read_term(term) for term in values.listed(row, "terms")],
        }
        if (found["latitude"] is None) != (found["longitude"] is None):
            raise values.unfit("latitude")
        refuse_contradictions(found)
        return found

    def can_be_matched(self, row: Row) -> bool:
        """With a code; the uid was looked at when the row was opened."""
        code = row.get("code")
        return isinstance(code, str) and 0 < len(code) <= _CODE_LENGTH and "\x00" not in code

    def match(self, rows: Sequence[Row], scope: Scope, known: Mapping[str, str]) -> Matches:
        """By uid, then by code."""
        uids = [known.get(row["uid"], row["uid"]) for row in rows]
        by_uid = {str(o.uid): o for o in Organisation.objects.filter(uid__in=uids)}
        by_code = {o.code: o for o in Organisation.objects.filter(code__in=[row["code"] for row in rows])}
        found: dict[str, str] = {}
        kept_out: dict[str, str] = {}
        for row in rows:
            here = by_uid.get(known.get(row["uid"], row["uid"]))
            holder = by_code.get(row["code"])
            if here is not None and holder is not None and here != holder:
                kept_out[row["uid"]] = _("组织编码 %(code)s 在本站属于“%(name)s”。") % {
                    "code": row["code"],
                    "name": holder.name,
                }
            here = here or holder
            if here is None:
                continue
            if not here.path.startswith(scope.allowed):
                message = _("数据包里有“%(name)s”，它不在对方可以发送的范围内；整个数据包不能导入。")
                raise ForeignRow(message % {"name": here.name})
            found[row["uid"]] = str(here.uid)
        return Matches(found, kept_out)

    def title(self, row: Row) -> str:
        """Name and code."""
        return f"{row['name']}（{row['code']}）"

    def shown(self, field: str, value: Any) -> str:
        """Names instead of codes."""
        if field == "parent" and value:
            above = Organisation.objects.filter(uid=value).first()
            return above.name if above is not None else "—"
        if field == "kind":
            return str(dict(Organisation.Kind.choices).get(value, value))
        if field == "states":
            return "；".join(f"{s['since']}–{s['until'] or ''} {s['name']}" for s in value) or "—"
        if field == "terms":
            return "；".join(f"{t['since']}–{t['ended_on'] or t['until']}" for t in value) or "—"
        return super().shown(field, value)

    def changes_here(self, uid: str, since: dt.datetime | None) -> list[ChangeHere]:
        """The operations on the register."""
        events = OrganisationEvent.objects.filter(organisation__uid=uid).select_related("entered_by")
        if since is not None:
            events = events.filter(entered_at__gt=since)
        return [
            ChangeHere(str(event.entered_by or "—"), event.entered_at, event.get_kind_display())
            for event in events.order_by("-entered_at")[:5]
        ]

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, items: Sequence[Incoming], writing: Writing) -> None:
        """Parents first, so that each row's place is settled before what is below it."""
        lock_register()
        for item in items:
            above = Organisation.objects.filter(uid=item.row["parent"]).first() if item.row["parent"] else None
            if item.is_new:
                self._found(item, above)
            else:
                self._change(item, above)
        for item in items:
            write_history(item)
        raise_generation()

    def _found(self, item: Incoming, above: Organisation | None) -> None:
        row = item.row
        if item.row["parent"] and above is None:
            raise CannotWrite(_("“%(name)s”的上级组织不在本站，不能导入。") % {"name": row["name"]})
        made = Organisation(uid=row["uid"], **{name: row[name] for name in _PLAIN})
        _describe(made, row)
        made.founded_on, made.ended_on = values.date_of(row["founded_on"]), values.date_of(row["ended_on"])
        made = place_new(made, above)
        publish(OrganisationFounded(organisation_uid=made.uid, on=made.founded_on or today()))

    def _change(self, item: Incoming, above: Organisation | None) -> None:
        row = item.row
        here = Organisation.objects.get(uid=item.uid)
        was = (here.name, here.short_name)
        on = _last_change(row)
        for name in _PLAIN:
            setattr(here, name, row[name])
        _describe(here, row)
        here.founded_on = values.date_of(row["founded_on"])
        ended_on = values.date_of(row["ended_on"])
        if ended_on is not None and here.ended_on is None:
            here.save()
            end_organisations([here], ended_on)
        else:
            here.ended_on = ended_on
            here.save()
        if (here.name, here.short_name) != was:
            publish(OrganisationRenamed(organisation_uid=here.uid, on=on))
        if above is not None and above.path != here.parent_path:
            old = here.get_parent()
            try:
                here.move(above, "last-child")
            except InvalidMoveToDescendant:
                message = _("“%(name)s”不能移到它自己的下级之下；请把有关组织的冲突选成同一方。")
                raise CannotWrite(message % {"name": here.name}) from None
            publish(
                OrganisationMoved(
                    organisation_uid=here.uid,
                    from_parent_uid=old.uid if old is not None else None,
                    to_parent_uid=above.uid,
                    on=on,
                )
            )

    def finish(self, writing: Writing) -> None:
        """Nothing that ended still has people, and each stands where its kind may stand."""
        below = Organisation.objects.filter(subtree_filter(writing.scope.path)).values_list(
            "path", "kind", "ended_on", "name"
        )
        rows = {path: (kind, ended_on, name) for path, kind, ended_on, name in below}
        for path, (kind, ended_on, name) in rows.items():
            above = rows.get(path[: -Organisation.steplen])
            if above is None or ended_on is not None:
                continue
            if kind not in CHILD_KINDS[Organisation.Kind(above[0])]:
                message = _("“%(name)s”的类别不能设在“%(above)s”之下；请把有关组织的冲突选成同一方。")
                raise CannotWrite(message % {"name": name, "above": above[2]})
            if above[1] is not None:
                message = _("“%(above)s”已撤销，其下还有“%(name)s”；请先在本站处理，或保留本站的内容。")
                raise CannotWrite(message % {"name": name, "above": above[2]})
        left = (
            Member.objects.filter(subtree_filter(writing.scope.path, "organisation__path"))
            .filter(organisation__ended_on__isnull=False)
            .exclude(stage=Member.Stage.LEFT)
            .select_related("organisation")
            .first()
        )
        if left is not None:
            message = _("“%(name)s”已撤销，但本站还有党员在其中；请先办理组织关系转接。")
            raise CannotWrite(message % {"name": left.organisation.name})


def _describe(row: Organisation, source: Row) -> None:
    for name in ("latitude", "longitude"):
        setattr(row, name, decimal.Decimal(source[name]) if source[name] is not None else None)
    if not source["attached_to"]:
        row.attached_to = None
    elif (found := Organisation.objects.filter(code=source["attached_to"]).first()) is not None:
        row.attached_to = found


def _degrees(value: decimal.Decimal | None) -> str | None:
    return f"{value:.6f}" if value is not None else None


def _last_change(row: Row) -> dt.date:
    return max((dt.date.fromisoformat(state["since"]) for state in row["states"]), default=dt.date(1921, 7, 1))
