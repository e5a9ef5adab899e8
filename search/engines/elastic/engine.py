"""The Elasticsearch engine.

Indexes are named `<prefix>-<fingerprint>-<random>`. Two aliases say which are used: the one in use, and those being built,
which take live changes as well. Every write carries the group's number as its version, so repeats and races are harmless.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch, NotFoundError, helpers
from elasticsearch.dsl import Search
from elasticsearch.dsl.query import Exists, Query, Term

from search.contracts import SearchUnavailable
from search.engines.base import Counts, GroupChange, IsCurrent, Ranked
from search.engines.elastic import compiler
from search.engines.elastic.template import fingerprint, index_settings, mappings, to_source
from search.engines.rows import Row
from search.query.plan import STATUSES, Lookup, Plan, Restriction

log = logging.getLogger(__name__)

READ_SECONDS = 5.0
WRITE_SECONDS = 60.0
_BULK_ROWS = 1_000
_SCAN_ROWS = 5_000
_BULK_BYTES = 10 * 1024 * 1024
_MOST_VALUES = 500
_LEFT_BEHIND_SECONDS = 6 * 3600
_HARMLESS = {404, 409}
"""Statuses of single bulk items: nothing to delete; a newer version is there already."""
_MALFORMED = 400


class ElasticEngine:
    """One or several addresses of a cluster (separated by commas) and the prefix of our indexes in it."""

    name = "elasticsearch"

    def __init__(self, url: str, prefix: str, api_key: str = "", ca_file: str = "") -> None:
        """Raises ImproperlyConfigured for an API key that would cross the network unencrypted."""
        self.hosts = [host.strip() for host in url.split(",") if host.strip()]
        self._options: dict[str, Any] = {}
        if api_key:
            if any(urlsplit(host).scheme != "https" and not is_own_machine(host) for host in self.hosts):
                raise ImproperlyConfigured("ELASTICSEARCH_API_KEY needs https:// in ELASTICSEARCH_URL")
            self._options["api_key"] = api_key
        if ca_file and any(urlsplit(host).scheme == "https" for host in self.hosts):
            self._options["ca_certs"] = ca_file
        self.prefix = f"{prefix}-search"
        self.alias = f"{self.prefix}-{fingerprint()}"
        self.building = f"{self.alias}-building"
        self._clients: dict[int, Elasticsearch] = {}

    @property
    def client(self) -> Elasticsearch:
        """The client of this process; a forked child gets one of its own."""
        client = self._clients.get(os.getpid())
        if client is None:
            client = Elasticsearch(
                self.hosts,
                request_timeout=READ_SECONDS,
                max_retries=max(1, len(self.hosts) - 1),
                retry_on_timeout=len(self.hosts) > 1,
                dead_node_backoff_factor=1.0,
                max_dead_node_backoff=30.0,
                **self._options,
            )
            self._clients = {os.getpid(): client}
        return client

    # --- reading ------------------------------------------------------------------------------------------------------

    def is_ready(self) -> bool:
        """Whether an index of the present mapping is in use."""
        with as_unavailable():
            return bool(self.client.indices.exists_alias(name=self.alias))

    def hits(self, plan: Plan, first: int, count: int) -> list[Ranked]:
        """See Engine."""
        if plan.is_empty or count <= 0:
            return []
        return self._ranked(compiler.hits_query(plan), first, count, newest_first=plan.newest_first)

    def lookup(self, lookup: Lookup, limit: int) -> list[Ranked]:
        """See Engine."""
        return self._ranked(compiler.lookup_query(lookup), 0, limit)

    def suggest(self, key: str, restriction: Restriction, limit: int) -> list[Ranked]:
        """See Engine."""
        return self._ranked(compiler.suggest_query(key, restriction), 0, limit)

    def _ranked(self, query: Query, first: int, count: int, *, newest_first: bool = False) -> list[Ranked]:
        order: Any = {"published": {"order": "desc", "missing": 0}} if newest_first else "_score"
        search = (
            Search(using=self.client, index=self.alias)
            .query(query)
            .sort(order, "tie")
            .source(["data"])
            .extra(track_total_hits=False)[first : first + count]
        )
        with as_unavailable():
            answer = search.execute().to_dict()
        return [Ranked(hit["_id"], float(hit["sort"][0]), hit["_source"]["data"]) for hit in answer["hits"]["hits"]]

    def rows(self, keys: Sequence[str], plan: Plan) -> list[Ranked]:
        """See Engine."""
        if not keys or (plan.gated and not plan.gate):
            return []
        return self._ranked(compiler.rows_query(keys, plan), 0, len(keys))

    def sections(self, plan: Plan, limit: int) -> list[tuple[str, float]]:
        """See Engine."""
        if plan.is_empty or limit <= 0:
            return []
        search = (
            Search(using=self.client, index=self.alias)
            .query(compiler.sections_query(plan))
            .sort("_score", "tie")
            .source(False)
            .extra(track_total_hits=False)[:limit]
        )
        with as_unavailable():
            answer = search.execute().to_dict()
        return [(f"{int(hit['sort'][1]):x}", float(hit["sort"][0])) for hit in answer["hits"]["hits"]]

    def frequencies(self, terms: Sequence[str]) -> tuple[int, list[int]]:
        """See Engine."""
        search = Search(using=self.client, index=self.alias).query(Exists(field="type"))
        search = search.extra(size=0, track_total_hits=True)
        for number, term in enumerate(terms):
            search.aggs.bucket(f"t{number}", "filter", Term(t={"value": term}))
        with as_unavailable():
            answer = search.execute().to_dict()
        found = answer.get("aggregations", {})
        return int(answer["hits"]["total"]["value"]), [
            int(found[f"t{number}"]["doc_count"]) for number in range(len(terms))
        ]

    def counts(self, plan: Plan, facet_keys: Sequence[str], *, types: bool = True) -> Counts:
        """See Engine."""
        if not plan.gate:
            return Counts(0, {}, {})
        search = Search(using=self.client, index=self.alias).query(compiler.counts_query(plan))
        search = search.extra(size=0, track_total_hits=True)
        for key in facet_keys:
            search.aggs.bucket(f"facet:{key}", "terms", field=f"facet.{key}", size=_MOST_VALUES)
        if types:
            search.aggs.bucket("type", "terms", field="type", size=_MOST_VALUES)
        with as_unavailable():
            answer = search.execute().to_dict()
        counted = {
            name: {str(bucket["key"]): int(bucket["doc_count"]) for bucket in part["buckets"]}
            for name, part in answer.get("aggregations", {}).items()
        }
        return Counts(
            int(answer["hits"]["total"]["value"]),
            counted.get("type", {}),
            {key: counted.get(f"facet:{key}", {}) for key in facet_keys},
        )

    def statuses(self, plan: Plan) -> Mapping[str, int]:
        """See Engine."""
        if not plan.gate:
            return dict.fromkeys(STATUSES, 0)
        search = Search(using=self.client, index=self.alias).query(compiler.status_query(plan))
        search = search.extra(size=0, track_total_hits=False)
        for status, query in compiler.status_filters(plan.restriction.on).items():
            search.aggs.bucket(status, "filter", query)
        with as_unavailable():
            answer = search.execute().to_dict()
        return {status: int(answer["aggregations"][status]["doc_count"]) for status in STATUSES}

    def inventory(self) -> dict[int, int]:
        """See Engine. Page after page behind the last row of the one before, all of one moment (a PIT)."""
        found: dict[int, int] = {}
        for hit in self.scan({"exists": {"field": "type"}}, docvalue_fields=["tie"], version=True):
            found[int(hit["fields"]["tie"][0])] = int(hit["_version"])
        return found

    def scan(self, query: dict[str, Any], *, source: Any = False, **more: Any) -> Iterator[dict[str, Any]]:
        """Every hit of a query, however many, as the index was when it began."""
        with as_unavailable():
            client = self.client.options(request_timeout=WRITE_SECONDS)
            pit = client.open_point_in_time(index=self.alias, keep_alive="2m")["id"]
            after: list[Any] | None = None
            try:
                while True:
                    answer = client.search(
                        pit={"id": pit, "keep_alive": "2m"},
                        query=query,
                        size=_SCAN_ROWS,
                        sort=["_shard_doc"],
                        search_after=after,
                        track_total_hits=False,
                        source=source,
                        **more,
                    )
                    pit, hits = answer["pit_id"], answer["hits"]["hits"]
                    yield from hits
                    if len(hits) < _SCAN_ROWS:
                        return
                    after = hits[-1]["sort"]
            finally:
                client.close_point_in_time(id=pit)

    def row_count(self) -> int:
        """See Engine."""
        return self._count_with("type")

    def section_count(self) -> int:
        """See Engine."""
        return self._count_with("sacl")

    def _count_with(self, field: str) -> int:
        with as_unavailable():
            return int(self.client.count(index=self.alias, query={"exists": {"field": field}})["count"])

    def size_bytes(self) -> int:
        """See Engine."""
        with as_unavailable():
            stats = self.client.indices.stats(index=self.alias, metric="store")
            return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])

    # --- writing ------------------------------------------------------------------------------------------------------

    def apply(self, changes: Sequence[GroupChange], is_current: IsCurrent) -> dict[str, str]:
        """See Engine."""
        current = [change for change in changes if is_current(change)]
        refused: dict[str, str] = {}
        with as_unavailable():
            targets = self._indexes_with(self.alias, self.building)
            if not self._indexes_with(self.alias):
                raise SearchUnavailable("there is no search index yet")
            if current:
                for target in targets:
                    refused |= self.write(target, operations_of(current, target), refresh=True)
        return _by_group(refused, current)

    def _indexes_with(self, *aliases: str) -> list[str]:
        known = self.client.indices.get_alias(index=f"{self.alias}-*", allow_no_indices=True)
        return [name for name, part in known.items() if any(alias in part["aliases"] for alias in aliases)]

    def write(self, index: str, operations: Iterable[dict[str, Any]], *, refresh: bool) -> dict[str, str]:
        """Send bulk operations; returns the keys of the rows that Elasticsearch calls malformed, with its reason. Raises
        SearchUnavailable when one is refused for another reason than that it is too old or has nothing to delete."""
        refused: dict[str, str] = {}
        client = self.client.options(request_timeout=WRITE_SECONDS)
        for fine, item in helpers.streaming_bulk(
            client,
            operations,
            chunk_size=_BULK_ROWS,
            max_chunk_bytes=_BULK_BYTES,
            raise_on_error=False,
            max_retries=4,
            initial_backoff=0.5,
            max_backoff=8.0,
        ):
            (outcome,) = item.values()
            if fine or outcome["status"] in _HARMLESS:
                continue
            if outcome["status"] != _MALFORMED:
                raise SearchUnavailable(f"Elasticsearch refused a row: {outcome.get('error')}")
            refused[str(outcome["_id"])] = str(outcome.get("error"))[:1000]
        if refresh:
            client.indices.refresh(index=index)
        return refused

    def begin_rebuild(self) -> ElasticBuild:
        """See Engine. Several may run at once; the last to finish is the one in use."""
        with as_unavailable():
            self._drop_left_behind()
            name = f"{self.alias}-{secrets.token_hex(4)}"
            self.client.options(request_timeout=WRITE_SECONDS).indices.create(
                index=name,
                mappings=mappings(),
                settings={"index": index_settings(building=True)},
                aliases={self.building: {}},
            )
        return ElasticBuild(self, name)

    def _drop_left_behind(self) -> None:
        """Drop builds that were never finished: their process died."""
        for name in self._indexes_with(self.building):
            settings = self.client.indices.get_settings(index=name, flat_settings=True)[name]["settings"]
            if time.time() - int(settings["index.creation_date"]) / 1000 > _LEFT_BEHIND_SECONDS:
                self.client.indices.delete(index=name, ignore_unavailable=True)

    def make_current(self, name: str) -> None:
        """Swap the alias in one act, then drop what it pointed to, and indexes of other versions of the code."""
        client = self.client.options(request_timeout=WRITE_SECONDS)
        old = [index for index in self._indexes_with(self.alias) if index != name]
        actions: list[dict[str, Any]] = [{"remove": {"index": index, "alias": self.alias}} for index in old]
        actions += [
            {"add": {"index": name, "alias": self.alias}},
            {"remove": {"index": name, "alias": self.building, "must_exist": False}},
        ]
        client.indices.update_aliases(actions=actions)
        everything = client.indices.get_alias(index=f"{self.prefix}-*", allow_no_indices=True)
        stale = [index for index in everything if not index.startswith(f"{self.alias}-")]
        for index in [*old, *stale]:
            client.indices.delete(index=index, ignore_unavailable=True)

    def drop_all(self) -> None:
        """Delete every index with our prefix. For tests and for leaving a cluster."""
        with as_unavailable():
            for name in list(self.client.indices.get_alias(index=f"{self.prefix}-*", allow_no_indices=True)):
                self.client.indices.delete(index=name, ignore_unavailable=True)


class ElasticBuild:
    """A new index; live changes reach it from the moment it exists."""

    def __init__(self, engine: ElasticEngine, name: str) -> None:
        self.engine = engine
        self.name = name
        self._waiting: list[Row] = []
        self.refused: dict[str, str] = {}

    def add(self, rows: Iterable[Row]) -> int:
        """See Build. Rows are sent in full batches, so small groups do not cost a request each."""
        before = len(self._waiting)
        self._waiting.extend(rows)
        added = len(self._waiting) - before
        if len(self._waiting) >= _BULK_ROWS:
            self._flush()
        return added

    def _flush(self) -> None:
        with as_unavailable():
            refused = self.engine.write(
                self.name, (_put(row, self.name, row.seq) for row in self._waiting), refresh=False
            )
        groups = {row.key: row.group_key for row in self._waiting} if refused else {}
        self.refused |= {groups[key]: reason for key, reason in refused.items()}
        self._waiting = []

    def finish(self, catch_up: Callable[[], Sequence[GroupChange]]) -> None:
        """See Build."""
        self._flush()
        with as_unavailable():
            client = self.engine.client.options(request_timeout=WRITE_SECONDS)
            client.indices.put_settings(index=self.name, settings={"index": {"refresh_interval": None}})
            changes = catch_up()
            self.refused |= _by_group(
                self.engine.write(self.name, operations_of(changes, self.name), refresh=True), changes
            )
            self.engine.make_current(self.name)

    def abandon(self) -> None:
        """See Build."""
        try:
            with as_unavailable():
                self.engine.client.indices.delete(index=self.name, ignore_unavailable=True)
        except SearchUnavailable:
            log.warning("the unfinished index %s is left for the next rebuild to drop", self.name, exc_info=True)


def _by_group(refused: Mapping[str, str], changes: Sequence[GroupChange]) -> dict[str, str]:
    if not refused:
        return {}
    groups = {row.key: change.group_key for change in changes for row in change.rows}
    return {groups[key]: reason for key, reason in refused.items() if key in groups}


def operations_of(changes: Sequence[GroupChange], index: str) -> Iterator[dict[str, Any]]:
    """The bulk operations of whole groups."""
    for change in changes:
        for row in change.rows:
            yield _put(row, index, change.seq)
        for key in sorted(change.gone):
            yield {
                "_op_type": "delete",
                "_index": index,
                "_id": key,
                "version": change.seq,
                "version_type": "external_gte",
            }


def _put(row: Row, index: str, version: int) -> dict[str, Any]:
    return {
        "_op_type": "index",
        "_index": index,
        "_id": row.key,
        "version": version,
        "version_type": "external_gte",
        "_source": to_source(row),
    }


def is_own_machine(host: str) -> bool:
    """Whether an address is one of this very machine."""
    name = urlsplit(host).hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@contextlib.contextmanager
def as_unavailable() -> Iterator[None]:
    """Whatever the client reports means that search cannot answer now; the cause stays attached for the log."""
    try:
        yield
    except NotFoundError as error:
        raise SearchUnavailable("there is no search index yet") from error
    except (ApiError, TransportError) as error:
        raise SearchUnavailable(f"Elasticsearch: {error}") from error
