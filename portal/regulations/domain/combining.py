"""One law cut into several files (民法典 in eight): the parts become one tree, each part a 编."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from portal.regulations.domain.parsing.tree import Balance, ParsedLaw, Unit


def in_reading_order(parts: Sequence[ParsedLaw]) -> list[ParsedLaw]:
    """Parts by the number of their first article; parts without articles last."""

    def first_article(law: ParsedLaw) -> int:
        return next((unit.number or 0 for unit in law.units if unit.kind == "article" and not unit.in_annex), 1_000_000)

    return sorted(parts, key=first_article)


def combine(parts: Sequence[ParsedLaw]) -> ParsedLaw:
    """One law of parts in reading order. Headings and loose units take the part's path in front; articles keep theirs."""
    first = parts[0]
    whole = ParsedLaw(title=first.title, header=[], document_number=first.document_number)
    paths: dict[str, int] = {}

    def unique(path: str) -> str:
        base = path.split("~")[0]
        paths[base] = paths.get(base, 0) + 1
        return base if paths[base] == 1 else f"{base}~{paths[base]}"

    for number, law in enumerate(parts, start=1):
        head = Unit("part", 0, number=number, heading=law.part_title, path=unique(f"pt{number}"), inserted=True)
        whole.units.append(head)
        above = len(whole.units) - 1
        shift = len(whole.units)
        moved_to: dict[str, str] = {}
        for unit in law.units:
            path = unit.path if unit.kind == "article" and not unit.in_annex else f"pt{number}/{unit.path}"
            moved = dataclasses.replace(
                unit, path=unique(path), parent=above if unit.parent is None else unit.parent + shift
            )
            whole.units.append(moved)
            moved_to[unit.path] = moved.path
        whole.events += [event for event in law.events if event not in whole.events]
        whole.header += [line for line in law.header if line not in whole.header]
        whole.doubts += [
            dataclasses.replace(d, message=f"{law.part_title}：{d.message}", path=moved_to.get(d.path, ""))
            for d in law.doubts
        ]
    whole.balance = Balance(
        sum(law.balance.source for law in parts),
        sum(law.balance.rebuilt for law in parts),
        next((law.balance.difference for law in parts if law.balance.difference), ""),
        sum(law.balance.lost for law in parts),
        sum(law.balance.added for law in parts),
    )
    return whole
