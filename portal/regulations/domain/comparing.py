"""Two texts side by side: versions of one work by the lineage of their articles, different works by wording."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from typing import Literal

from django.core.cache import cache
from rapidfuzz.distance import Indel

from portal.regulations.domain.addresses import article_label
from portal.regulations.domain.matching import Piece, match
from portal.regulations.models import LineageEdge, Provision, RegulationVersion

RowKind = Literal["same", "moved", "amended", "new", "removed"]
_COMPARED = ("article", "enumeration", "preamble", "annex", "table")
_SHORTEST_RUN = 2  # characters that stayed between two changes: a shorter run is marked as changed with them
_KEPT_SECONDS = 7 * 24 * 3600


@dataclasses.dataclass(frozen=True)
class Mark:
    """A piece of text: kept, or changed (taken out on the old side, put in on the new one)."""

    text: str
    changed: bool = False


@dataclasses.dataclass(frozen=True)
class Side:
    """An article on one side; `heading` is the chapter it begins."""

    label: str
    path: str
    marks: tuple[Mark, ...]
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Row:
    """An article on both sides, or on one. `similarity` is 0 to 1."""

    kind: RowKind
    old: Side | None
    new: Side | None
    similarity: float = 1.0


@dataclasses.dataclass(frozen=True)
class Comparison:
    rows: tuple[Row, ...]

    def count(self, kind: RowKind) -> int:
        return sum(row.kind == kind for row in self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows there are of each kind."""
        kinds: tuple[RowKind, ...] = ("amended", "new", "removed", "moved", "same")
        return {kind: self.count(kind) for kind in kinds}


def compare(old: RegulationVersion, new: RegulationVersion) -> Comparison:
    """Compare two versions, kept for a week for the same two wordings: two queries the first time, none later."""
    key = cache_key(old, new)
    found = cache.get(key)
    if not isinstance(found, Comparison):
        found = _compared(old, new)
        cache.set(key, found, _KEPT_SECONDS)
    return found


def cache_key(old: RegulationVersion, new: RegulationVersion) -> str:
    """Changes with either wording and with the lines that join their articles."""
    parts = [f"{v.uid}:{v.source_digest}:{v.imported_at.isoformat()}" for v in (old, new)]
    return "regulations.compare:1:" + hashlib.sha256("|".join(parts).encode()).hexdigest()


def _compared(old: RegulationVersion, new: RegulationVersion) -> Comparison:
    olds, news = _provisions(old), _provisions(new)
    same_work = old.regulation_id == new.regulation_id
    continues = _by_lineage(olds, news) if same_work else _by_wording(olds, news)
    notes = _split_and_merged(olds, news) if same_work else {}
    place_of_old = {index: place for place, index in continues.items()}
    rows: list[Row] = []
    told = 0  # old articles up to here are told
    for index, provision in enumerate(news):
        before = continues.get(index)
        if before is not None:
            told = _tell_removed(rows, olds, told, before, place_of_old, notes)
            rows.append(_row(olds[before], provision, notes))
        else:
            rows.append(Row("new", None, _side(provision, notes), 0.0))
    _tell_removed(rows, olds, told, len(olds), place_of_old, notes)
    return Comparison(tuple(rows))


def _tell_removed(
    rows: list[Row], olds: Sequence[Provision], told: int, until: int, kept: dict[int, int], notes: dict[int, str]
) -> int:
    """Old articles that have no successor stand where they stood: before the one that followed them."""
    for index in range(told, until):
        if index not in kept:
            rows.append(Row("removed", _side(olds[index], notes), None, 0.0))
    return max(told, until)


def _provisions(version: RegulationVersion) -> list[Provision]:
    wanted = Provision.objects.filter(version=version, kind__in=_COMPARED).exclude(text="")
    return list(wanted.order_by("position"))


def _by_lineage(olds: Sequence[Provision], news: Sequence[Provision]) -> dict[int, int]:
    places = {provision.lineage_id: index for index, provision in enumerate(olds) if provision.lineage_id}
    return {
        index: places[provision.lineage_id] for index, provision in enumerate(news) if provision.lineage_id in places
    }


def _by_wording(olds: Sequence[Provision], news: Sequence[Provision]) -> dict[int, int]:
    def piece(provision: Provision) -> Piece:
        return Piece(provision.text, provision.text_hash, provision.path, provision.kind)

    pairs = match([piece(p) for p in olds], [piece(p) for p in news]).pairs
    return {pair.new: pair.old for pair in pairs if pair.similarity >= 0.4}


def _split_and_merged(olds: Sequence[Provision], news: Sequence[Provision]) -> dict[int, str]:
    """Where a new article came from or an old one went, beside what it continues: {pk of the provision: label}."""
    by_old = {p.lineage_id: p for p in olds}
    by_new = {p.lineage_id: p for p in news}
    notes: dict[int, str] = {}
    edges = LineageEdge.objects.filter(
        source__in=[key for key in by_old if key], target__in=[key for key in by_new if key], is_hidden=False
    )
    for edge in edges:
        if edge.kind == LineageEdge.Kind.SPLIT:
            noted, named = by_new[edge.target_id], by_old[edge.source_id]
        elif edge.kind == LineageEdge.Kind.MERGED:
            noted, named = by_old[edge.source_id], by_new[edge.target_id]
        else:
            continue
        notes[noted.pk] = "、".join(part for part in (notes.get(noted.pk), article_label(named)) if part)
    return notes


def _side(provision: Provision, notes: dict[int, str]) -> Side:
    return Side(article_label(provision), provision.path, (Mark(provision.text),), notes.get(provision.pk, ""))


def _row(old: Provision, new: Provision, notes: dict[int, str]) -> Row:
    if old.text_hash == new.text_hash:
        return Row("same" if old.path == new.path else "moved", _side(old, notes), _side(new, notes))
    left, right, similarity = marked(old.text, new.text)
    return Row(
        "amended",
        Side(article_label(old), old.path, left, notes.get(old.pk, "")),
        Side(article_label(new), new.path, right, notes.get(new.pk, "")),
        similarity,
    )


def marked(old: str, new: str) -> tuple[tuple[Mark, ...], tuple[Mark, ...], float]:
    """Both texts with what changed between them marked by characters, and their similarity from 0 to 1."""
    left: list[Mark] = []
    right: list[Mark] = []
    for code in Indel.opcodes(old, new):
        a, b = old[code.src_start : code.src_end], new[code.dest_start : code.dest_end]
        if code.tag == "equal" and len(a) > _SHORTEST_RUN - 1 + (bool(left) and bool(right)):
            left.append(Mark(a))
            right.append(Mark(b))
        else:
            left.append(Mark(a, True))
            right.append(Mark(b, True))
    return _joined(left), _joined(right), round(Indel.normalized_similarity(old, new), 4)


def _joined(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    found: list[Mark] = []
    for mark in marks:
        if not mark.text:
            continue
        if found and found[-1].changed == mark.changed:
            found[-1] = Mark(found[-1].text + mark.text, mark.changed)
        else:
            found.append(mark)
    return tuple(found)
