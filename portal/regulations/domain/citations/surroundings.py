"""Where a character of a text stands: in which article, 款 and 项, so that 前款 and 第一款 can be understood.

In an amending text (将刑法第二百八十三条修改为：“……单位犯前款罪的……”) quoted words stand in the amended article of the amended work.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from portal.regulations.domain.parsing.numerals import DIGITS, number_of
from portal.regulations.domain.reading import Paragraph, paragraphs_of

_QUOTED_FROM = re.compile(r"[：:]\s*“")
_ARTICLE = re.compile(rf"第\s?(?P<number>[{DIGITS}]+)\s?条(?:\s?之(?P<sub>[一二三四五六七八九十]{{1,3}}))?")
_NEW_ARTICLE = re.compile(rf"作为{_ARTICLE.pattern}")
_PARAGRAPH = re.compile(rf"(?:作为|条(?:之[一二三四五六七八九十]{{1,3}})?)的?第(?P<number>[{DIGITS}]+)款")


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a text stands: the path of its article and the article before it, for 前条 and 前款."""

    article: str = ""
    before: str = ""


@dataclasses.dataclass(frozen=True)
class Here:
    """Where a character stands. `title` is the key of the amended work in quoted words, empty for this very text."""

    article: str
    before: str
    paragraph: int
    item: int
    title: str = ""


@dataclasses.dataclass(frozen=True)
class _Quotation:
    start: int
    end: int
    article: str
    skipped: int  # paragraphs of the article before the quoted ones


class Surroundings:
    """The places of one text. `default` is the key of the work that an amending text amends, empty for others."""

    def __init__(self, text: str, place: Place, default: str) -> None:
        self._text, self._place, self._default = text, place, default
        self._quotations: list[_Quotation] | None = None
        self._paragraphs: dict[int, Sequence[Paragraph]] = {}

    def at(self, at: int) -> Here | None:
        """Where the character `at` stands; None where it cannot be told."""
        if not self._default:
            if not self._place.article:
                return None
            paragraph, item = self._count(0, self._text, at)
            return Here(self._place.article, self._place.before, paragraph, item)
        for quotation in self._quoted():
            if quotation.start <= at < quotation.end:
                text = self._text[quotation.start : quotation.end]
                paragraph, item = self._count(quotation.start, re.sub("(?m)^[“‘]", "\u2060", text), at)
                return Here(quotation.article, "", paragraph + quotation.skipped, item, self._default)
        return None

    def has_items(self, paragraph: int) -> bool:
        """Whether the paragraph of this text with that number has 项."""
        return any(piece.place.startswith(f"p{paragraph}/i") for piece in self._read(0, self._text))

    def _read(self, start: int, text: str) -> Sequence[Paragraph]:
        if start not in self._paragraphs:
            self._paragraphs[start] = paragraphs_of(text)
        return self._paragraphs[start]

    def _count(self, start: int, text: str, at: int) -> tuple[int, int]:
        """The 款 and 项 in which `at` stands; `text` begins at `start`."""
        offset, paragraph, item = start, 1, 0
        for piece in self._read(start, text):
            numbers = re.findall(r"[pi](\d+)", piece.place)
            paragraph = int(numbers[0]) if numbers else paragraph
            item = int(numbers[1]) if len(numbers) > 1 else 0
            if at <= offset + len(piece.text):
                break
            offset += len(piece.text) + 1
        return paragraph, item

    def _quoted(self) -> list[_Quotation]:
        if self._quotations is None:
            self._quotations = []
            openings = list(_QUOTED_FROM.finditer(self._text))
            for index, opening in enumerate(openings):
                before = self._text[max(0, opening.start() - 120) : opening.start()]
                announced = re.split(r"[。；”\n]", before)[-1]
                article = _NEW_ARTICLE.search(announced) or next(iter(_ARTICLE.finditer(announced)), None)
                if article is None:
                    continue
                path = f"art{number_of(article['number']) or 0}"
                path += f"-{number_of(article['sub'])}" if article["sub"] else ""
                paragraphs = _PARAGRAPH.findall(announced)
                skipped = (number_of(paragraphs[-1]) or 1) - 1 if paragraphs else 0
                end = openings[index + 1].start() if index + 1 < len(openings) else len(self._text)
                self._quotations.append(_Quotation(opening.end() - 1, end, path, skipped))
        return self._quotations
