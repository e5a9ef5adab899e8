"""What an organisation was before: its names, kinds and superiors, and the terms of its body."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.exchange.domain import values
from portal.ground.exchange import Book, CannotWrite, Incoming, Row, UnfitRow
from portal.organisations.models import Organisation, OrganisationState, Term

_STATE = ("parent", "name", "short_name", "kind", "since", "until")
_TERM = ("uid", "number", "since", "until", "ended_on", "document_number")


def state_row(state: OrganisationState, by_id: Mapping[int, str]) -> Row:
    """A state as it goes into a package."""
    return {
        "parent": by_id.get(state.parent_id) if state.parent_id else None,
        "name": state.name,
        "short_name": state.short_name,
        "kind": state.kind,
        "since": values.iso(state.since),
        "until": values.iso(state.until),
    }


def term_row(term: Term) -> Row:
    """A term as it goes into a package."""
    return {
        "uid": str(term.uid),
        "number": term.number,
        "since": values.iso(term.since),
        "until": values.iso(term.until),
        "ended_on": values.iso(term.ended_on),
        "document_number": term.document_number,
    }


def read_state(state: Any, kind: str, book: Book) -> Row:
    """A name, kind and superior for a time; `kind` is that of the rows it names."""
    values.fields_of(state, _STATE)
    since, until = values.day(state, "since", needed=True), values.day(state, "until")
    if until is not None and since is not None and until <= since:
        raise values.unfit("until")
    # a former superior that comes later in the tree is known by its own uid alone
    parent = values.uid(state, "parent") if state["parent"] is not None else None
    return {
        "parent": book.here(kind, parent) if parent and book.has_seen(kind, parent) else parent,
        "name": values.text(state, "name", 120, needed=True),
        "short_name": values.text(state, "short_name", 40),
        "kind": values.choice(state, "kind", Organisation.Kind.values),
        "since": values.iso(since),
        "until": values.iso(until),
    }


def read_term(term: Any) -> Row:
    """A term of the body."""
    values.fields_of(term, _TERM)
    since, until = values.day(term, "since", needed=True), values.day(term, "until", needed=True)
    if since is not None and until is not None and until <= since:
        raise values.unfit("until")
    return {
        "uid": values.uid(term),
        "number": values.number(term, "number", 32_767),
        "since": values.iso(since),
        "until": values.iso(until),
        "ended_on": values.iso(values.day(term, "ended_on")),
        "document_number": values.text(term, "document_number", 80),
    }


def refuse_contradictions(row: Row) -> None:
    """A state a day, one open at most, and none open of an organisation that ended; one running term. Raises UnfitRow."""
    since = [state["since"] for state in row["states"]]
    still_open = sum(state["until"] is None for state in row["states"])
    if len(set(since)) != len(since) or since != sorted(since) or still_open > (row["ended_on"] is None):
        raise UnfitRow(_("“%(name)s”的沿革前后矛盾。") % {"name": row["name"]})
    if sum(term["ended_on"] is None for term in row["terms"]) > 1:
        raise values.unfit("terms")


def write_history(item: Incoming) -> None:
    """The states as in the row, and its terms; a superior of then outside of the scope stays."""
    here = Organisation.objects.get(uid=item.uid)
    named = {state["parent"] for state in item.row["states"] if state["parent"]}
    ids = dict(Organisation.objects.filter(uid__in=named).values_list("uid", "pk"))
    above = {str(uid): pk for uid, pk in ids.items()}
    outside = dict(OrganisationState.objects.filter(organisation=here).values_list("since", "parent_id"))
    OrganisationState.objects.filter(organisation=here).delete()
    OrganisationState.objects.bulk_create(
        OrganisationState(
            organisation=here,
            parent_id=above.get(state["parent"])
            if state["parent"]
            else outside.get(dt.date.fromisoformat(state["since"])),
            name=state["name"],
            short_name=state["short_name"],
            kind=state["kind"],
            since=dt.date.fromisoformat(state["since"]),
            until=values.date_of(state["until"]),
        )
        for state in item.row["states"]
    )
    running = {term["uid"] for term in item.row["terms"] if term["ended_on"] is None}
    if running:
        others = Term.objects.filter(organisation=here, ended_on__isnull=True).exclude(uid__in=running)
        newest = max(term["since"] for term in item.row["terms"])
        others.update(ended_on=newest)
    for term in sorted(item.row["terms"], key=lambda term: term["ended_on"] is None):
        fields = {name: values.date_of(term[name]) for name in ("since", "until", "ended_on")}
        fields |= {"number": term["number"], "document_number": term["document_number"]}
        made, _new = Term.objects.update_or_create(
            uid=term["uid"], defaults=fields, create_defaults={**fields, "organisation": here}
        )
        if made.organisation_id != here.pk:
            raise CannotWrite(_("“%(name)s”的届期编号在本站属于另一个组织。") % {"name": here.name})
