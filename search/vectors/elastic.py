"""Vectors in an index of Elasticsearch of their own, asked by kNN with the same filters as words."""

from __future__ import annotations

import array
import hashlib
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import helpers

from search.contracts import SearchUnavailable
from search.engines.elastic.compiler import restriction_query
from search.engines.elastic.engine import WRITE_SECONDS, ElasticEngine, as_unavailable
from search.query.plan import Restriction
from search.vectors.service import Maker, Vector
from search.vectors.store import VectorRow

log = logging.getLogger(__name__)

REVISION = 1
_LOOKED_AT = 10
"""So many candidates for each row that is asked for: an approximate search finds more of the nearest with more."""
_MOST_CANDIDATES = 10_000
_AT_ONCE = 500
_MALFORMED, _NOT_THERE = 400, 404
_TERMS = {"type": "keyword", "doc_values": False}
_NUMBER = {"type": "integer"}


class ElasticVectors:
    """The vectors of one installation in its cluster, made by `of`: the name of the index says by what."""

    def __init__(self, engine: ElasticEngine, prefix: str, of: Maker) -> None:
        self.engine = engine
        self.of = of
        self.prefix = f"{prefix}-vectors"
        made = hashlib.sha256(f"{REVISION}|{of.model}|{of.dimensions}".encode()).hexdigest()
        self.index = f"{self.prefix}-{made[:12]}"

    def maker(self) -> Maker | None:
        """See VectorStore."""
        with as_unavailable():
            found = self.engine.client.indices.get_mapping(index=f"{self.prefix}-*", allow_no_indices=True)
        if self.index in found:
            return self.of
        for part in found.values():
            meta = part["mappings"].get("_meta", {})
            return Maker(str(meta.get("model", "")), int(meta.get("dimensions", 0)))
        return None

    def begin(self) -> None:
        """See VectorStore."""
        self.drop_all()
        with as_unavailable():
            self.engine.client.options(request_timeout=WRITE_SECONDS).indices.create(
                index=self.index,
                mappings=_mappings(self.of),
                settings={"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
            )

    def drop_all(self) -> None:
        """Delete all vectors, whoever made them."""
        with as_unavailable():
            client = self.engine.client.options(request_timeout=WRITE_SECONDS)
            for name in list(client.indices.get_mapping(index=f"{self.prefix}-*", allow_no_indices=True)):
                client.indices.delete(index=name, ignore_unavailable=True)

    def known(self, digests: Collection[str]) -> dict[str, Vector]:
        """See VectorStore."""
        listed, found = sorted(digests), {}
        with as_unavailable():
            for start in range(0, len(listed), _AT_ONCE):
                some = listed[start : start + _AT_ONCE]
                answer = self.engine.client.options(request_timeout=WRITE_SECONDS).search(
                    index=self.index,
                    query={"terms": {"digest": some}},
                    collapse={"field": "digest"},
                    size=len(some),
                    source_includes=["digest", "vector"],
                )
                for hit in answer["hits"]["hits"]:
                    found[hit["_source"]["digest"]] = array.array("f", hit["_source"]["vector"])
        return found

    def replace(self, groups: Mapping[str, Sequence[VectorRow]]) -> None:
        """See VectorStore."""
        with as_unavailable():
            client = self.engine.client.options(request_timeout=WRITE_SECONDS)
            client.indices.refresh(index=self.index)
            kept = {row.key for rows in groups.values() for row in rows}
            gone = [key for key in self._keys_of(list(groups)) if key not in kept]
            operations = _operations(self.index, groups, gone)
            _, wrong = helpers.bulk(client, operations, raise_on_error=False, refresh=True)
        for item in wrong if isinstance(wrong, list) else []:
            (outcome,) = item.values()
            if outcome["status"] == _MALFORMED:
                log.error("Elasticsearch refuses the vector of %s: %s", outcome["_id"], outcome.get("error"))
            elif outcome["status"] != _NOT_THERE:
                raise SearchUnavailable(f"Elasticsearch refused a vector: {outcome.get('error')}")

    def _keys_of(self, groups: list[str]) -> Iterator[str]:
        client = self.engine.client.options(request_timeout=WRITE_SECONDS)
        after: list[Any] | None = None
        while True:
            answer = client.search(
                index=self.index,
                query={"terms": {"group": groups}},
                size=5_000,
                sort=[{"key": "asc"}],
                search_after=after,
                source=False,
                track_total_hits=False,
            )
            hits = answer["hits"]["hits"]
            yield from (str(hit["_id"]) for hit in hits)
            if not hits:
                return
            after = hits[-1]["sort"]

    def nearest(self, vector: Vector, restriction: Restriction, limit: int) -> list[tuple[str, float]]:
        """See VectorStore. The filter works inside the search, so that there are always as many as may be seen."""
        if limit <= 0 or not restriction.tokens:
            return []
        with as_unavailable():
            answer = self.engine.client.search(
                index=self.index,
                knn={
                    "field": "vector",
                    "query_vector": list(vector),
                    "k": limit,
                    "num_candidates": min(limit * _LOOKED_AT, _MOST_CANDIDATES),
                    "filter": restriction_query(restriction).to_dict(),
                },
                size=limit,
                source=False,
                track_total_hits=False,
            )
        found = [(str(hit["_id"]), 2.0 * float(hit["_score"]) - 1.0) for hit in answer["hits"]["hits"]]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def count(self) -> int:
        """See VectorStore."""
        with as_unavailable():
            return int(self.engine.client.count(index=self.index)["count"])


def _mappings(maker: Maker) -> dict[str, Any]:
    """Names are those of the index of words, because its filters are used here too."""
    return {
        "dynamic": "strict",
        "_meta": {"model": maker.model, "dimensions": maker.dimensions},
        "dynamic_templates": [
            {"facets": {"path_match": "facet.*", "mapping": {"type": "keyword", "ignore_above": 256}}}
        ],
        "properties": {
            "key": {"type": "keyword"},
            "group": _TERMS,
            "kind": _TERMS,
            "type": _TERMS,
            "acl": _TERMS,
            "digest": {"type": "keyword"},
            "secrecy": _NUMBER,
            "valid_from": _NUMBER,
            "valid_to": _NUMBER,
            "facet": {"type": "object", "dynamic": True},
            "vector": {"type": "dense_vector", "dims": maker.dimensions, "index": True, "similarity": "cosine"},
        },
    }


def _operations(index: str, groups: Mapping[str, Sequence[VectorRow]], gone: Sequence[str]) -> Iterator[dict[str, Any]]:
    for key in gone:
        yield {"_op_type": "delete", "_index": index, "_id": key}
    for group, rows in groups.items():
        for row in rows:
            source: dict[str, Any] = {
                "key": row.key,
                "group": group,
                "kind": row.kind,
                "type": row.type,
                "acl": list(row.tokens),
                "digest": row.digest,
                "secrecy": row.secrecy,
                "valid_from": row.valid_from,
                "valid_to": row.valid_to,
                "vector": list(row.vector),
            }
            if row.facets:
                source["facet"] = dict(row.facets)
            yield {"_op_type": "index", "_index": index, "_id": row.key, "_source": source}
