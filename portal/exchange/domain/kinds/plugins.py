"""Rows of plugins: each `ExchangeRecords` of a plugin that is on is a kind like any other. Whatever the plugin does wrong stays with
its own kind: a package is made without it, its rows are kept out, or nothing at all is written."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from plugins.sdk import ExportContext, LoadContext, Refusal, text_in_language
from plugins.sdk.runtime import RecordsOfPlugin, active_slugs, exchange_records
from portal.exchange.domain import values
from portal.ground.exchange import (
    Book,
    CannotGive,
    CannotWrite,
    ExchangeKind,
    Incoming,
    Matches,
    Row,
    Scope,
    UnfitRow,
    Writing,
)
from portal.organisations.models import Organisation, subtree_filter

ORDER = 1000
MAX_ROWS = 200_000
ENOUGH_FAILURES = 5
ORGANISATIONS = "organisations"


class BadRow(ValueError):
    """A plugin gave something that is no row of its kind; the message says what."""


def kinds_of_plugins() -> Iterator[ExchangeKind]:
    """The kinds of the plugins that are on."""
    declared = exchange_records()
    active = active_slugs() if declared else frozenset()
    return (PluginRecords(source) for source in declared if source.slug in active)


class PluginRecords(ExchangeKind):
    """What an `ExchangeRecords` declares, as a kind."""

    order = ORDER

    def __init__(self, source: RecordsOfPlugin) -> None:
        declared = source.declared
        self._check_failures = 0
        self.source = source
        self.declared = declared
        self.name = declared.kind
        self.version = declared.version
        self.label = declared.text
        self.fields = {name: text_in_language(zh, en) for name, (zh, en) in declared.fields.items()}
        self.sealed = frozenset(declared.sealed)
        self.upgrades = {
            version: functools.partial(self._upgraded, target) for version, target in declared.upgrades.items()
        }

    def export(self, scope: Scope, only: Collection[str] | None = None) -> Iterator[Row]:
        """By uid, all read before the first is given. Raises CannotGive."""
        if only is not None:
            return iter(self._rows(ExportContext(frozenset(), frozenset(uuid.UUID(str(uid)) for uid in only))))
        if not scope.path:
            return iter(())
        inside = Organisation.objects.filter(subtree_filter(scope.path, "path")).values_list("uid", flat=True)
        return iter(self._rows(ExportContext(frozenset(inside))))

    def _rows(self, context: ExportContext) -> list[Row]:
        try:
            with transaction.atomic() if connection.in_atomic_block else nullcontext():
                found: dict[str, Row] = {}
                for given in self.source.load(self.declared.export)(context):
                    row = self._checked(given, context)
                    if found.setdefault(row["uid"], row) is not row:
                        raise BadRow(f"the uid {row['uid']} stands twice")
                    if len(found) > MAX_ROWS:
                        raise BadRow(f"more than {MAX_ROWS} rows")
        except Exception as error:
            raise self._failed("export", error) from error
        return [found[uid] for uid in sorted(found)]

    def _checked(self, given: Any, context: ExportContext) -> Row:
        if not isinstance(given, Mapping):
            raise BadRow(f"{type(given).__name__} is no row")
        row: Row = json.loads(json.dumps(dict(given), allow_nan=False))
        if set(row) != {"uid", *self.fields}:
            raise BadRow(f"a row has the keys {', '.join(sorted(row))}")
        values.uid(row)
        where = uuid.UUID(values.uid(row, self.declared.organisation))
        if context.only is None and where not in context.organisation_uids:
            raise BadRow(f"the row {row['uid']} is of an organisation that was not asked for")
        if context.only is not None and uuid.UUID(row["uid"]) not in context.only:
            raise BadRow(f"the row {row['uid']} was not asked for")
        return row

    def read(self, row: Row, book: Book) -> Row:
        """The keys, plain values, an organisation of the package, then what the plugin says. Raises UnfitRow, ForeignRow."""
        values.fields_of(row, ("uid", *self.fields))
        where = self.declared.organisation
        found: Row = {"uid": values.uid(row)}
        for name in self.fields:
            found[name] = values.plain_json(row[name], name)
        found[where] = book.here(ORGANISATIONS, values.uid(row, where))
        if not isinstance(found[self.declared.title], str):
            raise values.unfit(self.declared.title)
        if self.declared.check:
            if self._check_failures >= ENOUGH_FAILURES:
                raise UnfitRow(self._sentence())
            try:
                with transaction.atomic() if connection.in_atomic_block else nullcontext():
                    self.source.load(self.declared.check)(json.loads(json.dumps(found)))
            except Refusal as refusal:
                raise UnfitRow(str(refusal)) from refusal
            except Exception as error:
                self._check_failures += 1
                self.source.failed("check", error)
                raise UnfitRow(self._sentence()) from error
        return found

    def match(self, rows: Sequence[Row], scope: Scope, known: Mapping[str, str]) -> Matches:
        """By uid alone. All stay out while the plugin cannot say what is here."""
        wanted = {row["uid"]: known.get(row["uid"], row["uid"]) for row in rows}
        try:
            here = {row["uid"]: row for row in self.export(scope, set(wanted.values()))} if wanted else {}
        except CannotGive as failure:
            failure.tell()
            return Matches({}, dict.fromkeys(wanted, str(failure)))
        where = self.declared.organisation
        paths = dict(
            Organisation.objects.filter(uid__in={row[where] for row in here.values()}).values_list("uid", "path")
        )
        found = {uid: here_uid for uid, here_uid in wanted.items() if here_uid in here}
        kept_out = {
            uid: _("这条记录在本站属于别的组织。")
            for uid, here_uid in found.items()
            if not paths.get(uuid.UUID(here[here_uid][where]), "").startswith(scope.allowed)
        }
        return Matches(found, kept_out)

    def write(self, items: Sequence[Incoming], writing: Writing) -> None:
        """Handed to the plugin; then every row has to be there. Raises CannotWrite, CannotGive."""
        rows = tuple({**item.row, "uid": item.uid} for item in items)
        try:
            with transaction.atomic():
                self.source.load(self.declared.load)(LoadContext(rows, writing.actor, writing.reason))
        except Refusal as refusal:
            raise CannotWrite(str(refusal)) from refusal
        except Exception as error:
            raise self._failed("load", error) from error
        there = {row["uid"] for row in self.export(writing.scope, {item.uid for item in items})}
        if missing := [item.uid for item in items if item.uid not in there]:
            raise self._failed("load", BadRow(f"{len(missing)} rows were not written, {missing[0]} among them"))

    def title(self, row: Row) -> str:
        """What people know the row by."""
        return str(row[self.declared.title])[:200]

    def shown(self, field: str, value: Any) -> str:
        """The name of the organisation; sealed values covered; yes and no in words."""
        if field in self.sealed:
            return "***" if value not in (None, "", [], {}) else "—"
        if field == self.declared.organisation and value:
            return str(Organisation.objects.filter(uid=value).values_list("name", flat=True).first() or "—")
        if isinstance(value, bool):
            return _("是") if value else _("否")
        if isinstance(value, list | dict):
            return json.dumps(value, ensure_ascii=False)[:2000] if value else "—"
        return super().shown(field, value)

    def _upgraded(self, target: Any, row: Row) -> Row:
        """One version further. What cannot be made into one loses its keys, so that it is kept out."""
        try:
            done = self.source.load(target)(dict(row))
            if not isinstance(done, dict):
                raise BadRow(f"{type(done).__name__} is no row")
        except Exception as error:  # noqa: BLE001 - `failed` records it
            self.source.failed("upgrade", error)
            return {"uid": row["uid"]}
        return {**done, "uid": row["uid"]}

    def _sentence(self) -> str:
        return _("“%(kind)s”由插件提供，插件出了错，已记下。") % {"kind": self.label}

    def _failed(self, what: str, error: Exception) -> CannotGive:
        return CannotGive(self._sentence(), functools.partial(self.source.failed, what, error))
