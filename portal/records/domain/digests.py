"""What a seal covers: the one text of a value, its salted digest, and the hash that links a seal to the one before."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from portal.records.models import Seal


class UnsealableContent(ValueError):
    """The content holds what cannot be sealed: a float, an own type, a name that begins with `$`, an over-long key."""


def seal_hash(row: Seal) -> str:
    """SHA-256 (hex) over the seal's columns, one a line."""
    lines = (
        row.previous_hash,
        row.chain,
        str(row.number),
        row.kind,
        row.uid,
        str(row.version),
        row.happened_on.isoformat(),
        row.due_on.isoformat() if row.due_on else "",
        instant_text(row.entered_at),
        row.entered_on.isoformat(),
        row.entered_by,
        row.content_digest,
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def plain_content(content: Mapping[str, Any]) -> dict[str, Any]:
    """Content as it is sealed and read back: dates, Decimals and UUIDs as text. Raises UnsealableContent."""
    return dict(json.loads(canonical(dict(content))))


def instant_text(moment: dt.datetime) -> str:
    """An instant as it is sealed: UTC, always with microseconds, `+00:00`."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def field_digest(salt: str, name: str, value: Any) -> str:
    """SHA-256 (hex) over one value with its salt and name."""
    return hashlib.sha256(f"{salt}\n{name}\n{canonical(value)}".encode()).hexdigest()


def digest_of(digests: Mapping[str, str]) -> str:
    """SHA-256 (hex) over the digests of all fields, sorted by name."""
    lines = [f"{name}={digests[name]}" for name in sorted(digests)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def canonical(value: Any) -> str:
    """Plain data as the one JSON text that is sealed. Raises UnsealableContent."""
    _refuse_odd(value)
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    except TypeError as error:
        raise UnsealableContent(str(error)) from None


def _refuse_odd(value: Any) -> None:
    """A float may come back from a database with other digits, a NUL or half a surrogate pair not at all."""
    if isinstance(value, float):
        raise UnsealableContent(f"{value!r}: Decimal")
    if isinstance(value, str) and ("\0" in value or not _is_utf8(value)):
        raise UnsealableContent(f"{value!r}")
    if isinstance(value, Mapping):
        for name, part in value.items():
            if not isinstance(name, str):
                raise UnsealableContent(f"{name!r}")
            _refuse_odd(name)
            _refuse_odd(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_odd(part)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return instant_text(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sealed")
