"""Where a character of a text stands: in which article, 款 and 项, so that 前款 and 第一款 can be understood.

In an amending text (将刑法第二百八十三条修改为：“……单位犯前款罪的……”) quoted words stand in the amended article of the amended work.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from portal.regulations.domain.parsing.numerals import DIGITS, number_of
from portal.regulations.domain.reading import Paragraph, paragraphs_of

_QUOTED_FROM = re.compile(r"[：:]\s*“(?![（(][一二三四五六七八九十]{1,3}[）)])")
_ARTICLE = re.compile(rf"第\s?(?P<number>[{DIGITS}]+)\s?条(?:\s?之(?P<sub>[一二三四五六七八九十]{{1,3}}))?")
_NEW_ARTICLE = re.compile(rf"作为{_ARTICLE.pattern}")
_QUOTED_HEAD = re.compile(rf"(?<=[\n：:])[“‘]{_ARTICLE.pattern}(?=[ \u3000])")
_PARAGRAPH = re.compile(rf"(?:作为|条(?:之[一二三四五六七八九十]{{1,3}})?)的?第(?P<number>[{DIGITS}]+)款")


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a text stands: the path of its article and the article before it, for 前条 and 前款."""

    article: str = ""
    before: str = ""


@dataclasses.dataclass(frozen=True)
class Here:
    """Where a character stands. `is_quoted`: in words that an amending text puts into another work. `with_items`: the 款 of
    the article that have 项."""

    article: str
    before: str
    paragraph: int
    item: int
    with_items: frozenset[int]
    is_quoted: bool = False


@dataclasses.dataclass(frozen=True)
class _Passage:
    """Words that stand in one article: all of this text, or what is quoted."""

    start: int
    end: int
    article: str
    before: str
    skipped: int  # paragraphs of the article before the quoted ones


class Surroundings:
    """The places of one text; `is_amending` when it amends another work."""

    def __init__(self, text: str, place: Place, is_amending: bool) -> None:
        self._text, self._place, self._is_amending = text, place, is_amending
        self._passages: list[_Passage] | None = None
        self._paragraphs: dict[int, Sequence[Paragraph]] = {}

    def at(self, at: int) -> Here | None:
        """Where the character `at` stands; None where it cannot be told."""
        if self._passages is None:
            self._passages = self._find_passages()
        for passage in self._passages:
            if passage.start <= at < passage.end:
                return self._here(passage, at)
        return None

    def _here(self, passage: _Passage, at: int) -> Here:
        pieces = self._read(passage)
        offset, paragraph, item = passage.start, 1, 0
        for piece in pieces:
            numbers = re.findall(r"[pi](\d+)", piece.place)
            paragraph = int(numbers[0]) if numbers else paragraph
            item = int(numbers[1]) if len(numbers) > 1 else 0
            if at <= offset + len(piece.text):
                break
            offset += len(piece.text) + 1
        having = {int(place[1]) for place in (re.match(r"p(\d+)/i", piece.place) for piece in pieces) if place}
        return Here(
            passage.article,
            passage.before,
            paragraph + passage.skipped,
            item,
            frozenset(number + passage.skipped for number in having),
            self._is_amending,
        )

    def _read(self, passage: _Passage) -> Sequence[Paragraph]:
        if passage.start not in self._paragraphs:
            text = self._text[passage.start : passage.end]
            if self._is_amending:  # a quotation mark before every line; the length stays
                text = re.sub(r"(?m)^[“‘](.*)$", "\\1\u2060", text)
            self._paragraphs[passage.start] = paragraphs_of(text)
        return self._paragraphs[passage.start]

    def _find_passages(self) -> list[_Passage]:
        if not self._is_amending:
            place = self._place
            return [_Passage(0, len(self._text) + 1, place.article, place.before, 0)] if place.article else []
        found: list[_Passage] = []
        openings = list(_QUOTED_FROM.finditer(self._text))
        for index, opening in enumerate(openings):
            announced = re.split(r"[。；”\n]", self._text[max(0, opening.start() - 120) : opening.start()])[-1]
            article = _NEW_ARTICLE.search(announced) or _ARTICLE.search(announced)
            if article is None and not found:
                continue
            path = _path_of(article) if article else found[-1].article
            paragraphs = _PARAGRAPH.findall(announced)
            skipped = (number_of(paragraphs[-1]) or 1) - 1 if paragraphs else 0
            start, limit = opening.end() - 1, len(self._text)
            if index + 1 < len(openings):
                limit = openings[index + 1].start()
            closed = self._text.rfind("”", start, limit)
            found += self._articles_in(_Passage(start, closed + 1 if closed > 0 else limit, path, "", skipped))
        return found

    def _articles_in(self, quoted: _Passage) -> list[_Passage]:
        """Quoted words that hold several articles, each with its number at the beginning of a line."""
        heads = list(_QUOTED_HEAD.finditer(self._text, quoted.start, quoted.end))
        if not heads:
            return [quoted]
        starts = [head.start() for head in heads] + [quoted.end]
        found = [_Passage(head.start(), starts[index + 1], _path_of(head), "", 0) for index, head in enumerate(heads)]
        return found if heads[0].start() == quoted.start else [dataclasses.replace(quoted, end=starts[0]), *found]


def _path_of(match: re.Match[str]) -> str:
    path = f"art{number_of(match['number']) or 0}"
    return path + (f"-{number_of(match['sub'])}" if match["sub"] else "")
