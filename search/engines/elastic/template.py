"""Mapping and settings of an index, and how a row becomes a document of it.

Tokens are made by us and split at blanks, so no analysis plugin is needed and both engines index the same terms.
"""

from __future__ import annotations

import functools
import hashlib
import json
from typing import Any

from search.analysis.pinyin import suggest_keys
from search.engines.rows import IndexRow, Row, SectionRow

REVISION = 4
"""Raise it when tokens or the meaning of a field change: a new index is then built beside the old one."""

_KEYWORD = {"type": "keyword"}
_TERMS_ONLY = {"type": "keyword", "doc_values": False}
_NUMBER = {"type": "integer"}


def mappings() -> dict[str, Any]:
    """A strict mapping: a field that is not listed here is refused."""
    return {
        "dynamic": "strict",
        "_source": {"excludes": ["t", "p", "rt", "sug", "st"]},
        "dynamic_templates": [
            {"facets": {"path_match": "facet.*", "mapping": {"type": "keyword", "ignore_above": 256}}}
        ],
        "properties": {
            "key": _TERMS_ONLY,
            "group": _TERMS_ONLY,
            "kind": _TERMS_ONLY,
            "type": _KEYWORD,
            "acl": _TERMS_ONLY,
            "art": _TERMS_ONLY,
            "sug": _TERMS_ONLY,
            "section": _TERMS_ONLY,
            "sacl": _TERMS_ONLY,
            "st": {"type": "text", "analyzer": "whitespace", "index_options": "freqs"},
            "t": {"type": "text", "analyzer": "whitespace", "index_options": "freqs"},
            "rt": {"type": "text", "analyzer": "whitespace", "index_options": "freqs"},
            "p": {"type": "text", "analyzer": "whitespace", "index_options": "positions", "norms": False},
            "secrecy": _NUMBER,
            "valid_from": _NUMBER,
            "valid_to": _NUMBER,
            "tie": {"type": "long", "index": False},
            "published": _NUMBER,
            "seq": {"type": "long", "index": False, "doc_values": False},
            "authority": {"type": "float", "index": False},
            "facet": {"type": "object", "dynamic": True},
            "data": {"type": "object", "enabled": False},
        },
    }


def index_settings(*, building: bool) -> dict[str, Any]:
    """One shard, so that term statistics are those of the whole; copies as soon as there is a second node. Deletions are
    remembered for an hour, so that a late write with an older number cannot bring a row back."""
    return {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "-1" if building else None,
        "gc_deletes": "1h",
    }


@functools.cache
def fingerprint() -> str:
    """A short name for the mapping: part of every index and alias name."""
    described = json.dumps([REVISION, mappings()], sort_keys=True)
    return hashlib.sha256(described.encode()).hexdigest()[:12]


def to_source(row: Row) -> dict[str, Any]:
    """A row as Elasticsearch takes it. A section has no `acl`, so no search for rows can meet it."""
    return _section(row) if isinstance(row, SectionRow) else _row(row)


def _section(row: SectionRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "group": row.group_key,
        "kind": row.kind,
        "sacl": list(row.tokens),
        "st": row.text,
        "secrecy": row.secrecy,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "tie": row.number,
        "seq": row.seq,
    }


def _row(row: IndexRow) -> dict[str, Any]:
    source: dict[str, Any] = {
        "key": row.key,
        "group": row.group_key,
        "kind": row.kind,
        "type": row.type,
        "acl": list(row.tokens),
        "t": row.text,
        "p": row.positions,
        "secrecy": row.secrecy,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "tie": row.tie,
        "seq": row.seq,
        "section": row.section,
        "published": row.published,
        "authority": row.authority,
        "data": row.data,
    }
    if row.reference_path:
        source |= {"art": row.reference_path, "rt": row.reference_title}
    if row.suggest:
        source["sug"] = suggest_keys(row.suggest)
    if row.facets:
        source["facet"] = dict(row.facets)
    return source
