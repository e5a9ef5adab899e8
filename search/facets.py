"""Facets: how many matches each type and each value has, each counted without its own restriction."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from django.utils.translation import gettext

from search import registry
from search.contracts import FacetGroup, FacetOption
from search.engines.base import Counts, Engine
from search.query.plan import FUTURE, HELD, PAST, STATUSES, Plan, Restriction

Labels = Callable[[str], str]
TYPE = registry.TYPE
MAX_OPTIONS = 20


def _with(plan: Plan, restriction: Restriction) -> Plan:
    return dataclasses.replace(plan, restriction=restriction)


def count_all(engine: Engine, plan: Plan) -> Counts:
    """The total, and the counts of all facets. A facet that is narrowed down costs one request more."""
    restriction = plan.restriction
    narrowed = [key for key, _ in restriction.facets]
    open_keys = [key for key in registry.facet_labels() if key not in narrowed]
    counts = engine.counts(plan, open_keys, types=not restriction.types)
    types, facets = dict(counts.types), dict(counts.facets)
    if restriction.types:
        types = dict(engine.counts(_with(plan, restriction.without_types()), []).types)
    for key in narrowed:
        facets[key] = engine.counts(_with(plan, restriction.without_facet(key)), [key], types=False).facets[key]
    return Counts(counts.total, types, facets, engine.statuses(plan))


def facet_groups(counts: Counts, restriction: Restriction) -> tuple[FacetGroup, ...]:
    """Facets for display: type first, then the declared keys that have values; a chosen value is always shown."""
    groups = [FacetGroup(TYPE, gettext("类型"), _options(counts.types, restriction.types, registry.type_label))]
    chosen = dict(restriction.facets)
    for key, label in registry.facet_labels().items():
        groups.append(FacetGroup(key, label, _options(counts.facets.get(key, {}), chosen.get(key, frozenset()), str)))
    if restriction.statuses != {HELD} or counts.statuses.get(FUTURE) or counts.statuses.get(PAST):
        options = _options(
            {s: counts.statuses.get(s, 0) for s in STATUSES}, restriction.statuses, registry.status_label
        )
        groups.append(FacetGroup(registry.STATUS, gettext("时效"), options))
    return tuple(group for group in groups if group.options)


def _options(counts: Mapping[str, int], chosen: frozenset[str], label_of: Labels) -> tuple[FacetOption, ...]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MAX_OPTIONS]
    ordered += [(value, counts.get(value, 0)) for value in sorted(chosen) if value not in dict(ordered)]
    return tuple(FacetOption(value, label_of(value), count, value in chosen) for value, count in ordered)
