"""Correcting the structure of a stored version: the text stays, its borders and kinds change."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from portal.ground import jobs
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.content import content_changed
from portal.regulations.domain.importing import READ_TEXTS
from portal.regulations.domain.parsing import ParsedLaw
from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.storing import write_provisions
from portal.regulations.domain.structuring.doubts import relocated, row_of
from portal.regulations.domain.structuring.recutting import (
    JOINED,
    TextDiffers,
    corrections_between,
    flowing,
    recut,
    solid_ends,
)
from portal.regulations.domain.structuring.rows import DEEPEST, KINDS, Row, places_of, rows_of, units_of
from portal.regulations.models import Provision, RegulationVersion

MOST_CORRECTIONS = 2_000


class StructureRefused(Exception):
    """The structure cannot be stored like this; `str()` is a Chinese sentence, `row` the row sent that it is about, or None."""

    def __init__(self, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row


class TextChanged(StructureRefused):
    """Characters were added, lost or exchanged."""


class Overtaken(StructureRefused):
    """Somebody else changed the structure since it was read."""


class UnknownKind(StructureRefused):
    """A row is of a kind that does not exist, or goes on with nothing."""


@dataclasses.dataclass(frozen=True)
class Structure:
    """A stored version as rows, with the fingerprint that tells whether it is still the same."""

    rows: list[Row]
    provisions: list[Provision]
    digest: str

    def places(self) -> list[str]:
        """What each row is read as below its article (p2/i3); empty for the first row of a unit."""
        return places_of(self.provisions)

    def row_of(self, doubt: dict[str, Any]) -> int | None:
        """The row that a doubt is about."""
        return row_of(doubt, self.provisions, self.rows)


def structure_of(version: RegulationVersion) -> Structure:
    """What stands in a version, row by row: one query."""
    provisions = list(Provision.objects.filter(version=version).order_by("position"))
    rows = rows_of(provisions)
    return Structure(rows, provisions, _digest(rows))


def _digest(rows: Sequence[Row]) -> str:
    return hashlib.blake2b(repr([row.key for row in rows]).encode(), digest_size=16).hexdigest()


def correct_structure(
    version: RegulationVersion, start: int, stop: int, wanted: Sequence[Row], *, digest: str, actor: Any = None
) -> RegulationVersion:
    """Put `wanted` in the place of rows `start` up to `stop` of the structure with this `digest`.

    A row with several lines is split, one of kind "joined" goes on with the row above. The characters (blanks aside) must be
    those that stood there, and the stored ones are kept. Articles that stay what they are keep their permanent addresses;
    references and relations are read again by a job. Raises TextChanged, Overtaken, UnknownKind. Writes the provisions,
    lineages and edges, the list of corrections and an audit line; emits `content.changed`. Nothing changed writes nothing.
    """
    with transaction.atomic():
        version = (
            RegulationVersion.objects.select_for_update(of=("self",)).select_related("regulation").get(pk=version.pk)
        )
        before = structure_of(version)
        if digest != before.digest or not 0 <= start <= stop <= len(before.rows):
            raise Overtaken("这份文本的结构刚刚被改过：请对照最新的内容再改一次，您填写的内容仍在下面。")
        _check_kinds(wanted, start)
        if wanted and wanted[0].kind == JOINED:
            start, wanted = start - 1, [before.rows[start - 1], *wanted]
        old = before.rows[start:stop]
        try:
            cut = recut(old, flowing(wanted))
        except TextDiffers as error:
            raise TextChanged(
                f"文字与原文不一致，没有保存：原文是“…{error.there}…”，这里是“…{error.here}…”。此处只能改结构，不能改文字。",
                error.row,
            ) from error
        rows = [*before.rows[:start], *cut, *before.rows[stop:]]
        if [row.key for row in rows] == [row.key for row in before.rows]:
            return version
        law = ParsedLaw(title=version.regulation.title, units=units_of(rows))
        _check_nothing_lost(before.rows, law)
        write_provisions(version, law)
        after = structure_of(version)
        changes = corrections_between(before.rows, rows)
        version.corrections = [*version.corrections, *changes][-MOST_CORRECTIONS:]
        version.doubts = relocated(_settled(version.doubts, before, changes), before.provisions, after.provisions)
        version.article_count = law.articles
        version.read_at = None
        version.save(update_fields=["corrections", "doubts", "article_count", "read_at"])
        version.regulation.updated_at = now()
        version.regulation.save(update_fields=["updated_at"])
        jobs.enqueue(READ_TEXTS, key=READ_TEXTS)
        audit(
            actor,
            "regulations.structure",
            target_kind="regulation_version",
            target_uid=version.uid,
            version=version.key,
            places=len(changes),
        )
        content_changed("regulation", version.regulation.uid)
    return version


def _check_kinds(wanted: Sequence[Row], start: int) -> None:
    for index, row in enumerate(wanted):
        if row.kind not in (*KINDS, JOINED):
            raise UnknownKind("请选择这一行的种类。", index)
        if row.kind == JOINED and index == 0 and start == 0:
            raise UnknownKind("第一行的上面没有可以接上的行。", index)
        if row.number is not None and not 0 <= row.number <= 99_999:
            raise UnknownKind("序号应当是 0 到 99999 的整数。", index)
        if not 0 <= row.sub <= 999 or (row.depth is not None and not 0 <= row.depth <= DEEPEST):
            raise UnknownKind("“之几”或层级超出了范围。", index)


def _check_nothing_lost(rows: Sequence[Row], law: ParsedLaw) -> None:
    there = solid("".join(row.text for row in rows))
    here = solid("".join(unit.label + unit.heading + unit.text for unit in law.units))
    if there != here:
        raise TextChanged("按这样的结构保存会丢字，没有保存。请把这一处的改动告诉维护人员。")


def _settled(
    doubts: Sequence[dict[str, Any]], before: Structure, changes: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Doubts about rows that were just corrected need no look any more."""
    ends = [0, *solid_ends(before.rows)]
    found = []
    for doubt in doubts:
        row = before.row_of(doubt)
        corrected = row is not None and any(one["at"] <= ends[row] < one["at"] + one["length"] for one in changes)
        found.append(doubt | {"settled": True} if corrected else doubt)
    return found


def settle_doubt(version: RegulationVersion, index: int, *, settled: bool = True, actor: Any = None) -> None:
    """Say that a doubt was looked at and is none (or is one again). Raises StructureRefused when there is no such doubt."""
    with transaction.atomic():
        version = RegulationVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
        if not 0 <= index < len(version.doubts):
            raise StructureRefused("没有这一处疑点。")
        version.doubts[index]["settled"] = settled
        version.save(update_fields=["doubts"])
        audit(
            actor, "regulations.doubt", target_kind="regulation_version", target_uid=version.uid,
            code=version.doubts[index]["code"], settled=settled,
        )  # fmt: skip
