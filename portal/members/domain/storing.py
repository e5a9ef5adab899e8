"""Files with personal data, kept for a while: encrypted with the field keys, whatever the storage is."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import uuid

from cryptography.fernet import InvalidToken
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.functions import Coalesce

from portal.ground.clock import now
from portal.members.models import ImportRun, PreparedFile
from portal.shared.fields import UndecipherableValue, cipher

log = logging.getLogger(__name__)

FOLDER = "members"
KEPT = dt.timedelta(hours=24)
KEPT_STATES = (PreparedFile.State.GONE, PreparedFile.State.ASKED)
KEPT_UPLOADS = dt.timedelta(days=7)


class StoredFileGone(Exception):
    """The file was cleared away or its storage lost it."""


def store(content: bytes) -> str:
    """Keep bytes encrypted; the path to read them by."""
    return str(default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}.bin", ContentFile(cipher().encrypt(content))))


def stored(path: str) -> bytes:
    """The bytes at a path. Raises StoredFileGone, UndecipherableValue."""
    if not path:
        raise StoredFileGone
    try:
        with default_storage.open(path, "rb") as file:
            content = file.read()
    except (OSError, FileNotFoundError):
        raise StoredFileGone from None
    try:
        return cipher().decrypt(content)
    except InvalidToken:
        raise UndecipherableValue(path) from None


def remove(path: str) -> None:
    """Remove a file; one that is gone already is fine."""
    if path:
        with contextlib.suppress(FileNotFoundError):
            default_storage.delete(path)


def clear_away() -> int:
    """Remove prepared files after a day and uploads that nobody went on with after a week; how many."""
    cleared = 0
    old = now() - KEPT
    since = Coalesce("ready_at", "decided_at", "made_at")
    over = PreparedFile.objects.alias(since=since).filter(since__lt=old).exclude(state__in=KEPT_STATES)
    for row in over[:500]:
        remove(row.path)
        PreparedFile.objects.filter(pk=row.pk).update(state=PreparedFile.State.GONE, path="")
        cleared += 1
    left = ImportRun.objects.filter(made_at__lt=now() - KEPT_UPLOADS).exclude(path="")
    for run in left.exclude(state=ImportRun.State.APPLYING)[:500]:
        remove(run.path)
        run.rows.all().delete()
        state = run.state if run.state == ImportRun.State.DONE else ImportRun.State.DROPPED
        ImportRun.objects.filter(pk=run.pk).update(path="", state=state, samples=[])
        cleared += 1
    return cleared
