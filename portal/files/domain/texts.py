"""The words inside documents: read by a job in a process of its own, given to search with the rights of the document."""

from __future__ import annotations

import collections
import hashlib
import json
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from wagtail.models import CollectionViewRestriction

from media_pipeline.runner import Bounds, RunStopped, run
from portal.files.models import DocumentText, PortalDocument
from portal.files.models.document import DOCUMENT_KIND
from portal.files.models.text import queue_reading, wait_for_text
from portal.ground.content import content_changed
from portal.organisations.models import AudienceToken
from search.contracts import SearchDocument

MOST_CHARACTERS = 200_000
MOST_BYTES = 50 * 1024 * 1024
MOST_TRIES = 5
READ_SUFFIXES = frozenset({".docx", ".pptx", ".xlsx", ".pdf", ".txt", ".md", ".markdown", ".csv", ".tsv"})
OLD_SUFFIXES = frozenset({".doc", ".ppt", ".xls"})
BOUNDS = Bounds(wall_seconds=90, cpu_seconds=45, memory_bytes=1024**3, file_bytes=8 * 1024**2, nice=10)
_AT_ONCE = 200
_CHUNK = 50
_CHILD = str(Path(__file__).resolve().parents[1] / "reading" / "child.py")

State, Reason = DocumentText.State, DocumentText.Reason
Result = dict[str, str]


# --- reading --------------------------------------------------------------------------------------------------------------
def read_text(uid: str, tick: Callable[[], None] | None = None) -> None:
    """Read the words of the document with this `uid` and tell search. Nothing to do for one that is gone or was read.

    `tick` is called about every second; what it raises ends the reading. Writes state, reason and text; sends content.changed.
    Raises OSError when the storage is away: to be tried again, at most MOST_TRIES times in all.
    """
    row = DocumentText.objects.select_related("document").filter(document__uid=uid, state=State.WAITING).first()
    if row is None:
        return
    if row.tries >= MOST_TRIES:
        _settle(row, _failed(Reason.HEAVY))
        return
    DocumentText.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
    _settle(row, _result(row, tick))


def _failed(reason: str) -> Result:
    return {"state": State.FAILED, "reason": reason, "text": ""}


def _result(row: DocumentText, tick: Callable[[], None] | None) -> Result:
    file = row.document.file
    suffix = PurePath(file.name).suffix.lower()
    if suffix in OLD_SUFFIXES:
        return _failed(Reason.ENCRYPTED)
    if suffix not in READ_SUFFIXES:
        return {"state": State.EMPTY, "reason": Reason.KIND, "text": ""}
    with tempfile.TemporaryDirectory(prefix="linghang-text-") as name:
        folder = Path(name)
        try:
            if file.size > MOST_BYTES:
                return _failed(Reason.LARGE)
            row.digest = _copy(file, folder / "file")
        except FileNotFoundError:
            return _failed(Reason.MISSING)
        twin = DocumentText.objects.filter(digest=row.digest, state=State.READY).first()
        if twin is not None and PurePath(twin.document.file.name).suffix.lower() == suffix:
            return {"state": twin.state, "reason": twin.reason, "text": twin.text}
        return _read_apart(folder, suffix, tick)


def _copy(file: Any, target: Path) -> str:
    """Copy a stored file; returns its SHA-256."""
    digest = hashlib.sha256()
    with file.storage.open(file.name) as source, target.open("wb") as copy:
        while piece := source.read(1024 * 1024):
            digest.update(piece)
            copy.write(piece)
    return digest.hexdigest()


def _read_apart(folder: Path, suffix: str, tick: Callable[[], None] | None) -> Result:
    """Read FOLDER/file in a process with limits of memory, time and written bytes."""
    command = [sys.executable, "-I", _CHILD, str(folder), suffix, str(MOST_CHARACTERS)]
    try:
        finished = run(command, BOUNDS, folder=folder, tick=tick)
    except RunStopped:
        return _failed(Reason.HEAVY)
    if finished.returncode:
        heavy = finished.returncode < 0 or "MemoryError" in finished.errors
        return _failed(Reason.HEAVY if heavy else Reason.BROKEN)
    result: Result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return result


@transaction.atomic
def _settle(row: DocumentText, result: Result) -> None:
    """Write what was found, unless the file was replaced meanwhile."""
    same = DocumentText.objects.filter(pk=row.pk, turn=row.turn, state=State.WAITING)
    if same.update(digest=row.digest, **result):
        content_changed(DOCUMENT_KIND, row.document.uid)


@transaction.atomic
def read_again(document: PortalDocument) -> None:
    """Read the words of a document once more, from the beginning. Queues a job; sends content.changed."""
    wait_for_text(document)
    content_changed(DOCUMENT_KIND, document.uid)


def queue_unread() -> int:
    """Queue documents that were never read (entered before this existed) or whose job was lost; returns how many."""
    unread = PortalDocument.objects.filter(Q(words__isnull=True) | Q(words__state=State.WAITING)).order_by("pk")
    listed = list(unread.select_related("words")[:_AT_ONCE])
    for document in listed:
        if hasattr(document, "words"):
            queue_reading(document.uid)
        else:
            read_again(document)
    return len(listed)


# --- search ---------------------------------------------------------------------------------------------------------------
def _uids(given: Sequence[str]) -> Iterator[uuid.UUID]:
    for one in given:
        try:
            yield uuid.UUID(str(one))
        except ValueError:
            continue


def documents(uids: Sequence[str] | None) -> Iterator[SearchDocument]:
    """Documents with these uids, or all, for search. Those in a folder with a password of Wagtail's are in none."""
    rows = PortalDocument.objects.order_by("pk")
    if uids is not None:
        rows = rows.filter(uid__in=list(_uids(uids)))
    for path in CollectionViewRestriction.objects.values_list("collection__path", flat=True):
        rows = rows.exclude(collection__path__startswith=path)
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), _CHUNK):
        wanted = PortalDocument.objects.filter(pk__in=keys[start : start + _CHUNK]).order_by("pk")
        chunk = list(wanted.select_related("owner_organisation", "words"))
        tokens: dict[int, set[str]] = collections.defaultdict(set)
        held = AudienceToken.objects.filter(audience_id__in={row.audience_id for row in chunk})
        for audience, token in held.values_list("audience_id", "token"):
            tokens[audience].add(token)
        with translation.override(settings.LANGUAGE_CODE):
            made = [_made(row, frozenset(tokens[row.audience_id or 0])) for row in chunk]
        yield from made


def _made(document: PortalDocument, tokens: frozenset[str]) -> SearchDocument:
    words: DocumentText | None = getattr(document, "words", None)
    day = timezone.localdate(document.created_at)
    unit = str(document.owner_organisation) if document.owner_organisation_id else ""
    facets = {"unit": unit, "year": str(day.year)}
    return SearchDocument(
        uid=str(document.uid),
        group=str(document.uid),
        kind=DOCUMENT_KIND,
        type=DOCUMENT_KIND,
        title=document.title,
        body=words.text if words is not None else "",
        url=document.url,
        tokens=tokens,
        secrecy=document.secrecy,
        published=day,
        facets={name: value for name, value in facets.items() if value},
    )
