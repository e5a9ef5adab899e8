"""What a finished tree leaves to doubt: gaps, repetitions, words that may be missing. What explains itself is no doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.parsing.header import DOCUMENT_NUMBER
from portal.regulations.domain.parsing.numerals import DIGITS
from portal.regulations.domain.parsing.tree import HEADING_KINDS, Doubt, Unit

_ENDS = re.compile(r"[。！？!?”’\"）)》…】.]$")
_TWO_COLUMNS = re.compile(r"^(?:\d{1,3}[\s.．、]*[^\s\d。，；][^\s。，；]{0,14}(?:\s+|$)){2,4}$")
_LEAST_ROWS = 4
_ADOPTED = re.compile(r"^[（(].*年.*[）)]$")
_ARTICLE_AT_START = re.compile(rf"[“‘\"]?第\s?[{DIGITS}]+\s?条")
_MAY_BE_SHORT = re.compile(r"(?:批复|答复|复函|函|解释|决定|通知|公告|意见)(?:[（(][^（）()]*[）)])?$")


def doubts_about(units: Sequence[Unit], title: str) -> list[Doubt]:
    """The doubts about a whole body, in no order. `title` is that of the law."""
    return [
        *_repeated_titles(units, title),
        *_empty_or_double(units),
        *_missing_chapters(units),
        *_cut_short(units),
        *_flattened_tables(units),
        *_whole_body(units, title),
    ]


def _repeated_titles(units: Sequence[Unit], title: str) -> Iterator[Doubt]:
    """A front that is the title and its number once more, complete, explains itself."""
    for unit in units:
        if unit.kind == "front":
            words = [line for line in unit.lines if not DOCUMENT_NUMBER.match(line) and not _ADOPTED.match(line)]
            if words and solid("".join(words)) != solid(title):
                yield Doubt(unit.line, "front_repeated", "正文开头重复了标题或文号", unit.lines[0][:40])


def _empty_or_double(units: Sequence[Unit]) -> Iterator[Doubt]:
    for unit in units:
        if unit.kind == "article" and not unit.lines:
            yield Doubt(unit.line, "empty_article", f"{unit.label}没有正文", unit.label)
        if unit.path.rsplit("~", 1)[-1].isdigit() and "~" in unit.path and unit.kind in HEADING_KINDS:
            yield Doubt(unit.line, "duplicate_heading", "同级标题的序号重复", f"{unit.label} {unit.heading}"[:40])


def _missing_chapters(units: Sequence[Unit]) -> Iterator[Doubt]:
    previous: dict[int | None, Unit] = {}
    for unit in units:
        if unit.kind == "chapter" and unit.number:
            before = previous.get(unit.parent)
            if before is not None and unit.number > (before.number or 0) + 1:
                message = f"章的序号不连续：{before.label}之后是{unit.label}"
                yield Doubt(unit.line, "missing_chapter", message, unit.heading[:40])
            previous[unit.parent] = unit


def _cut_short(units: Sequence[Unit]) -> Iterator[Doubt]:
    """Sentences of a body end; one that does not may have lost its end."""
    for index, unit in enumerate(units):
        following = units[index + 1].kind if index + 1 < len(units) else ""
        if unit.kind not in ("article", "enumeration", "preamble") or unit.in_annex or not unit.lines:
            continue
        if following == "table" or (unit.kind == "preamble" and following):
            continue
        if not _ENDS.search(unit.lines[-1]):
            yield Doubt(unit.line, "cut_short", "最后一句没有结束，文字可能不完整", unit.lines[-1][-40:])


def _flattened_tables(units: Sequence[Unit]) -> Iterator[Doubt]:
    """Rows such as “1 煤 18 锌”: two columns of a table in one line."""
    for unit in units:
        rows = 0
        for line in unit.lines:
            rows = rows + 1 if _TWO_COLUMNS.match(line) else 0
            if rows == _LEAST_ROWS:
                yield Doubt(unit.line, "table_flattened", "像是分栏的表格被拆成了行，请核对", line[:40])
                break


def _whole_body(units: Sequence[Unit], title: str) -> Iterator[Doubt]:
    if not any(unit.kind == "article" for unit in units) and not _explains_itself(units, title):
        yield Doubt(0, "no_article", "没有找到任何条文，按段落或列举项保存")
    annexed = next((unit for unit in units if unit.kind == "article" and unit.in_annex), None)
    if annexed:
        yield Doubt(annexed.line, "annex_articles", "附件里有自己的条文，条号另起", annexed.label)
    if not any(solid(unit.text) for unit in units):
        yield Doubt(0, "no_text", "没有正文")


def _explains_itself(units: Sequence[Unit], title: str) -> bool:
    """A text without articles that is whole all the same: 一、二、三 in order, or a reply or a decision in a few paragraphs.
    Not where lines begin with 第…条, be they quoted, nor where there are tables."""
    body = [unit for unit in units if unit.kind not in ("front", "signature") and not unit.in_annex]
    if any(unit.kind not in ("preamble", "enumeration", "annex") for unit in body):
        return False
    if any(_ARTICLE_AT_START.match(line) for unit in body for line in unit.lines):
        return False
    numbers = [unit.number for unit in body if unit.kind == "enumeration"]
    if numbers:
        return len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1))
    return bool(solid("".join(unit.text for unit in body))) and bool(_MAY_BE_SHORT.search(title))
