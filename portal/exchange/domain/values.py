"""Reading values from outside: whatever comes is checked, nothing is put right in silence."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
import re
import uuid
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from portal.ground.exchange import Row, UnfitRow

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DEEPEST = 12


def strict_json(text: str | bytes) -> Any:
    """JSON without doubled names, without NaN and the like. Raises ValueError (RecursionError for absurd depths)."""
    return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("doubled name")
    return found


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def canonical(row: Any) -> str:
    """The one JSON text of a row."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def unfit(name: str) -> UnfitRow:
    """A value that cannot be; the row stays out."""
    return UnfitRow(_("“%(field)s”的内容不合规定。") % {"field": name})


def fields_of(row: Any, names: Collection[str]) -> Row:
    """The row, if it has these fields and no other. Raises UnfitRow."""
    if not isinstance(row, dict) or set(row) != set(names):
        raise UnfitRow(_("这一行缺少内容，或有本站不认识的内容。"))
    return row


def text(row: Row, name: str, longest: int, *, needed: bool = False, lines: bool = False) -> str:
    """A text of at most `longest` characters. Raises UnfitRow."""
    value = row[name]
    if not isinstance(value, str) or len(value) > longest or _NOT_TEXT.search(value):
        raise unfit(name)
    if (needed and not value.strip()) or (not lines and ("\n" in value or "\r" in value)):
        raise unfit(name)
    return value


def choice(row: Row, name: str, allowed: Collection[str], *, empty: bool = False) -> str:
    """One of `allowed`. Raises UnfitRow."""
    value = row[name]
    if not isinstance(value, str) or (value not in allowed and not (empty and value == "")):
        raise unfit(name)
    return value


def uid(row: Row, name: str = "uid") -> str:
    """A uid in its usual form. Raises UnfitRow."""
    value = row[name]
    try:
        if not isinstance(value, str) or str(uuid.UUID(value)) != value:
            raise ValueError
    except ValueError:
        raise unfit(name) from None
    return value


def day(row: Row, name: str, *, needed: bool = False) -> dt.date | None:
    """A day, or None. Raises UnfitRow."""
    value = row[name]
    if value is None and not needed:
        return None
    try:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError
        return dt.date.fromisoformat(value)
    except ValueError:
        raise unfit(name) from None


def date_of(checked: str | None) -> dt.date | None:
    """The day of a text that was checked (`day`)."""
    return dt.date.fromisoformat(checked) if checked else None


def instant(row: Row, name: str) -> dt.datetime:
    """An instant with its zone. Raises UnfitRow."""
    value = row[name]
    try:
        found = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is None or found.tzinfo is None:
            raise ValueError
        return found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise unfit(name) from None


def number(row: Row, name: str, largest: int, *, needed: bool = False) -> int | None:
    """A whole number from 0, or None. Raises UnfitRow."""
    value = row[name]
    if value is None and not needed:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise unfit(name)
    return value


def degrees(row: Row, name: str, most: int) -> str | None:
    """A latitude or longitude with six places, or None. Raises UnfitRow."""
    value = row[name]
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,3}\.\d{6}", value) or abs(decimal.Decimal(value)) > most:
        raise unfit(name)
    return value


def listed(row: Row, name: str, longest: int = 2000) -> list[Any]:
    """A list. Raises UnfitRow."""
    value = row[name]
    if not isinstance(value, list) or len(value) > longest:
        raise unfit(name)
    return value


def plain_json(value: Any, name: str, depth: int = 0) -> Any:
    """A mapping of plain values that a database keeps as JSON. Raises UnfitRow."""
    if depth > _DEEPEST:
        raise unfit(name)
    if isinstance(value, dict):
        return {plain_json(key, name, depth + 1): plain_json(part, name, depth + 1) for key, part in value.items()}
    if isinstance(value, list):
        return [plain_json(part, name, depth + 1) for part in value]
    if isinstance(value, str) and _NOT_TEXT.search(value):
        raise unfit(name)
    if isinstance(value, int) and abs(value) > 2**63 - 1:
        raise unfit(name)
    return value


def iso(value: dt.date | None) -> str | None:
    """A day as text."""
    return value.isoformat() if value is not None else None
