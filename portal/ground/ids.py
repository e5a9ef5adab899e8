"""Identifiers: UUIDv7 for rows that are addressed, exchanged or sent; short codes for addresses people see."""

import os
import secrets
import time
import uuid

from django.db import models

_SHORT_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # no 0/o, 1/i/l, u: read aloud without doubt
SHORT_CODE_LENGTH = 8


def new_uid() -> uuid.UUID:
    """Make a UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then random bits. Sorts by time of making."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


def new_short_code() -> str:
    """Make a random code of eight characters for a public address (30^8 values, so not to be guessed by counting)."""
    return "".join(secrets.choice(_SHORT_ALPHABET) for _ in range(SHORT_CODE_LENGTH))


class UidField(models.UUIDField):
    """The `uid` column: unique, made once, never edited."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("default", new_uid)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
