"""Plans as SQL over the tables of `search.engines.portable.store`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from search.query.plan import FUTURE, HELD, PAST, Plan, Restriction

Condition = tuple[str, list[Any]]


def any_of(terms: Iterable[str], column: str = "t") -> str:
    """An FTS5 expression: any of the terms in a column."""
    return f"{{{column}}} : ({' OR '.join(quoted(term) for term in terms)})"


def quoted(*words: str) -> str:
    """Words that follow each other, as FTS5 takes them."""
    return '"' + " ".join(words).replace('"', '""') + '"'


def seen(restriction: Restriction, *, typed: bool = True) -> list[Condition]:
    """Who may see a row, and when it holds."""
    tokens = sorted(restriction.tokens)
    conditions: list[Condition] = [
        (f"r.id IN (SELECT row FROM held WHERE token IN ({_marks(tokens)}))", [*tokens]),
        ("r.secrecy <= ?", [restriction.clearance]),
    ]
    on = restriction.on
    statuses: dict[str, Condition] = {
        HELD: ("(r.valid_from <= ? AND r.valid_to >= ?)", [on, on]),
        FUTURE: ("r.valid_from > ?", [on]),
        PAST: ("r.valid_to < ?", [on]),
    }
    asked = [statuses[name] for name in sorted(restriction.statuses)]
    conditions.append((f"({' OR '.join(sql for sql, _ in asked)})", [value for _, held in asked for value in held]))
    if kinds := sorted(restriction.whole_kinds_off):
        conditions.append((f"r.kind NOT IN ({_marks(kinds)})", list(kinds)))
    for kind, types in restriction.types_off.items() if typed else ():
        conditions.append((f"NOT (r.kind = ? AND r.type IN ({_marks(list(types))}))", [kind, *types]))
    return conditions


def restricted(restriction: Restriction) -> list[Condition]:
    """What is never scored."""
    conditions = seen(restriction)
    for column, values in (("type", sorted(restriction.types)), ("grp", sorted(restriction.groups))):
        if values:
            conditions.append((f"r.{column} IN ({_marks(values)})", [*values]))
    for key, chosen in restriction.facets:
        listed = sorted(chosen)
        conditions.append(
            (f"r.id IN (SELECT row FROM facet WHERE key = ? AND value IN ({_marks(listed)}))", [key, *listed])
        )
    return conditions


def gate(plan: Plan) -> list[Condition]:
    """So many of the gate's terms must stand in the text."""
    if plan.gate_needed <= 1:
        return [("r.id IN (SELECT rowid FROM text WHERE text MATCH ?)", [any_of(plan.gate)])]
    held = " + ".join("(r.id IN (SELECT rowid FROM text WHERE text MATCH ?))" for _ in plan.gate)
    return [(f"({held}) >= ?", [*(any_of([term]) for term in plan.gate), plan.gate_needed])]


def phrases(plan: Plan) -> list[Condition]:
    """What must stand in the text word by word, and what must not; rows that are shown elsewhere."""
    conditions: list[Condition] = [
        (f"r.id {how} (SELECT rowid FROM text WHERE text MATCH ?)", [f"{{p}} : {quoted(*words)}"])
        for how, sequences in (("IN", plan.phrases), ("NOT IN", plan.excluded))
        for words in sequences
    ]
    if plan.excluded_keys:
        keys = sorted(plan.excluded_keys)
        conditions.append((f"r.key NOT IN ({_marks(keys)})", [*keys]))
    return conditions


def where(conditions: Sequence[Condition]) -> Condition:
    """All of them."""
    return " AND ".join(sql for sql, _ in conditions) or "1", [value for _, values in conditions for value in values]


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
