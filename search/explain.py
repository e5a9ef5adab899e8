"""Why results stand in their order: the plan, and for each row what its score is made of."""

from __future__ import annotations

import dataclasses
import datetime as dt

from portal.ground.clock import today
from portal.ground.suppliers import Viewer
from search import registry
from search.analysis.references import Reference, reference_in_query
from search.contracts import PAGING_LIMIT
from search.engines import current_engine
from search.engines.base import Ranked
from search.places import pinned_rows
from search.query.curation import current_curation, with_other_words
from search.query.planner import MAX_QUERY, plan_query
from search.query.syntax import Typed, parse
from search.ranking.current import current_learned
from search.service import ranked_hits, restriction_of, with_sections
from search.vectors.nearby import DEPTH as NEAR_DEPTH
from search.vectors.nearby import NOTHING, Meaning, Nearby, current_meaning, nearby, put_together


@dataclasses.dataclass(frozen=True)
class ExplainedRow:
    """A row with its score by words, (`words` + `sections` + `asked`) × `authority`. `asked` is what earlier clicks add.
    Where meaning counts too, the rank comes from `by_words` and `by_meaning`, the ranks in the two lists (None: not in it), and
    `cosine` says how near it is; the score of `row` is then that of both together."""

    row: Ranked
    words: float
    sections: float
    asked: float
    authority: float
    by_words: int | None = None
    by_meaning: int | None = None
    cosine: float | None = None

    @property
    def group(self) -> str:
        """The document, as search names it ("kind:uid")."""
        return f"{self.row.data['kind']}:{self.row.data['group']}"

    @property
    def type_label(self) -> str:
        """What kind of thing it is."""
        return registry.type_label(self.row.data["type"])


@dataclasses.dataclass(frozen=True)
class Explanation:
    """How a query was understood and answered. `others` are words that editors gave for typed ones, `is_reordered` says that a
    learned order moved the first rows, `meaning` what was asked by meaning, or why not; empty where no service is set."""

    typed: Typed
    reference: Reference | None
    others: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    total: int
    engine: str
    pinned: tuple[Ranked, ...]
    rows: tuple[ExplainedRow, ...]
    is_reordered: bool
    meaning: str = ""
    is_fused: bool = False


def explain(
    query: str, viewer: Viewer, *, as_of: dt.date | None = None, hits: int = 10, inactive: frozenset[str] = frozenset()
) -> Explanation:
    """The plan of a query as this viewer asks it, and why its first rows stand where they do. Raises SearchUnavailable."""
    text = query[:MAX_QUERY].strip()
    typed = parse(text, registry.field_names())
    restriction = restriction_of(typed, viewer, as_of=as_of, inactive=inactive)
    curation = current_curation()
    others = tuple(curation.others_for(typed.words)) if typed.has_bare_words else ()
    plan = plan_query(typed, restriction)
    if others:
        plan = with_other_words(plan, typed.words, curation)
    engine, learned, meaning = current_engine(), current_learned(), current_meaning()
    reference = reference_in_query(typed.words)
    total = engine.counts(plan, [], types=False).total
    plan = plan.with_gate_scored() if total <= PAGING_LIMIT else dataclasses.replace(plan, gated=False)
    shown, _ = learned.lifted(text, with_sections(engine, plan))
    near = NOTHING if reference else nearby(engine, typed.words, plan, meaning)
    by_words = ranked_hits(engine, learned, text, plan, 0, max(hits, NEAR_DEPTH if near.rows else 1))
    scores = {row.key: (rank, row.score) for rank, row in enumerate(by_words, 1)}
    rows = []
    for row in (put_together(by_words, near) if near.rows else by_words)[: max(1, hits)]:
        authority = float(row.data["authority"])
        sections = sum(
            lift.amount for lift in shown.lifts if lift.field == "section" and lift.value == row.data["section"]
        )
        asked = sum(lift.amount for lift in shown.lifts if lift.field == "key" and lift.value == row.key)
        rank, score = scores.get(row.key, (None, 0.0))
        words = score / authority - sections - asked if rank else 0.0
        found = ExplainedRow(row, words, sections, asked, authority)
        if near.rows:
            found = dataclasses.replace(
                found, by_words=rank, by_meaning=near.ranks.get(row.key), cosine=near.cosines.get(row.key)
            )
        rows.append(found)
    return Explanation(
        typed=typed,
        reference=reference,
        others=others,
        lines=tuple(shown.lines()),
        total=total,
        engine=engine.name,
        pinned=tuple(pinned_rows(engine, curation.pinned(text, today()), restriction)),
        rows=tuple(rows),
        is_reordered=learned.booster is not None,
        meaning=_meaning_line(meaning, near, bool(reference)),
        is_fused=bool(near.rows),
    )


def _meaning_line(meaning: Meaning | None, near: Nearby, is_place: bool) -> str:
    if meaning is None:
        return ""
    if is_place:
        return "not asked: a place is named"
    return near.note or f"{len(near.rows)} rows near the query, {meaning.service.maker}"
