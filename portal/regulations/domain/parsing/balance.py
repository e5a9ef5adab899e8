"""Proof that the parser lost nothing and invented nothing: the characters of the file against those of the tree."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz.distance import LCSseq

from portal.regulations.domain.parsing.tree import Balance, Unit

_BLANK = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff\u00ad]+")
LAYOUT_COMMENT = re.compile(r"<!--\s*(?:INFO END|TABLE|TABLE END|FORCE BREAK)\s*-->")
_HEADING_MARK = re.compile(r"^\s*#{1,6}(?=\s|$)", re.MULTILINE)


def solid(text: str) -> str:
    """`text` without blanks of any width and without zero-width characters."""
    return _BLANK.sub("", text)


def compare(source: str, header: Iterable[str], units: Iterable[Unit]) -> Balance:
    """Compare a whole file with its header lines and units, character by character."""
    expected = solid(_HEADING_MARK.sub("", LAYOUT_COMMENT.sub("", source)))
    pieces = list(header)
    for unit in units:
        if not unit.inserted:
            pieces += [unit.label, unit.heading, *unit.lines]
    rebuilt = solid("".join(pieces))
    difference = ""
    if expected != rebuilt:
        shorter = min(len(expected), len(rebuilt))
        at = next((index for index in range(shorter) if expected[index] != rebuilt[index]), shorter)
        difference = f"{at}: {expected[max(0, at - 8) : at + 12]!r} / {rebuilt[max(0, at - 8) : at + 12]!r}"
    common = len(expected) if not difference else LCSseq.similarity(expected, rebuilt)
    return Balance(len(expected), len(rebuilt), difference, len(expected) - common, len(rebuilt) - common)
