"""Files that are kept for a while and are nobody else's to read: encrypted with the field keys, whatever the storage is."""

from __future__ import annotations

import contextlib
import uuid

from cryptography.fernet import InvalidToken
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from portal.shared.fields import UndecipherableValue, cipher

FOLDER = "members"


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
