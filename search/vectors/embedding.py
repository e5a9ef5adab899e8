"""Turning what is indexed into vectors, by a job, group by group: what words find never waits for it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import itertools
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Min, QuerySet
from django.utils.translation import gettext as _

from portal.ground.clock import now
from portal.ground.health import Reading, register_check
from portal.ground.jobs import JobContext, RetryLater, enqueue, job_kind, periodic
from search import registry
from search.contracts import SearchDocument, SearchUnavailable
from search.indexing.reading import digest_of
from search.models import IndexState
from search.vectors.folder import FolderVectors
from search.vectors.service import EmbeddingFailed, EmbeddingService, Vector, current_service, embed
from search.vectors.store import VectorRow, VectorStore
from search.vectors.stores import current_store
from search.vectors.waiting import JOB

log = logging.getLogger(__name__)

EVERY_SECONDS = 60
LATE_AFTER = dt.timedelta(minutes=15)
MOST_CHARACTERS = 1_000
"""Of a text that are sent, its title and headings included: models read some hundred words."""
GROUPS_AT_ONCE = 20
JOB_SECONDS = 240.0
"""After so long a job ends and asks for another: an urgent one may come between."""


class MadeByAnother(Exception):
    """The vectors that are there were made by another model or in another length than the settings say."""


@dataclasses.dataclass
class EmbeddingReport:
    """Groups looked at, texts sent to the service, texts whose vector was there already, and whether groups are left."""

    groups: int = 0
    sent: int = 0
    reused: int = 0
    is_done: bool = True


def text_of(document: SearchDocument) -> str:
    """What is sent of a document: its title and headings, then its text as far as there is room."""
    parts = (document.title, document.context, document.label, document.summary, document.body)
    return "\n".join(part for part in parts if part)[:MOST_CHARACTERS]


def begin_anew() -> None:
    """Drop all vectors; the next runs make them again. Whoever writes some now is waited for, and what is written later is
    written anew. Raises SearchUnavailable."""
    service = current_service()
    if service is not None:
        with transaction.atomic():
            IndexState.objects.update(embedded_digest="")  # every row, so that each is locked
            current_store(service.maker).begin()


def embed_what_is_behind(
    *, seconds: float | None = None, say: Callable[[EmbeddingReport], None] = lambda report: None
) -> EmbeddingReport:
    """Make vectors of all groups that were indexed since theirs were made, until nothing or no time is left. A text whose vector
    is there already is not sent again: a change of who may see it costs no request. Raises MadeByAnother, EmbeddingFailed,
    SearchUnavailable; what was made until then stays."""
    report = EmbeddingReport()
    service = current_service()
    if service is None:
        return report
    store = current_store(service.maker)
    made = store.maker()
    if made is None:
        begin_anew()
    elif made != service.maker:
        raise MadeByAnother(
            f"the vectors were made by {made}, the settings say {service.maker}: search by meaning is off until they"
            " are made again (manage.py search_rebuild --vectors)"
        )
    started = time.monotonic()
    for kind, groups in _behind():
        if seconds is not None and time.monotonic() - started > seconds:
            report.is_done = False
            break
        _embed_groups(service, store, kind, groups, report)
        say(report)
    return report


def behind_count() -> int:
    """How many groups have no vectors of what they are now."""
    return _states_behind().count()


def reading() -> Reading:
    """For the operator's page: whether the vectors are of the model that is set, and whether they keep up. One query and a look
    into the folder; Elasticsearch is not asked."""
    service = current_service()
    if service is None:
        return Reading("good", _("未启用"))
    store = current_store(service.maker)
    if isinstance(store, FolderVectors) and store.maker() not in (None, service.maker):
        return Reading("bad", _("向量出自另一个模型，只按词检索"), _("请运行 manage.py search_rebuild --vectors。"))
    behind = _states_behind().aggregate(many=Count("pk"), oldest=Min("changed_at"))
    value = _("待处理 %(count)s 份") % {"count": behind["many"]} if behind["many"] else _("没有积压")
    if behind["many"] and now() - behind["oldest"] > LATE_AFTER:
        return Reading("warning", value, _("请看向量服务和后台进程是否在运行；在此之前只按词检索。"))
    return Reading("good", value)


def _states_behind() -> QuerySet[IndexState]:
    return IndexState.objects.exclude(digest="").exclude(embedded_digest=F("digest"))


def _behind() -> Iterator[tuple[str, list[str]]]:
    rows = list(_states_behind().order_by("kind", "pk").values_list("kind", "group"))
    for kind, pairs in itertools.groupby(rows, key=lambda pair: pair[0]):
        listed = [group for _, group in pairs]
        for start in range(0, len(listed), GROUPS_AT_ONCE):
            yield kind, listed[start : start + GROUPS_AT_ONCE]


def _embed_groups(
    service: EmbeddingService, store: VectorStore, kind: str, groups: Sequence[str], report: EmbeddingReport
) -> None:
    documents: dict[str, list[SearchDocument]] = {group: [] for group in groups}
    source = registry.source_of(kind)
    for document in source.documents(list(groups)) if source is not None else ():
        documents.setdefault(document.group, []).append(document)
    rows, sent, reused = vectors_of(service, store, {f"{kind}:{group}": documents[group] for group in groups})
    with transaction.atomic():
        IndexState.objects.filter(kind=kind, group__in=groups).update(embedded_digest="")  # locks: see `begin_anew`
        store.replace(rows)
        for group in groups:
            digest = digest_of(documents[group]) if source is not None else F("digest")
            IndexState.objects.filter(kind=kind, group=group).update(embedded_digest=digest)
    report.groups, report.sent, report.reused = report.groups + len(groups), report.sent + sent, report.reused + reused


def vectors_of(
    service: EmbeddingService, store: VectorStore, groups: Mapping[str, Sequence[SearchDocument]]
) -> tuple[dict[str, list[VectorRow]], int, int]:
    """The rows of these groups with their vectors, how many texts were sent to the service for them, and how many vectors the
    store had already. Raises EmbeddingFailed, SearchUnavailable."""
    texts: dict[str, str] = {}
    named: dict[str, list[tuple[SearchDocument, str]]] = {}
    for group, documents in groups.items():
        named[group] = []
        for document in documents:
            text = text_of(document)
            if document.secrecy <= service.most_secrecy and document.tokens and text.strip():
                digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
                texts[digest] = text
                named[group].append((document, digest))
    vectors: dict[str, Vector] = store.known(texts)
    reused = len(vectors)
    wanted = [digest for digest in texts if digest not in vectors]
    for digest, vector in zip(wanted, embed(service, [texts[digest] for digest in wanted]), strict=True):
        if vector is not None:
            vectors[digest] = vector
    rows = {
        group: [_row(document, digest, vectors[digest]) for document, digest in listed if digest in vectors]
        for group, listed in named.items()
    }
    return rows, len(wanted), reused


def _row(document: SearchDocument, digest: str, vector: Vector) -> VectorRow:
    return VectorRow(
        key=document.key,
        kind=document.kind,
        type=document.type,
        tokens=tuple(sorted(document.tokens)),
        secrecy=document.secrecy,
        valid_from=document.valid_from,
        valid_to=document.valid_to,
        facets={key: held for key, held in document.facets.items() if held},
        digest=digest,
        vector=vector,
    )


def declare_jobs() -> None:
    """Where a service is set, have what is behind looked for every minute, and the operator's page ask how it is. The job
    itself is declared by importing this module."""
    if settings.SEARCH_EMBEDDING:
        periodic(JOB, every_seconds=EVERY_SECONDS)
        register_check("search.vectors", lambda: _("语义检索"), reading, order=45)


@job_kind(JOB, lease_seconds=120, heavy=True)
def _embed_job(context: JobContext) -> None:
    try:
        report = embed_what_is_behind(seconds=JOB_SECONDS, say=lambda report: context.check())
    except MadeByAnother as error:
        log.error("%s", error)
        return
    except (EmbeddingFailed, SearchUnavailable) as error:
        raise RetryLater(str(error), seconds=60) from error
    if not report.is_done:
        enqueue(JOB, key=JOB)
