"""What happened to organisations: founding, moves, mergers, elections. Written once, never changed.

Who entered an event is a login of the sender's site; here it is kept by name, so that the package back says the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.exchange.domain import values
from portal.ground.exchange import Book, ExchangeKind, Incoming, Matches, Row, Scope, Writing
from portal.organisations.models import Organisation, OrganisationEvent, OrganisationEventPart, subtree_filter

_CHUNK = 1000
_FIELDS = (
    "uid",
    "kind",
    "organisation",
    "happened_on",
    "document_number",
    "note",
    "detail",
    "entered_at",
    "entered_by",
    "parts",
)
ELSEWHERE = "entered_elsewhere_by"


class OrganisationEvents(ExchangeKind):
    """组织变动."""

    name = "organisation_events"
    version = 1
    order = 20
    label = gettext_lazy("组织变动")
    is_history = True
    sealed = frozenset({"entered_by"})
    fields = {
        "kind": gettext_lazy("事项"),
        "organisation": gettext_lazy("党组织"),
        "happened_on": gettext_lazy("发生日期"),
        "document_number": gettext_lazy("文号"),
        "note": gettext_lazy("说明"),
        "detail": gettext_lazy("变动内容"),
        "entered_at": gettext_lazy("录入时间"),
        "entered_by": gettext_lazy("录入人"),
        "parts": gettext_lazy("有关组织"),
    }

    def export(self, scope: Scope, only: Collection[str] | None = None) -> Iterator[Row]:
        """By uid, that is by time of entry."""
        if only is None:
            if not scope.path:
                return
            wanted = OrganisationEvent.objects.filter(subtree_filter(scope.path, "organisation__path"))
        else:
            wanted = OrganisationEvent.objects.filter(uid__in=only)
        wanted = wanted.select_related("organisation", "entered_by").prefetch_related("parts__organisation")
        for event in wanted.order_by("uid").iterator(chunk_size=_CHUNK):
            detail = dict(event.detail)
            elsewhere = detail.pop(ELSEWHERE, "")
            inside = [
                {"organisation": str(part.organisation.uid), "part": part.part}
                for part in event.parts.all()
                if scope.path and part.organisation.path.startswith(scope.path)
            ]
            yield {
                "uid": str(event.uid),
                "kind": event.kind,
                "organisation": str(event.organisation.uid),
                "happened_on": values.iso(event.happened_on),
                "document_number": event.document_number,
                "note": event.note,
                "detail": detail,
                "entered_at": event.entered_at.isoformat(),
                "entered_by": str(event.entered_by) if event.entered_by else elsewhere,
                "parts": sorted(inside, key=lambda part: (part["part"], part["organisation"])),
            }

    def read(self, row: Row, book: Book) -> Row:
        """All organisations named must be in the package."""
        values.fields_of(row, _FIELDS)
        parts = []
        for part in values.listed(row, "parts"):
            values.fields_of(part, ("organisation", "part"))
            where = book.here("organisations", values.uid(part, "organisation"))
            parts.append(
                {"organisation": where, "part": values.choice(part, "part", OrganisationEventPart.Part.values)}
            )
        if not isinstance(row["detail"], dict):
            raise values.unfit("detail")
        return {
            "uid": values.uid(row),
            "kind": values.choice(row, "kind", OrganisationEvent.Kind.values),
            "organisation": book.here("organisations", values.uid(row, "organisation")),
            "happened_on": values.iso(values.day(row, "happened_on", needed=True)),
            "document_number": values.text(row, "document_number", 80),
            "note": values.text(row, "note", 500, lines=True),
            "detail": values.plain_json(row["detail"], "detail"),
            "entered_at": values.instant(row, "entered_at").isoformat(),
            "entered_by": values.text(row, "entered_by", 120),
            "parts": sorted(parts, key=lambda part: (part["part"], part["organisation"])),
        }

    def match(self, rows: Sequence[Row], scope: Scope, known: Mapping[str, str]) -> Matches:
        """By uid alone."""
        here = OrganisationEvent.objects.filter(uid__in=[row["uid"] for row in rows])
        found, kept_out = {}, {}
        for uid, path in here.values_list("uid", "organisation__path"):
            found[str(uid)] = str(uid)
            if not path.startswith(scope.allowed):
                kept_out[str(uid)] = _("这条记录在本站属于别的组织。")
        return Matches(found, kept_out)

    def write(self, items: Sequence[Incoming], writing: Writing) -> None:
        """New ones only: a record that is here stays as it is."""
        new = [item for item in items if item.is_new]
        named = {item.row["organisation"] for item in new}
        named |= {part["organisation"] for item in new for part in item.row["parts"]}
        ids = {str(uid): pk for uid, pk in Organisation.objects.filter(uid__in=named).values_list("uid", "pk")}
        made = OrganisationEvent.objects.bulk_create([_event(item.row, ids) for item in new], batch_size=500)
        OrganisationEventPart.objects.bulk_create(
            [
                OrganisationEventPart(event=event, organisation_id=ids[part["organisation"]], part=part["part"])
                for event, item in zip(made, new, strict=True)
                for part in item.row["parts"]
            ],
            batch_size=500,
        )

    def title(self, row: Row) -> str:
        """Day and kind."""
        return f"{row['happened_on']} {self.shown('kind', row['kind'])}"

    def shown(self, field: str, value: Any) -> str:
        """The kind in words."""
        if field == "kind":
            return str(dict(OrganisationEvent.Kind.choices).get(value, value))
        return super().shown(field, value)


def _event(row: Row, ids: Mapping[str, int]) -> OrganisationEvent:
    detail = dict(row["detail"])
    if row["entered_by"]:
        detail[ELSEWHERE] = row["entered_by"]
    return OrganisationEvent(
        uid=row["uid"],
        kind=row["kind"],
        organisation_id=ids[row["organisation"]],
        happened_on=row["happened_on"],
        document_number=row["document_number"],
        note=row["note"],
        detail=detail,
        entered_at=row["entered_at"],
    )
