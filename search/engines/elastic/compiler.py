"""Plans as Elasticsearch queries, with what a bare node understands."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from elasticsearch.dsl.query import (
    Bool,
    ConstantScore,
    FunctionScore,
    MatchAll,
    MatchPhrase,
    Query,
    Range,
    Term,
    Terms,
)

from search.query.plan import FUTURE, HELD, PAST, STATUSES, Lookup, Plan, Restriction


def hits_query(plan: Plan) -> Query:
    """Any of the terms, scored; phrases, gate and restriction as filters."""
    scored = Bool(
        should=[
            *(Term(t={"value": text, "boost": weight}) for text, weight in plan.terms),
            *(
                ConstantScore(filter=Term(**{lift.field: {"value": lift.value}}), boost=lift.amount)
                for lift in plan.lifts
            ),
        ],
        minimum_should_match=1,
    )
    filters = [*_filters(plan.restriction), *_phrases(plan)]
    if plan.gated:
        filters.append(_gate(plan))
    refused = [*_refused(plan.restriction), *_excluded(plan)]
    return _by_authority(Bool(must=[scored], filter=filters, must_not=refused))


def sections_query(plan: Plan) -> Query:
    """Any of the terms in a section that may be seen."""
    scored = Bool(
        should=[Term(st={"value": text, "boost": weight}) for text, weight in plan.terms], minimum_should_match=1
    )
    filters = [Terms(sacl=sorted(plan.restriction.tokens)), *_held(plan.restriction)]
    return Bool(must=[scored], filter=filters, must_not=_refused(plan.restriction))


def counts_query(plan: Plan) -> Query:
    """The gate as a filter: what counts as a match."""
    filters = [_gate(plan), *_filters(plan.restriction), *_phrases(plan)]
    return Bool(filter=filters, must_not=[*_refused(plan.restriction), *_excluded(plan)])


def lookup_query(lookup: Lookup) -> Query:
    """The rows at a path whose reference title holds all terms."""
    scored: list[Query] = [Term(rt={"value": text}) for text in lookup.title_terms] or [MatchAll()]
    place = [Term(art={"value": lookup.path})] if lookup.path else []
    filters = [*place, *_filters(lookup.restriction)]
    return _by_authority(Bool(must=scored, filter=filters, must_not=_refused(lookup.restriction)))


def status_query(plan: Plan) -> Query:
    """The gate as a filter, at whatever date."""
    restriction = dataclasses.replace(plan.restriction, statuses=frozenset(STATUSES))
    return counts_query(dataclasses.replace(plan, restriction=restriction))


def status_filters(on: int) -> dict[str, Query]:
    """What each status is at a day (yyyymmdd)."""
    return {
        HELD: Range(valid_from={"lte": on}) & Range(valid_to={"gte": on}),
        FUTURE: Range(valid_from={"gt": on}),
        PAST: Range(valid_to={"lt": on}),
    }


def suggest_query(key: str, restriction: Restriction) -> Query:
    """The rows that have a suggestion key."""
    filters = [Term(sug={"value": key}), *_filters(restriction)]
    return _by_authority(Bool(must=[MatchAll()], filter=filters, must_not=_refused(restriction)))


def _by_authority(query: Query) -> Query:
    return FunctionScore(query=query, field_value_factor={"field": "authority", "missing": 1.0}, boost_mode="multiply")


def _gate(plan: Plan) -> Query:
    return Bool(should=[Term(t={"value": text}) for text in plan.gate], minimum_should_match=plan.gate_needed)


def _phrases(plan: Plan) -> list[Query]:
    return [MatchPhrase(p={"query": " ".join(phrase)}) for phrase in plan.phrases]


def _filters(restriction: Restriction) -> list[Query]:
    filters: list[Query] = [
        Terms(acl=sorted(restriction.tokens)),
        *_held(restriction),
    ]
    if restriction.types:
        filters.append(Terms(type=sorted(restriction.types)))
    filters.extend(Terms(**{f"facet.{key}": sorted(values)}) for key, values in restriction.facets)  # type: ignore[arg-type]
    if restriction.groups:
        filters.append(Terms(group=sorted(restriction.groups)))
    return filters


def restriction_query(restriction: Restriction) -> Query:
    """What a restriction lets be seen, unscored."""
    return Bool(filter=_filters(restriction), must_not=[*_refused(restriction)])


def rows_query(keys: Sequence[str], plan: Plan) -> Query:
    """Those of some rows that pass all of a plan but its words; with its gate, if the plan is gated."""
    filters = [Terms(key=sorted(keys)), *_filters(plan.restriction), *_phrases(plan)]
    if plan.gated:
        filters.append(_gate(plan))
    return Bool(filter=filters, must_not=[*_refused(plan.restriction), *_excluded(plan)])


def _excluded(plan: Plan) -> list[Query]:
    elsewhere = [Terms(key=sorted(plan.excluded_keys))] if plan.excluded_keys else []
    return [*elsewhere, *(MatchPhrase(p={"query": " ".join(words)}) for words in plan.excluded)]


def _held(restriction: Restriction) -> list[Query]:
    filters: list[Query] = [Range(secrecy={"lte": restriction.clearance})]
    if restriction.statuses == {HELD}:
        filters += [Range(valid_from={"lte": restriction.on}), Range(valid_to={"gte": restriction.on})]
    elif restriction.statuses != set(STATUSES):
        meant = status_filters(restriction.on)
        filters.append(Bool(should=[meant[status] for status in sorted(restriction.statuses)], minimum_should_match=1))
    return filters


def _refused(restriction: Restriction) -> Sequence[Query]:
    kinds = restriction.whole_kinds_off
    types = [Bool(filter=[Terms(kind=[kind]), Terms(type=of_kind)]) for kind, of_kind in restriction.types_off.items()]
    return [*([Terms(kind=kinds)] if kinds else []), *types]
