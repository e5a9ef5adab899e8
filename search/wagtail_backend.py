"""Search backend for the boxes of Wagtail's administration, which find nothing inside a run of Chinese otherwise.

Upstream's database backend is kept; what goes in and what is asked are our tokens (pairs and single characters) instead of
plain text. Set `MODELSEARCH_BACKENDS = {"default": {"BACKEND": "search.wagtail_backend"}}`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from django.db import connection
from modelsearch.backends.base import EmptySearchResults
from modelsearch.backends.database import SearchBackend as database_backend_for
from modelsearch.index import RelatedFields
from modelsearch.query import And, Boost, Fuzzy, MatchAll, Not, Or, Phrase, PlainText, SearchQuery

from search.analysis import grams
from search.analysis.normalize import fold

MAX_TOKENS = 20_000
"""Different tokens of one field: PostgreSQL refuses a text vector above 1 MB, and then the page could not be saved."""
MAX_QUERY_TOKENS = 64


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return " ".join(_as_text(item) for item in value.values())
    if isinstance(value, list | tuple):
        return " ".join(_as_text(item) for item in value)
    return "" if value is None else str(value)


def tokens_of(value: Any) -> str:
    """The tokens of a field's value, each once, separated by blanks."""
    return " ".join(list(dict.fromkeys(grams.index_tokens(_as_text(value))))[:MAX_TOKENS])


def query_tokens(text: str) -> str:
    """What must match for a typed text: pairs of each Han run (the character itself if it is alone) and whole words."""
    tokens: list[str] = []
    for run, is_han in grams.runs(fold(text)):
        tokens.extend((grams.pairs(run) or [run]) if is_han else [run])
    return " ".join(list(dict.fromkeys(tokens))[:MAX_QUERY_TOKENS])


class _Tokenised:
    """An object whose search fields give tokens."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.pk = real.pk

    def get_search_fields(self) -> list[Any]:
        return [self._wrapped(field) for field in self.real.get_search_fields()]

    def _wrapped(self, field: Any) -> Any:
        clone = copy.copy(field)
        if isinstance(field, RelatedFields):
            clone.fields = [_tokenising(inner) for inner in field.fields]
            clone.get_value = lambda _, field=field: field.get_value(self.real)
        else:
            clone.get_value = lambda _, field=field: tokens_of(field.get_value(self.real))
        return clone


def _tokenising(field: Any) -> Any:
    clone = copy.copy(field)
    if isinstance(field, RelatedFields):
        clone.fields = [_tokenising(inner) for inner in field.fields]
    else:
        clone.get_value = lambda real: tokens_of(field.get_value(real))
    return clone


def _asked(query: SearchQuery) -> SearchQuery | None:
    """The same query in tokens; None when nothing is left of it."""
    if isinstance(query, MatchAll):
        return query
    if isinstance(query, PlainText | Phrase | Fuzzy):
        tokens = query_tokens(query.query_string)
        operator = query.operator if isinstance(query, PlainText) else "and"
        return PlainText(tokens, operator=operator) if tokens else None
    if isinstance(query, Not):
        inner = _asked(query.subquery)
        return Not(inner) if inner is not None else MatchAll()
    if isinstance(query, Boost):
        return _asked(query.subquery)
    if isinstance(query, And | Or):
        parts = [part for part in map(_asked, query.subqueries) if part is not None]
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else type(query)(parts)
    return query


class _TokenisingIndex:
    """Mixed into upstream's index class."""

    def add_items(self, model: Any, objs: Iterable[Any]) -> None:
        super().add_items(model, [_Tokenised(obj) for obj in objs])  # type: ignore[misc]


class _TokenisingBackend:
    """Mixed into upstream's backend class."""

    def _search(self, compiler: Any, query: Any, model_or_queryset: Any, **kwargs: Any) -> Any:
        operator = kwargs.pop("operator", None) or "and"
        kwargs.pop("fields", None)  # upstream would search those columns as plain text, or not at all (SQLite)
        if isinstance(query, str):
            query = PlainText(query, operator=operator)
        asked = MatchAll() if query is None else _asked(query)
        if asked is None:
            return EmptySearchResults()
        return super()._search(compiler, asked, model_or_queryset, **kwargs)  # type: ignore[misc]


def SearchBackend(params: dict[str, Any]) -> Any:
    """The backend for the default database: upstream's, with our tokens."""
    if connection.vendor == "postgresql":
        params = {"SEARCH_CONFIG": "simple", **params}
    upstream = database_backend_for(params)
    index = type("TokenisingIndex", (_TokenisingIndex, type(upstream).index_class), {})
    backend = type("TokenisingBackend", (_TokenisingBackend, type(upstream)), {"index_class": index})
    return backend(params)
