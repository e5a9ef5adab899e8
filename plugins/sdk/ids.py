"""Identifiers for plugins. Classes and functions of our own, because migrations write down where they live."""

from __future__ import annotations

import uuid
from typing import Any

from portal.ground import ids


def new_uid() -> uuid.UUID:
    """Make a UUIDv7: sorts by time of making."""
    return ids.new_uid()


class UidField(ids.UidField):
    """The `uid` column: unique, made once, never edited."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", new_uid)
        super().__init__(*args, **kwargs)
