"""Marking what matched, and the passage of a long text that shows it best. Everything is escaped; only `<mark>` is ours."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from search.analysis import grams
from search.analysis.normalize import fold_with_offsets

WINDOW = 90
"""Characters of a snippet: about two lines."""
_LEAD = 15
_PART = 20_000
"""A text longer than this is looked through by parts: the words inside a file can be ten times as long."""
_SENTENCE_END = re.compile(r"[。！？；!?;\n]")
_HAN = re.compile(f"[{grams.HAN}]")
_WORD = re.compile(rf"[^\W_{grams.HAN}]+")
_BLANKS = re.compile(r"\s+")


class Highlighter:
    """Finds the terms of one query in any number of texts."""

    def __init__(self, terms: Sequence[str], phrases: Sequence[Sequence[str]] = ()) -> None:
        wanted = {*terms, *("".join(phrase) for phrase in phrases)} - {""}
        self._wanted = sorted(wanted)
        # Han pairs overlap (党费, 费收), so each is looked for from every character; a Latin word matches only whole.
        self._within = sorted((term for term in wanted if _HAN.search(term)), key=len)
        self._whole = wanted - set(self._within)

    def _spans(self, folded: str) -> list[tuple[int, int, str]]:
        """Where a term stands; the longest of those that begin at the same place. A find for each is several times as quick as
        one pattern for all, and nothing has to be compiled."""
        found: dict[int, str] = {}
        for term in self._within:
            at = folded.find(term)
            while at >= 0:
                found[at] = term
                at = folded.find(term, at + 1)
        if self._whole:
            for word in _WORD.finditer(folded):
                if word[0] in self._whole:
                    found.setdefault(word.start(), word[0])
        return [(at, at + len(term), term) for at, term in sorted(found.items())]

    def mark(self, text: str) -> SafeString:
        """The whole text, escaped and marked."""
        folded, offsets = fold_with_offsets(text)
        return _marked(text, self._in_text(folded, offsets), 0, len(text))

    def snippet(self, text: str, window: int = WINDOW) -> SafeString:
        """The passage of about `window` characters with the most different terms, from the start of its sentence if that is
        near; the beginning of the text when nothing matches."""
        folded, offsets = fold_with_offsets(text)
        first = self._best_part(folded, window)
        spans = [(first + at, first + to, term) for at, to, term in self._spans(folded[first : first + _PART + window])]
        start = self._best_start(spans, window)
        if offsets is not None and start < len(offsets):
            start = offsets[start]
        start = _sentence_start(text, start)
        end = min(len(text), start + window)
        merged = _merged(spans, offsets)
        body = _marked(text, merged, start, end)
        return mark_safe(f"{'…' if start > 0 else ''}{body}{'…' if end < len(text) else ''}")  # noqa: S308 - escaped above

    def _in_text(self, folded: str, offsets: list[int] | None) -> list[tuple[int, int]]:
        return _merged(self._spans(folded), offsets)

    def _best_part(self, folded: str, window: int) -> int:
        """Where the part of a long text with the most different terms begins; the first such part."""
        if len(folded) <= _PART:
            return 0
        starts = range(0, len(folded), _PART)
        return max(starts, key=lambda at: sum(folded.find(term, at, at + _PART + window) >= 0 for term in self._wanted))

    @staticmethod
    def _best_start(spans: list[tuple[int, int, str]], window: int) -> int:
        """The start of the window that holds the most different terms, and the most of them at a tie; 0 without any."""
        best, best_start = (0, 0), 0
        seen: dict[str, int] = {}
        last = 0
        for first, (start, _, term) in enumerate(spans):
            while last < len(spans) and spans[last][1] <= start + window - _LEAD:
                seen[spans[last][2]] = seen.get(spans[last][2], 0) + 1
                last += 1
            score = (len(seen), last - first)
            if score > best:
                best, best_start = score, start
            if seen.get(term, 0) > 1:
                seen[term] -= 1
            else:
                seen.pop(term, None)
        return best_start


def _merged(spans: list[tuple[int, int, str]], offsets: list[int] | None) -> list[tuple[int, int]]:
    """Overlapping and touching spans as one, in offsets of the original text."""
    merged: list[tuple[int, int]] = []
    for start, end, _ in spans:
        if offsets is not None:
            start, end = offsets[start], offsets[end - 1] + 1
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _sentence_start(text: str, start: int) -> int:
    """The start of the sentence if it lies at most `_LEAD` characters before, else a little before the match."""
    lead = max(0, start - _LEAD)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, lead, start)]
    return ends[-1] if ends else lead


def _marked(text: str, spans: list[tuple[int, int]], start: int, end: int) -> SafeString:
    pieces: list[str] = []
    at = start
    first = bisect.bisect_left(spans, (start, 0))
    if first > 0 and spans[first - 1][1] > start:
        first -= 1
    for left, right in spans[first:]:
        if left >= end:
            break
        left, right = max(left, at), min(right, end)
        pieces.append(_shown(text[at:left]))
        pieces.append(f"<mark>{_shown(text[left:right])}</mark>")
        at = right
    pieces.append(_shown(text[at:end]))
    return mark_safe("".join(pieces))  # noqa: S308 - every piece is escaped


def _shown(text: str) -> str:
    return str(escape(_BLANKS.sub(" ", text)))
