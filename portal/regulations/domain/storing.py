"""Storing the units of a law as the provisions of a version: identities, lineages and edges."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from portal.regulations.domain.matching import Piece, match
from portal.regulations.domain.parsing import ParsedLaw
from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.parsing.tree import HEADING_KINDS
from portal.regulations.domain.status import in_order
from portal.regulations.models import Lineage, LineageEdge, Provision, RegulationVersion
from portal.regulations.models.version import UNDATED

WITH_LINEAGE = frozenset({"preamble", "article", "enumeration", "table", "annex"})


def has_lineage(provision: Provision) -> bool:
    """Whether a piece can be addressed for ever and found: articles and the like, and headings with text of their own."""
    return provision.kind in WITH_LINEAGE or (provision.kind in HEADING_KINDS and bool(provision.text))


def starts_on(version: RegulationVersion) -> dt.date | None:
    """The day from which a version counts: effective, else the latest of what made it (施行日期待核)."""
    if version.effective_on:
        return version.effective_on
    own = [day for day in (version.revised_on, version.file_date) if day]
    if own:
        return max(own)
    if version.promulgated_on or version.adopted_on:
        return version.promulgated_on or version.adopted_on
    return None if version.key == UNDATED else dt.date.fromisoformat(version.key)


def text_hash(text: str) -> str:
    """The fingerprint of an article's wording, blanks aside."""
    return hashlib.blake2b(solid(text).encode(), digest_size=16).hexdigest()


def provisions_from(version: RegulationVersion, law: ParsedLaw) -> list[Provision]:
    """The units of a law as provisions that are not stored yet; their parents are not set."""
    rows: list[Provision] = []
    depths: list[int] = []
    for position, unit in enumerate(law.units):
        depth = 0 if unit.parent is None else depths[unit.parent] + 1
        depths.append(depth)
        text = unit.text
        rows.append(
            Provision(
                version=version,
                position=position,
                depth=depth,
                kind=unit.kind,
                number=unit.number,
                sub_number=unit.sub,
                label=unit.label[:100],
                heading=unit.heading,
                path=unit.path,
                text=text,
                line_kinds=unit.line_kinds,
                text_hash=text_hash(text),
                heading_path="\n".join(law.headings_of(unit)),
                in_annex=unit.in_annex,
            )
        )
    return rows


def write_provisions(version: RegulationVersion, law: ParsedLaw) -> None:
    """Replace the provisions of a version by the units of `law`, inside the open transaction. Provisions known before, by
    text and then by path, keep uid and lineage; others take the lineage of the version before (or after) by similarity."""
    old = list(Provision.objects.filter(version=version).order_by("position"))
    rows = provisions_from(version, law)
    _keep_identity(old, rows)
    edges = _continue_lineages(version, rows)
    fresh = [row for row in rows if has_lineage(row) and row.lineage_id is None]
    lineages = Lineage.objects.bulk_create(
        [Lineage(regulation_id=version.regulation_id) for _ in fresh], batch_size=500
    )
    for row, lineage in zip(fresh, lineages, strict=True):
        row.lineage = lineage

    if old:
        Provision.objects.filter(version=version)._raw_delete(Provision.objects.db)  # type: ignore[attr-defined]
    for depth in sorted({row.depth for row in rows}):
        level = [index for index, row in enumerate(rows) if row.depth == depth]
        for index in level:
            parent = law.units[index].parent
            if parent is not None:
                rows[index].parent = rows[parent]
        Provision.objects.bulk_create([rows[index] for index in level], batch_size=500)
    if old:
        _renew_edges(version, old, rows)
    elif edges:
        LineageEdge.objects.bulk_create(
            [
                LineageEdge(source=source, target=row.lineage, kind=kind, similarity=similarity)
                if forward
                else LineageEdge(source=row.lineage, target=source, kind=kind, similarity=similarity)
                for source, row, kind, similarity, forward in edges
                if row.lineage is not None and row.lineage_id != source.pk
            ],
            ignore_conflicts=True,
        )


def _renew_edges(version: RegulationVersion, old: Sequence[Provision], rows: Sequence[Provision]) -> None:
    """After a text was cut or worded anew: edges that the machine drew and that no longer follow go, those that now follow
    come. What a person drew or took away stays."""
    before, after = _neighbours(version)
    mine = {row.lineage_id for row in (*old, *rows) if row.lineage_id}
    for neighbour, is_older in ((before, True), (after, False)):
        if neighbour is None:
            continue
        theirs = list(Provision.objects.filter(version=neighbour, lineage__isnull=False).order_by("position"))
        ours = [row for row in rows if row.lineage_id]
        older, newer = (theirs, ours) if is_older else (ours, theirs)
        matching = match([_piece(p) for p in older], [_piece(p) for p in newer])
        wanted = {
            (older[pair.old].lineage_id, newer[pair.new].lineage_id, kind.value): pair.similarity
            for kind, found in ((LineageEdge.Kind.SPLIT, matching.splits), (LineageEdge.Kind.MERGED, matching.merges))
            for pair in found
            if older[pair.old].lineage_id != newer[pair.new].lineage_id
        }
        of_older = {p.lineage_id for p in theirs} if is_older else mine
        of_newer = mine if is_older else {p.lineage_id for p in theirs}
        in_older, in_newer = {p.lineage_id for p in older}, {p.lineage_id for p in newer}
        drawn = LineageEdge.objects.filter(
            source__in=of_older, target__in=of_newer, drawn_by=LineageEdge.DrawnBy.MACHINE, is_hidden=False
        )
        for edge in drawn:
            between_others = edge.target_id in in_older and edge.source_id in in_newer
            if (edge.source_id, edge.target_id, edge.kind) not in wanted and not between_others:
                edge.delete()
        LineageEdge.objects.bulk_create(
            [
                LineageEdge(source_id=a, target_id=b, kind=kind, similarity=similarity)
                for (a, b, kind), similarity in wanted.items()
                if a and b
            ],
            ignore_conflicts=True,
        )
    in_use = Provision.objects.filter(lineage=OuterRef("pk"))
    gone = Lineage.objects.filter(~Exists(in_use), pk__in=mine)
    LineageEdge.objects.filter(Q(source__in=gone) | Q(target__in=gone), drawn_by=LineageEdge.DrawnBy.MACHINE).exclude(
        is_hidden=True
    ).delete()


def _neighbours(version: RegulationVersion) -> tuple[RegulationVersion | None, RegulationVersion | None]:
    """The versions before and after."""
    siblings = in_order(RegulationVersion.objects.filter(regulation=version.regulation_id).exclude(pk=version.pk))
    ordered = in_order([*siblings, version])
    place = next(index for index, other in enumerate(ordered) if other is version)
    return (ordered[place - 1] if place else None), (ordered[place + 1] if place + 1 < len(ordered) else None)


def _keep_identity(old: Sequence[Provision], rows: Sequence[Provision]) -> None:
    by_text: dict[tuple[str, str], list[Provision]] = defaultdict(list)
    for provision in old:
        by_text[(provision.kind, provision.text_hash)].append(provision)
    by_path = {provision.path: provision for provision in old}
    taken: set[int] = set()

    def take(row: Provision, known: Provision) -> None:
        row.uid = known.uid
        row.lineage_id = known.lineage_id
        taken.add(known.pk)

    left: list[Provision] = []
    for row in rows:
        twins = (
            [twin for twin in by_text.get((row.kind, row.text_hash), []) if twin.pk not in taken] if row.text else []
        )
        twin = next((twin for twin in twins if twin.path == row.path), twins[0] if twins else None)
        if twin is not None:
            take(row, twin)
        else:
            left.append(row)
    for row in left:
        known = by_path.get(row.path)
        if known is not None and known.pk not in taken and known.kind == row.kind:
            take(row, known)


_Edge = tuple[Lineage, Provision, str, float, bool]


def _continue_lineages(version: RegulationVersion, rows: Sequence[Provision]) -> list[_Edge]:
    """Give rows the lineages of the neighbouring versions; returns the edges for articles split or merged."""
    before, after = _neighbours(version)
    edges: list[_Edge] = []
    for neighbour, is_older in ((before, True), (after, False)):
        if neighbour is None:
            continue
        used = {row.lineage_id for row in rows if row.lineage_id}
        theirs = [
            provision
            for provision in Provision.objects.filter(version=neighbour, lineage__isnull=False)
            .select_related("lineage")
            .order_by("position")
            if provision.lineage_id not in used
        ]
        mine = [row for row in rows if has_lineage(row) and row.lineage_id is None]
        if not theirs or not mine:
            continue
        older, newer = (theirs, mine) if is_older else (mine, theirs)
        matching = match([_piece(p) for p in older], [_piece(p) for p in newer])
        for pair in matching.pairs:
            known, row = (theirs[pair.old], mine[pair.new]) if is_older else (theirs[pair.new], mine[pair.old])
            row.lineage = known.lineage
        for kind, found in ((LineageEdge.Kind.SPLIT, matching.splits), (LineageEdge.Kind.MERGED, matching.merges)):
            for pair in found:
                known, row = (theirs[pair.old], mine[pair.new]) if is_older else (theirs[pair.new], mine[pair.old])
                if known.lineage is not None:
                    edges.append((known.lineage, row, kind.value, pair.similarity, is_older))
    return edges


def _piece(provision: Provision) -> Piece:
    return Piece(provision.text, provision.text_hash, provision.path, provision.kind)
