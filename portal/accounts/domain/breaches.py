"""Leaked passwords, looked up without a network."""

from __future__ import annotations

import functools
import gzip
import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.contrib.auth import password_validation

_BUNDLED = Path(password_validation.__file__).parent / "common-passwords.txt.gz"


@functools.cache
def _common() -> frozenset[str]:
    with gzip.open(_BUNDLED, "rt", encoding="utf-8") as lines:
        return frozenset(line.strip() for line in lines)


def is_leaked(password: str) -> bool:
    """Whether a password is among the 20,000 most used ones, or in the file that `BREACHED_PASSWORDS` names."""
    if password.strip().lower() in _common():
        return True
    return bool(settings.BREACHED_PASSWORDS) and is_in_file(password, Path(settings.BREACHED_PASSWORDS))


def is_in_file(password: str, path: Path) -> bool:
    """Whether the SHA-1 of a password stands in a file of lines `HEX` or `HEX:count` that is sorted by the hash, such as Have I
    Been Pwned offers for download. Reads about 40 places of it, whatever its size. Raises OSError when it cannot be read.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            found = _first_line_from(file, middle)
            if found and found < wanted:
                low = middle + 1
            else:
                high = middle
        return _first_line_from(file, low) == wanted


def _first_line_from(file: BinaryIO, offset: int) -> bytes:
    """The hash of the first line that starts at or after an offset; empty at the end."""
    file.seek(max(offset - 1, 0))
    if offset:
        file.readline()
    return file.readline()[:40].upper()
