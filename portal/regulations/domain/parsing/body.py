"""The body of a law: lines become units. What is doubtful is kept as text and told, never dropped."""

from __future__ import annotations

import dataclasses
import re

from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.parsing.checks import doubts_about
from portal.regulations.domain.parsing.growing import RANK, GrowingTree
from portal.regulations.domain.parsing.header import DOCUMENT_NUMBER
from portal.regulations.domain.parsing.heads import ANNOUNCES_QUOTATION, Head, find_heads
from portal.regulations.domain.parsing.lines import ANNEX, FINAL_CHAPTER, STRUCTURE, Line, LineReader
from portal.regulations.domain.parsing.numerals import DIGITS, number_of
from portal.regulations.domain.parsing.source import trimmed
from portal.regulations.domain.parsing.tree import HEADING_KINDS, Doubt, Kind, Unit

_STRUCTURE_INSIDE = re.compile(rf"(?:^|\s)第[{DIGITS}]+(?:分编|编|章|节)(?=\s)")
KIND_OF: dict[str, Kind] = {
    "编": "part", "部分": "part", "分编": "subpart", "章": "chapter", "节": "section", "目": "subsection",
}  # fmt: skip
ENUMERATION = re.compile(r"^(?P<label>(?P<number>[一二三四五六七八九十百]+)[、．.])(?P<text>.*)$")
_SENTENCE_END = "。；：:;！？!?，,、"
_FINISHED = re.compile(r"[。；：:;！？!?”）)…》]$")
_DATE_LINE = re.compile(
    r"^[（(]?[\d〇○零Oo一二三四五六七八九十]{2,4}\s?年[\d一二三四五六七八九十]{1,3}\s?月[\d一二三四五六七八九十]{1,3}\s?日[）)]?$"
)
_NOTE = re.compile(r"^(?:[①-⑳]|〔注〕|\[注\])")
_BARE_HEADING = re.compile(r"^[\u4e00-\u9fff][\u4e00-\u9fff、\s（）]{1,24}$")


class BodyReader:
    """Reads one body. `units` and `doubts` are the result."""

    def __init__(self, lines: list[str], first_line: int, title: str) -> None:
        self.title = title
        self.tree = GrowingTree()
        first = LineReader(lines, first_line)
        self.lines, self.doubts = first.lines, first.doubts
        self._depth_rank: dict[int, int] = {}  # heading marks -> rank, learnt from numbered headings
        self._open: int | None = None  # the unit that takes loose lines
        self._last_heading_enumeration = 0
        self._last_enumeration = 0

    @property
    def units(self) -> list[Unit]:
        """The units read so far."""
        return self.tree.units

    def read(self) -> None:
        heads, doubts = find_heads(
            [line.text for line in self.lines],
            [line.region for line in self.lines],
            [bool(line.depth) or line.annex for line in self.lines],
            0,
        )
        self.doubts += [dataclasses.replace(doubt, line=self.lines[doubt.line].number) for doubt in doubts]
        self._heads = heads
        for index, line in enumerate(self.lines):
            self._take(index, line, heads.get(index, []))
        self._split_signatures()
        self.doubts += doubts_about(self.tree.units, self.title)

    def _take(self, index: int, line: Line, heads: list[Head]) -> None:
        if line.toc:
            if self.tree.units and self.tree.units[-1].kind == "toc":
                self.tree.units[-1].lines.append(line.text)
            else:
                self._open = self.tree.add(Unit("toc", line.number, lines=[line.text]), "toc", self.tree.annex)
        elif line.annex:
            self._begin_annex(line)
        elif line.table:
            self._table(line)
        elif heads:
            self._articles(line, heads)
        elif line.depth:
            self._heading(index, line)
        else:
            self._loose(index, line)

    def _begin_annex(self, line: Line) -> None:
        self.tree.stack.clear()
        self._last_heading_enumeration = self._last_enumeration = 0
        match = ANNEX.match(line.text)
        label, title = (
            (match.group("label") + match.group("tail").rstrip(), match.group("title")) if match else ("", line.text)
        )
        number = number_of(match.group("number")) if match else None
        previous = self.tree.units[self.tree.annex] if self.tree.annex is not None else None
        if (
            previous is not None
            and number is None
            and match
            and self.tree.annex == len(self.tree.units) - 1
            and not previous.lines
        ):
            # 附件：题名 and then 附件 alone on a line: one annex
            previous.lines.append(line.text)
            return
        self._open = self.tree.open_annex(Unit("annex", line.number, label=label, number=number, heading=title))

    def _table(self, line: Line) -> None:
        if self._open is not None and self.tree.units[self._open].kind in ("article", "enumeration", "table", "annex"):
            self.tree.units[self._open].lines.append(line.text)
            return
        self._open = self.tree.add_other(Unit("table", line.number, lines=[line.text]))

    def _articles(self, line: Line, heads: list[Head]) -> None:
        before = trimmed(line.text[: heads[0].start])
        if before:
            if line.depth:
                self._heading_text(line, before)
            else:
                self._append(line, before)
        for position, head in enumerate(heads):
            end = heads[position + 1].start if position + 1 < len(heads) else len(line.text)
            text = trimmed(line.text[head.end : end])
            unit = Unit(
                "article", line.number, label=line.text[head.start : head.end], number=head.number, sub=head.sub,
                lines=[text] if text else [],
            )  # fmt: skip
            self._open = self.tree.add_article(unit)

    # --- headings ----------------------------------------------------------------------------------------------------
    def _heading(self, index: int, line: Line) -> None:
        enumeration = ENUMERATION.match(line.text)
        if enumeration:
            number = number_of(enumeration.group("number")) or 0
            if self._last_enumeration and number == self._last_enumeration + 1:
                self.doubts.append(
                    Doubt(line.number, "heading_mark", "列举项被标成了标题，按列举项处理", line.text[:40])
                )
                self._enumerate(line, enumeration)
                return
            self._last_heading_enumeration = number
        self._heading_text(line, line.text)

    def _heading_text(self, line: Line, text: str) -> None:
        match = STRUCTURE.match(text)
        if match and len(_STRUCTURE_INSIDE.findall(text)) > 1:
            self.doubts.append(Doubt(line.number, "contents_in_body", "一行标题里是整个目录", text[:40]))
            self._open = self.tree.add(Unit("toc", line.number, lines=[text]), "toc", self.tree.annex)
            return
        if match:
            kind = KIND_OF[match.group("what")]
            rank = RANK[kind]
            number = number_of(match.group("number"))
            if line.depth:
                self._depth_rank.setdefault(line.depth, rank)
            unit = Unit(
                kind, line.number, label=match.group("label"), number=number, heading=trimmed(match.group("title"))
            )
            if not unit.heading:
                self.doubts.append(Doubt(line.number, "heading_without_title", "标题只有序号", text[:40]))
        else:
            kind = "heading"
            rank = self._free_rank(line, text)
            unit = Unit(kind, line.number, heading=text)
            if line.depth and len(text) > 60:
                self.doubts.append(Doubt(line.number, "long_heading", "标题过长，可能混入了正文", text[:40]))
        self._open = self.tree.open_heading(unit, rank)

    def _free_rank(self, line: Line, text: str) -> int:
        if FINAL_CHAPTER.match(text) and self.tree.ranks:
            top = min(self.tree.ranks.values())
            return top if top == RANK["part"] or not line.depth else self._depth_rank.get(line.depth, top)
        if line.depth:
            return self._depth_rank.get(line.depth, line.depth + 1)
        headings = [self.tree.ranks[i] for i in self.tree.stack]
        return next(
            (rank for rank in headings if rank == RANK["chapter"]), headings[0] if headings else RANK["chapter"]
        )

    # --- everything else ---------------------------------------------------------------------------------------------
    def _loose(self, index: int, line: Line) -> None:
        text = line.text
        upcoming = index + 1 < len(self.lines) and index + 1 in self._heads and self._heads[index + 1][0].start == 0
        next_is_heading = index + 1 < len(self.lines) and bool(self.lines[index + 1].depth)
        current = self.tree.units[self._open] if self._open is not None else None
        if structure := STRUCTURE.match(text):
            if self._plain_heading_fits(structure, text, current):
                self.doubts.append(Doubt(line.number, "plain_heading", "没有标题标记的章节标题", text[:40]))
                self._heading_text(line, text)
                return
            if structure.group("what") in "编章节":
                self.doubts.append(
                    Doubt(line.number, "heading_not_in_order", "像章节标题，但序号不符，按正文保留", text[:40])
                )
        enumeration = ENUMERATION.match(text)
        if enumeration:
            number = number_of(enumeration.group("number")) or 0
            short = len(text) <= 45 and text[-1] not in _SENTENCE_END
            if self._last_heading_enumeration and number == self._last_heading_enumeration + 1 and short:
                self.doubts.append(Doubt(line.number, "plain_heading", "没有标题标记的章节标题", text[:40]))
                self._last_heading_enumeration = number
                self._heading_text(line, text)
                return
            if (current is None or current.kind != "article") and number in (1, self._last_enumeration + 1):
                self._enumerate(line, enumeration)
                return
        if (
            current is not None
            and current.kind in HEADING_KINDS
            and not current.lines
            and (upcoming or next_is_heading)
            and len(text) <= 45
            and text[-1] not in _SENTENCE_END
        ):
            current.heading += text
            self.doubts.append(Doubt(line.number, "heading_wrapped", "标题换行，已接到上一行", text[:40]))
            return
        final = bool(FINAL_CHAPTER.match(text))
        if upcoming and current is not None and current.kind == "article" and _BARE_HEADING.match(text):
            finished = not current.lines or bool(_FINISHED.search(current.lines[-1]))
            if final or (finished and len(solid(text)) <= 20 and bool(self.tree.ranks)):
                self.doubts.append(Doubt(line.number, "bare_heading", "丢失了标记和序号的章节标题", text[:40]))
                self._heading_text(line, text)
                return
        closes = index + 1 == len(self.lines) or upcoming or next_is_heading or self.lines[index + 1].annex
        lone = current is not None and closes and bool(current.lines) and current.lines[-1].endswith("。")
        if _NOTE.match(text) and (current is None or current.kind != "article" or lone):
            self._open = self.tree.add_other(Unit("note", line.number, lines=[text]))
            return
        if self._open is None:
            self._front_or_preamble(line)
            return
        self._append(line, text)

    def _plain_heading_fits(self, structure: re.Match[str], text: str, current: Unit | None) -> bool:
        if (
            len(text) > 45
            or (text[-1] in _SENTENCE_END)
            or structure.group("title").startswith(("的", "规定", "第", "至", "、", "和"))
        ):
            return False
        if current is not None and current.lines and ANNOUNCES_QUOTATION.search(current.lines[-1]):
            return False
        kind = KIND_OF[structure.group("what")]
        number = number_of(structure.group("number")) or 0
        rank = RANK[kind]
        above = [i for i in self.tree.stack if self.tree.ranks[i] < rank]
        parent = above[-1] if above else self.tree.annex
        before = self.tree.last_number.get((kind, parent))
        if kind == "chapter" and before is None:  # chapters may run through all parts
            before = self.tree.last_chapter.get(self.tree.annex is not None)
        return number == (before or 0) + 1 or number == 1

    def _enumerate(self, line: Line, match: re.Match[str]) -> None:
        number = number_of(match.group("number")) or 0
        self._last_enumeration = number
        text = trimmed(match.group("text"))
        unit = Unit("enumeration", line.number, label=match.group("label"), number=number, lines=[text] if text else [])
        self._open = self.tree.add_other(unit)

    def _front_or_preamble(self, line: Line) -> None:
        """Loose lines on top: the title over again and the document number, then the preamble."""
        text = line.text
        key = solid(text)
        repeats = len(key) >= 2 and key in solid(self.title)
        number = bool(DOCUMENT_NUMBER.match(text))
        adopted = text[0] in "（(" and text[-1] in "）)" and "年" in text
        front = self.tree.units[-1] if self.tree.units and self.tree.units[-1].kind == "front" else None
        if repeats or number or adopted:
            if front:
                front.lines.append(text)
            else:
                self.tree.add(Unit("front", line.number, lines=[text]), "front", self.tree.annex)
            return
        self._open = self.tree.add(Unit("preamble", line.number, lines=[text]), "pre", self.tree.annex)

    def _append(self, line: Line, text: str) -> None:
        if self._open is None:
            self._front_or_preamble(dataclasses.replace(line, text=text))
            return
        self._open = len(self.tree.units) - 1  # the order of the source is never broken
        current = self.tree.units[self._open]
        if current.kind == "toc" or (current.kind == "table" and not line.table):
            self._open = self.tree.add_other(Unit("preamble", line.number, lines=[text]))
            return
        current.lines.append(text)

    # --- afterwards --------------------------------------------------------------------------------------------------
    def _split_signatures(self) -> None:
        """Office and date lines at the end of the body or of an annex."""
        for index in range(len(self.tree.units) - 1, -1, -1):
            unit = self.tree.units[index]
            last = index + 1 == len(self.tree.units) or self.tree.units[index + 1].kind == "annex"
            if not last or unit.kind not in ("article", "enumeration", "preamble", "annex") or len(unit.lines) < 2:
                continue
            start = len(unit.lines)
            if not _DATE_LINE.match(unit.lines[-1]):
                continue
            start -= 1
            while start > 1 and len(unit.lines) - start < 5 and len(unit.lines[start - 1]) <= 30:
                if not re.fullmatch(r"[\u4e00-\u9fff 　、]+", unit.lines[start - 1]):
                    break
                start -= 1
            signed = Unit("signature", unit.line, lines=unit.lines[start:], parent=unit.parent, in_annex=unit.in_annex)
            del unit.lines[start:]
            base = unit.path.rsplit("/", 1)[0] + "/" if "/" in unit.path and unit.in_annex else ""
            signed.path = self.tree.unique(f"{base}sign")
            self.tree.units.insert(index + 1, signed)
            for other in self.tree.units[index + 2 :]:
                if other.parent is not None and other.parent > index:
                    other.parent += 1
