"""Markdown law to tree. Pure: no Django, no database. `parse(text)` never fails on text; what is odd becomes a doubt."""

from __future__ import annotations

import bisect
import dataclasses

from portal.regulations.domain.parsing.balance import compare
from portal.regulations.domain.parsing.body import BodyReader
from portal.regulations.domain.parsing.header import read_header
from portal.regulations.domain.parsing.source import UnreadableSource, decode, trimmed
from portal.regulations.domain.parsing.tree import Balance, Doubt, Event, ParsedLaw, Unit

__all__ = ["Balance", "Doubt", "Event", "ParsedLaw", "Unit", "UnreadableSource", "decode", "parse"]


def parse(text: str, *, fallback_title: str = "") -> ParsedLaw:
    """Turn the text of a law file into a tree with doubts and a character balance.

    `fallback_title` names the law if the file has no first-level heading. An uneven balance is a fault of the parser: it is
    told as a doubt and the caller must not store the tree.
    """
    lines = [trimmed(line) for line in text.split("\n")]
    header = read_header(lines, fallback_title)
    reader = BodyReader(lines[header.body_from :], header.body_from + 1, header.title)
    reader.read()
    law = ParsedLaw(
        title=header.title,
        part_title=header.part_title,
        header=header.lines,
        events=header.events,
        document_number=header.document_number or _number_in_front(reader.units),
        units=reader.units,
        doubts=sorted([*header.doubts, *_placed(reader.doubts, reader.units)], key=lambda doubt: doubt.line),
        balance=compare(text, header.lines, reader.units),
    )
    law.effective_in_header = header.effective_inside
    if not law.balance.even:
        law.doubts.append(Doubt(0, "balance", f"字数不平衡：{law.balance.difference}"))
    return law


def _placed(doubts: list[Doubt], units: list[Unit]) -> list[Doubt]:
    """Doubts with the paths of the units that they speak of: the last one that begins at or before their line."""
    lines = [unit.line for unit in units]
    return [
        dataclasses.replace(doubt, path=units[max(bisect.bisect_right(lines, doubt.line) - 1, 0)].path)
        if doubt.line and units
        else doubt
        for doubt in doubts
    ]


def _number_in_front(units: list[Unit]) -> str:
    from_front = [line for unit in units if unit.kind == "front" for line in unit.lines if "号" in line[-3:]]
    return from_front[0] if from_front else ""
