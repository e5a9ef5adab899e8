"""Cutting a text anew: which border goes where. The characters come from the stored text, never from what was sent."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Any

from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.parsing.source import trimmed
from portal.regulations.domain.structuring.rows import LINE, LINES, Row, numbered

JOINED = "joined"  # goes on with the row above, without a break


class TextDiffers(Exception):
    """Rows do not hold the characters they should: `row` counts from 0, `there` and `here` are what stands in either."""

    def __init__(self, row: int, there: str, here: str) -> None:
        super().__init__(row)
        self.row, self.there, self.here = row, there, here


def solid_ends(rows: Sequence[Row]) -> list[int]:
    """After how many characters (blanks aside) each row ends."""
    return list(accumulate(len(solid(row.text)) for row in rows))


def flowing(rows: Sequence[Row]) -> list[Row]:
    """Rows without the joined ones, and with those that hold several lines split. The first one is never joined."""
    found: list[Row] = []
    for row in rows:
        if row.kind == JOINED and found:
            found[-1] = dataclasses.replace(found[-1], text=found[-1].text + row.text)
            continue
        first, *more = [line for line in row.text.split("\n") if solid(line)] or [""]
        if not first and not row.text.strip() and row.kind in (*LINES, JOINED):
            continue
        found.append(dataclasses.replace(row, kind=LINE if row.kind == JOINED else row.kind, text=first))
        found += [Row(LINE, line) for line in more]
    return found


def recut(old: Sequence[Row], wanted: Sequence[Row]) -> list[Row]:
    """The text of `old` cut as `wanted` has it. Rows that stay what they were keep all they had. Raises TextDiffers."""
    ends = solid_ends(wanted)
    _compare(old, wanted, ends)
    text = "\n".join(row.text for row in old)
    ends_of_old = [0, *solid_ends(old)]
    known = {(ends_of_old[i], ends_of_old[i + 1], row.kind): row for i, row in enumerate(old)}
    places = [index for index, char in enumerate(text) if solid(char)]
    found: list[Row] = []
    start = 0
    for row, end in zip(wanted, ends, strict=True):
        same = known.get((start, end, row.kind))
        if same is not None and end > start:
            kept = (row.number, row.sub) == (same.number, same.sub)
            found.append(dataclasses.replace(same, number=row.number, sub=row.sub, depth=row.depth) if not kept else
                         dataclasses.replace(same, depth=row.depth))  # fmt: skip
        else:
            words = text[places[start] : places[end - 1] + 1].replace("\n", "") if end > start else ""
            found.append(numbered(dataclasses.replace(row, text=trimmed(words), label=None)))
        start = end
    return found


def _compare(old: Sequence[Row], wanted: Sequence[Row], ends: Sequence[int]) -> None:
    there, here = solid("".join(row.text for row in old)), solid("".join(row.text for row in wanted))
    if there == here:
        return
    shorter = min(len(there), len(here))
    at = next((index for index in range(shorter) if there[index] != here[index]), shorter)
    row = next((index for index, end in enumerate(ends) if at < end), max(len(ends) - 1, 0))
    raise TextDiffers(row, there[max(0, at - 6) : at + 10], here[max(0, at - 6) : at + 10])


# --- what was corrected, so that it can be done again -------------------------------------------------------------------
def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def corrections_between(old: Sequence[Row], new: Sequence[Row]) -> list[dict[str, Any]]:
    """The runs of rows that differ, each with the fingerprint of its text and the rows it became. Both hold one text."""
    text = solid("".join(row.text for row in old))
    ends = [0, *solid_ends(old)]
    found: list[dict[str, Any]] = []
    for tag, a, b, c, d in SequenceMatcher(
        None, [row.key for row in old], [row.key for row in new], False
    ).get_opcodes():
        if tag == "equal":
            continue
        words = text[ends[a] : ends[b]]
        rows = [[row.kind, row.number, row.sub, row.depth, len(solid(row.text))] for row in new[c:d]]
        found.append(
            {"at": ends[a], "length": len(words), "digest": _digest(words), "excerpt": words[:30], "rows": rows}
        )
    return found


def corrected_again(
    rows: Sequence[Row], corrections: Sequence[Mapping[str, Any]]
) -> tuple[list[Row], list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Rows of a text read anew with the corrections of the one before; which could be kept, and which are lost because their
    words are no more or are cut otherwise."""
    now = list(rows)
    kept: list[Mapping[str, Any]] = []
    lost: list[Mapping[str, Any]] = []
    for one in corrections:
        run = _run_of(now, one)
        if run is None:
            lost.append(one)
            continue
        a, b = run
        text = solid("".join(row.text for row in now[a:b]))
        wanted: list[Row] = []
        at = 0
        for kind, number, sub, depth, length in one["rows"]:
            wanted.append(Row(kind, text[at : at + length], number, sub, depth))
            at += length
        now[a:b] = recut(now[a:b], wanted)
        kept.append(one)
    return now, kept, lost


def _run_of(rows: Sequence[Row], one: Mapping[str, Any]) -> tuple[int, int] | None:
    text = solid("".join(row.text for row in rows))
    ends = [0, *solid_ends(rows)]
    first = {end: index for index, end in reversed(list(enumerate(ends)))}
    starts = sorted(
        (start for start in first if start + one["length"] in first), key=lambda start: abs(start - one["at"])
    )
    for start in starts:
        if _digest(text[start : start + one["length"]]) == one["digest"]:
            return first[start], first[start + one["length"]]
    return None
