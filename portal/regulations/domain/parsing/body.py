"""The body of a law: lines become units. What is doubtful is kept as text and told, never dropped."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

from portal.regulations.domain.parsing.balance import LAYOUT_COMMENT, solid
from portal.regulations.domain.parsing.header import DOCUMENT_NUMBER
from portal.regulations.domain.parsing.heads import ANNOUNCES_QUOTATION, Head, find_heads
from portal.regulations.domain.parsing.numerals import DIGITS, number_of
from portal.regulations.domain.parsing.source import trimmed
from portal.regulations.domain.parsing.tree import HEADING_KINDS, Doubt, Kind, Unit

_MARKED = re.compile(r"^(#{1,6})(?:\s+(.*))?$")
_STRUCTURE = re.compile(rf"^(?P<label>第\s?(?P<number>[{DIGITS}]+)\s?(?P<what>分编|编|章|节|目|部分))(?P<title>.*)$")
_STRUCTURE_INSIDE = re.compile(rf"(?:^|\s)第[{DIGITS}]+(?:分编|编|章|节)(?=\s)")
_STRUCTURE_AT_END = re.compile(rf"(?<=[。；）”])\s*(?=第[{DIGITS}]+[编章节]\s?[\u4e00-\u9fff、（） ]{{2,24}}$)")
_KIND_OF: dict[str, Kind] = {
    "编": "part", "部分": "part", "分编": "subpart", "章": "chapter", "节": "section", "目": "subsection",
}  # fmt: skip
_RANK: dict[str, int] = {"part": 1, "subpart": 2, "chapter": 3, "section": 4, "subsection": 5}
_PREFIX: dict[str, str] = {
    "part": "pt",
    "subpart": "sp",
    "chapter": "ch",
    "section": "sec",
    "subsection": "sub",
    "heading": "h",
}
_ENUMERATION = re.compile(r"^(?P<label>(?P<number>[一二三四五六七八九十百]+)[、．.])(?P<text>.*)$")
_ANNEX = re.compile(
    rf"^(?P<label>(?:[（(【\[]\s?)?附\s?(?:件|表|录|图|注)?\s?(?P<number>[{DIGITS}]{{0,3}})(?:\s?[）)】\]])?)(?P<tail>\s?[：:．.、]\s*|\s+|$)(?P<title>.*)$"
)
_ANNEX_INSIDE = re.compile(rf"\s(?=附(?:件|表|录|图)[{DIGITS}]{{1,3}}\s)")
_SENTENCE_END = "。；：:;！？!?，,、"
_FINISHED = re.compile(r"[。；：:;！？!?”）)…》]$")
_DATE_LINE = re.compile(
    r"^[（(]?[\d〇○零Oo一二三四五六七八九十]{2,4}\s?年[\d一二三四五六七八九十]{1,3}\s?月[\d一二三四五六七八九十]{1,3}\s?日[）)]?$"
)
_CONTENTS = re.compile(r"^目\s*[录次]\s*$")
_NOTE = re.compile(r"^(?:[①-⑳]|〔注〕|\[注\])")
_BARE_HEADING = re.compile(r"^[\u4e00-\u9fff][\u4e00-\u9fff、\s（）]{1,24}$")
_FINAL_CHAPTER = re.compile(r"^附\s*则$")


@dataclasses.dataclass
class _Line:
    number: int  # from 1 in the file
    text: str
    depth: int = 0  # heading marks
    region: int = 0
    annex: bool = False
    toc: bool = False
    table: bool = False
    hint: bool = False  # a layout comment


class BodyReader:
    """Reads one body. `units` and `doubts` are the result."""

    def __init__(self, lines: list[str], first_line: int, title: str) -> None:
        self.title = title
        self.units: list[Unit] = []
        self.doubts: list[Doubt] = []
        self.lines: list[_Line] = []
        self._stack: list[int] = []  # open headings, outermost first
        self._ranks: dict[int, int] = {}  # unit index -> rank
        self._depth_rank: dict[int, int] = {}  # heading marks -> rank, learnt from numbered headings
        self._annex: int | None = None
        self._open: int | None = None  # the unit that takes loose lines
        self._paths: dict[str, int] = {}
        self._last_number: dict[tuple[str, int | None], int] = {}  # (kind, parent) -> number of the last heading there
        self._last_chapter: dict[bool, int] = {}  # in an annex or not -> number of the last chapter anywhere
        self._free_headings: Counter[int | None] = Counter()
        self._last_heading_enumeration = 0
        self._last_enumeration = 0
        self._annexes = 0
        self._read_lines(lines, first_line)

    # --- first pass: what each line is before numbers are known ------------------------------------------------------
    def _read_lines(self, lines: list[str], first_line: int) -> None:
        in_table = False
        for offset, raw in enumerate(lines):
            number = first_line + offset
            hint = LAYOUT_COMMENT.search(raw)
            if hint:
                if "TABLE END" in hint.group():
                    in_table = False
                elif "TABLE" in hint.group():
                    in_table = True
                raw = trimmed(LAYOUT_COMMENT.sub("", raw))
                if not raw:
                    continue
            elif "<!--" in raw:
                self.doubts.append(Doubt(number, "unknown_comment", "无法识别的注释，按正文保留", raw[:60]))
            if not raw:
                continue
            marked = _MARKED.match(raw)
            text = trimmed(marked.group(2) or "") if marked else raw
            if marked and not text:
                self.doubts.append(Doubt(number, "empty_heading", "空标题"))
                continue
            line = _Line(number, text, depth=len(marked.group(1)) if marked else 0)
            line.table = in_table or (not marked and text.startswith("|"))
            if line.table or line.depth:
                self.lines.append(line)
                continue
            for piece in self._split(text):
                self.lines.append(_Line(number, piece))

    def _split(self, text: str) -> list[str]:
        """A line in which a heading or a further annex is glued to the end of a paragraph."""
        if _ANNEX.match(text) and _ANNEX_INSIDE.search(text):
            return [trimmed(piece) for piece in _ANNEX_INSIDE.split(text)]
        if glued := _STRUCTURE_AT_END.search(text):
            return [trimmed(text[: glued.start()]), trimmed(text[glued.end() :])]
        return [text]

    def _mark_contents(self) -> None:
        """A table of contents left in the body: headings, or lines after 目录, that come again further down."""
        index = next((i for i, line in enumerate(self.lines) if _CONTENTS.match(line.text)), None)
        if index is not None and index + 1 < len(self.lines):
            first = solid(self.lines[index + 1].text)
            again = next((i for i in range(index + 2, len(self.lines)) if solid(self.lines[i].text) == first), None)
            if again is None:  # the same number with another title
                opening = _STRUCTURE.match(self.lines[index + 1].text)
                if opening:
                    key = solid(opening.group("label"))
                    again = next(
                        (i for i in range(index + 2, len(self.lines)) if solid(self.lines[i].text).startswith(key)),
                        None,
                    )
            self._take_contents(index, again if again is not None else index + 1)
            return
        index = next((i for i, line in enumerate(self.lines) if line.depth), None)
        if index is None:
            return
        run = index
        while run < len(self.lines) and self.lines[run].depth:
            run += 1
        first = solid(self.lines[index].text)
        again = next(
            (i for i in range(index + 2, run + 1) if i < len(self.lines) and solid(self.lines[i].text) == first), None
        )
        if again is None and run - index >= 4:
            again = next(
                (i for i in range(run, len(self.lines)) if self.lines[i].depth and solid(self.lines[i].text) == first),
                None,
            )
            again = run if again is not None else None
        if again is not None:
            self._take_contents(index, again)

    def _take_contents(self, start: int, end: int) -> None:
        for line in self.lines[start:end]:
            line.toc = True
        self.doubts.append(
            Doubt(self.lines[start].number, "contents_in_body", "正文中留有目录", self.lines[start].text[:30])
        )

    def _mark_annexes(self) -> None:
        """An annex line starts a region in which numbers run anew; 附图中…, 附利息… and 附则 are none."""
        starts = re.compile(rf"^[第笫]\s?([{DIGITS}]+)\s?条(?=\s|$)")
        numbers: list[tuple[int, int]] = []
        for index, line in enumerate(self.lines):
            if not line.toc and (head := starts.match(line.text)) and (value := number_of(head.group(1))):
                numbers.append((index, value))
        region = 0
        last_h1 = False
        for index, line in enumerate(self.lines):
            if line.toc or line.table:
                line.region = -1
                continue
            match = _ANNEX.match(line.text)
            if match and self._is_annex(match, line, index, numbers):
                region += 1
                line.annex = True
            elif (
                line.depth == 1
                and index
                and not last_h1
                and not (starts.match(line.text) or _STRUCTURE.match(line.text))
            ):
                region += 1
                line.annex = True
                self.doubts.append(
                    Doubt(line.number, "second_document", "正文中又有一个一级标题，按附件处理", line.text[:40])
                )
            last_h1 = line.depth == 1
            line.region = region

    def _is_annex(self, match: re.Match[str], line: _Line, index: int, numbers: list[tuple[int, int]]) -> bool:
        if _FINAL_CHAPTER.match(line.text) or index == 0:
            return False
        title = match.group("title")
        plain = re.sub(r"[（(][^）)]*[）)]", "", title)
        if not line.depth:
            bare = solid(match.group("label")) == "附"
            if bare and not match.group("tail").strip() and title:
                return False  # 附 something
            if len(plain) > 80 or re.search(r"[。；，]", plain):
                return False
        before = max((value for at, value in numbers if at < index), default=None)
        after = next((value for at, value in numbers if at > index), None)
        return not (before is not None and after == before + 1)

    # --- second pass: units ------------------------------------------------------------------------------------------
    def read(self) -> None:
        self._mark_contents()
        self._mark_annexes()
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
        self._check_gaps()

    def _take(self, index: int, line: _Line, heads: list[Head]) -> None:
        if line.toc:
            if self.units and self.units[-1].kind == "toc":
                self.units[-1].lines.append(line.text)
            else:
                self._open = self._add(Unit("toc", line.number, lines=[line.text]), "toc", self._annex)
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

    def _add(self, unit: Unit, path: str, parent: int | None) -> int:
        unit.parent = parent
        unit.in_annex = self._annex is not None
        times = self._paths.get(path, 0) + 1
        self._paths[path] = times
        unit.path = path if times == 1 else f"{path}~{times}"
        if unit.kind in HEADING_KINDS:
            self._last_number[(unit.kind, parent)] = unit.number or 0
            if unit.kind == "chapter":
                self._last_chapter[unit.in_annex] = unit.number or 0
        self.units.append(unit)
        return len(self.units) - 1

    def _container(self) -> int | None:
        return self._stack[-1] if self._stack else self._annex

    def _base(self) -> str:
        return f"{self.units[self._annex].path}/" if self._annex is not None else ""

    def _begin_annex(self, line: _Line) -> None:
        self._stack.clear()
        self._last_heading_enumeration = self._last_enumeration = 0
        match = _ANNEX.match(line.text)
        label, title = (
            (match.group("label") + match.group("tail").rstrip(), match.group("title")) if match else ("", line.text)
        )
        number = number_of(match.group("number")) if match else None
        previous = self.units[self._annex] if self._annex is not None else None
        if (
            previous is not None
            and number is None
            and match
            and self._annex == len(self.units) - 1
            and not previous.lines
        ):
            # 附件：题名 and then 附件 alone on a line: one annex
            previous.lines.append(line.text)
            return
        self._annex = None
        self._annexes = number or self._annexes + 1
        unit = Unit("annex", line.number, label=label, number=number, heading=title)
        self._annex = self._add(unit, f"an{self._annexes}", None)
        unit.in_annex = True
        self._open = self._annex

    def _table(self, line: _Line) -> None:
        if self._open is not None and self.units[self._open].kind in ("article", "enumeration", "table", "annex"):
            self.units[self._open].lines.append(line.text)
            return
        self._open = self._add(Unit("table", line.number, lines=[line.text]), f"{self._base()}table", self._container())

    def _articles(self, line: _Line, heads: list[Head]) -> None:
        before = trimmed(line.text[: heads[0].start])
        if before:
            if line.depth:
                self._heading_text(line, before)
            else:
                self._append(line, before)
        for position, head in enumerate(heads):
            end = heads[position + 1].start if position + 1 < len(heads) else len(line.text)
            text = trimmed(line.text[head.end : end])
            name = f"art{head.number}" + (f"-{head.sub}" if head.sub else "")
            unit = Unit(
                "article", line.number, label=line.text[head.start : head.end], number=head.number, sub=head.sub,
                lines=[text] if text else [],
            )  # fmt: skip
            self._open = self._add(unit, self._base() + name, self._container())

    # --- headings ----------------------------------------------------------------------------------------------------
    def _heading(self, index: int, line: _Line) -> None:
        enumeration = _ENUMERATION.match(line.text)
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

    def _heading_text(self, line: _Line, text: str) -> None:
        match = _STRUCTURE.match(text)
        if match and len(_STRUCTURE_INSIDE.findall(text)) > 1:
            self.doubts.append(Doubt(line.number, "contents_in_body", "一行标题里是整个目录", text[:40]))
            self._open = self._add(Unit("toc", line.number, lines=[text]), "toc", self._annex)
            return
        if match:
            kind = _KIND_OF[match.group("what")]
            rank = _RANK[kind]
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
        self._open_heading(unit, rank)

    def _free_rank(self, line: _Line, text: str) -> int:
        if _FINAL_CHAPTER.match(text) and self._ranks:
            top = min(self._ranks.values())
            return top if top == _RANK["part"] or not line.depth else self._depth_rank.get(line.depth, top)
        if line.depth:
            return self._depth_rank.get(line.depth, line.depth + 1)
        headings = [self._ranks[i] for i in self._stack]
        return next(
            (rank for rank in headings if rank == _RANK["chapter"]), headings[0] if headings else _RANK["chapter"]
        )

    def _open_heading(self, unit: Unit, rank: int) -> None:
        while self._stack and self._ranks[self._stack[-1]] >= rank:
            self._stack.pop()
        parent = self._container()
        above = self.units[parent].path + "/" if parent is not None else ""
        if unit.kind == "heading":
            self._free_headings[parent] += 1
            number = self._free_headings[parent]
        else:
            number = unit.number or 0
        at = self._add(unit, f"{above}{_PREFIX[unit.kind]}{number}", parent)
        self._ranks[at] = rank
        self._stack.append(at)
        self._open = at

    # --- everything else ---------------------------------------------------------------------------------------------
    def _loose(self, index: int, line: _Line) -> None:
        text = line.text
        upcoming = index + 1 < len(self.lines) and index + 1 in self._heads and self._heads[index + 1][0].start == 0
        next_is_heading = index + 1 < len(self.lines) and bool(self.lines[index + 1].depth)
        current = self.units[self._open] if self._open is not None else None
        if structure := _STRUCTURE.match(text):
            if self._plain_heading_fits(structure, text, current):
                self.doubts.append(Doubt(line.number, "plain_heading", "没有标题标记的章节标题", text[:40]))
                self._heading_text(line, text)
                return
            if structure.group("what") in "编章节":
                self.doubts.append(
                    Doubt(line.number, "heading_not_in_order", "像章节标题，但序号不符，按正文保留", text[:40])
                )
        enumeration = _ENUMERATION.match(text)
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
        final = bool(_FINAL_CHAPTER.match(text))
        if upcoming and current is not None and current.kind == "article" and _BARE_HEADING.match(text):
            finished = not current.lines or bool(_FINISHED.search(current.lines[-1]))
            if final or (finished and len(solid(text)) <= 20 and bool(self._ranks)):
                self.doubts.append(Doubt(line.number, "bare_heading", "丢失了标记和序号的章节标题", text[:40]))
                self._heading_text(line, text)
                return
        closes = index + 1 == len(self.lines) or upcoming or next_is_heading or self.lines[index + 1].annex
        lone = current is not None and closes and bool(current.lines) and current.lines[-1].endswith("。")
        if _NOTE.match(text) and (current is None or current.kind != "article" or lone):
            self._open = self._add(Unit("note", line.number, lines=[text]), f"{self._base()}note", self._container())
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
        kind = _KIND_OF[structure.group("what")]
        number = number_of(structure.group("number")) or 0
        rank = _RANK[kind]
        above = [i for i in self._stack if self._ranks[i] < rank]
        parent = above[-1] if above else self._annex
        before = self._last_number.get((kind, parent))
        if kind == "chapter" and before is None:  # chapters may run through all parts
            before = self._last_chapter.get(self._annex is not None)
        return number == (before or 0) + 1 or number == 1

    def _enumerate(self, line: _Line, match: re.Match[str]) -> None:
        number = number_of(match.group("number")) or 0
        self._last_enumeration = number
        text = trimmed(match.group("text"))
        unit = Unit("enumeration", line.number, label=match.group("label"), number=number, lines=[text] if text else [])
        self._open = self._add(unit, f"{self._base()}item{number}", self._container())

    def _front_or_preamble(self, line: _Line) -> None:
        """Loose lines on top: the title over again and the document number, then the preamble."""
        text = line.text
        key = solid(text)
        repeats = len(key) >= 2 and key in solid(self.title)
        number = bool(DOCUMENT_NUMBER.match(text))
        adopted = text[0] in "（(" and text[-1] in "）)" and "年" in text
        front = self.units[-1] if self.units and self.units[-1].kind == "front" else None
        if repeats or number or adopted:
            if front:
                front.lines.append(text)
            else:
                self._add(Unit("front", line.number, lines=[text]), "front", self._annex)
                self.doubts.append(Doubt(line.number, "front_repeated", "正文开头重复了标题或文号", text[:40]))
            return
        self._open = self._add(Unit("preamble", line.number, lines=[text]), "pre", self._annex)

    def _append(self, line: _Line, text: str) -> None:
        if self._open is None:
            self._front_or_preamble(dataclasses.replace(line, text=text))
            return
        self._open = len(self.units) - 1  # the order of the source is never broken
        current = self.units[self._open]
        if current.kind == "toc" or (current.kind == "table" and not line.table):
            self._open = self._add(Unit("preamble", line.number, lines=[text]), f"{self._base()}pre", self._container())
            return
        current.lines.append(text)

    # --- afterwards --------------------------------------------------------------------------------------------------
    def _split_signatures(self) -> None:
        """Office and date lines at the end of the body or of an annex."""
        for index in range(len(self.units) - 1, -1, -1):
            unit = self.units[index]
            last = index + 1 == len(self.units) or self.units[index + 1].kind == "annex"
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
            times = self._paths.get(f"{base}sign", 0) + 1
            self._paths[f"{base}sign"] = times
            signed.path = f"{base}sign" if times == 1 else f"{base}sign~{times}"
            self.units.insert(index + 1, signed)
            for other in self.units[index + 2 :]:
                if other.parent is not None and other.parent > index:
                    other.parent += 1

    def _check_gaps(self) -> None:
        for unit in self.units:
            if unit.kind == "article" and not unit.lines:
                self.doubts.append(Doubt(unit.line, "empty_article", f"{unit.label}没有正文", unit.label))
            if unit.path.rsplit("~", 1)[-1].isdigit() and "~" in unit.path and unit.kind in HEADING_KINDS:
                self.doubts.append(
                    Doubt(unit.line, "duplicate_heading", "同级标题的序号重复", f"{unit.label} {unit.heading}"[:40])
                )
        previous: dict[int | None, Unit] = {}
        for unit in self.units:
            if unit.kind == "chapter" and unit.number:
                before = previous.get(unit.parent)
                if before is not None and unit.number > (before.number or 0) + 1:
                    message = f"章的序号不连续：{before.label}之后是{unit.label}"
                    self.doubts.append(Doubt(unit.line, "missing_chapter", message, unit.heading[:40]))
                previous[unit.parent] = unit
        if not any(unit.kind == "article" for unit in self.units):
            self.doubts.append(Doubt(0, "no_article", "没有找到任何条文，按段落或列举项保存"))
        solid_text = sum(len(solid(unit.text)) for unit in self.units)
        if not solid_text:
            self.doubts.append(Doubt(0, "no_text", "没有正文"))
