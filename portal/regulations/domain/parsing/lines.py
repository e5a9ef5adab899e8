"""The first look at a body: what each line is before the numbers of the articles are known."""

from __future__ import annotations

import dataclasses
import re

from portal.regulations.domain.parsing.balance import LAYOUT_COMMENT, solid
from portal.regulations.domain.parsing.numerals import DIGITS, number_of
from portal.regulations.domain.parsing.source import trimmed
from portal.regulations.domain.parsing.tree import Doubt

STRUCTURE = re.compile(rf"^(?P<label>第\s?(?P<number>[{DIGITS}]+)\s?(?P<what>分编|编|章|节|目|部分))(?P<title>.*)$")
ANNEX = re.compile(
    rf"^(?P<label>(?:[（(【\[]\s?)?附\s?(?:件|表|录|图|注)?\s?(?P<number>[{DIGITS}]{{0,3}})(?:\s?[）)】\]])?)(?P<tail>\s?[：:．.、]\s*|\s+|$)(?P<title>.*)$"
)
FINAL_CHAPTER = re.compile(r"^附\s*则$")
_MARKED = re.compile(r"^(#{1,6})(?:\s+(.*))?$")
_STRUCTURE_AT_END = re.compile(rf"(?<=[。；）”])\s*(?=第[{DIGITS}]+[编章节]\s?[\u4e00-\u9fff、（） ]{{2,24}}$)")
_ANNEX_INSIDE = re.compile(rf"\s(?=附(?:件|表|录|图)[{DIGITS}]{{1,3}}\s)")
_CONTENTS = re.compile(r"^目\s*[录次]\s*$")


@dataclasses.dataclass
class Line:
    number: int  # from 1 in the file
    text: str
    depth: int = 0  # heading marks
    region: int = 0
    annex: bool = False
    toc: bool = False
    table: bool = False
    hint: bool = False  # a layout comment


class LineReader:
    """Reads the lines of one body. `lines` and `doubts` are the result."""

    def __init__(self, lines: list[str], first_line: int) -> None:
        self.lines: list[Line] = []
        self.doubts: list[Doubt] = []
        self._read_lines(lines, first_line)
        self._mark_contents()
        self._mark_annexes()

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
            line = Line(number, text, depth=len(marked.group(1)) if marked else 0)
            line.table = in_table or (not marked and text.startswith("|"))
            if line.table or line.depth:
                self.lines.append(line)
                continue
            for piece in self._split(text):
                self.lines.append(Line(number, piece))

    def _split(self, text: str) -> list[str]:
        """A line in which a heading or a further annex is glued to the end of a paragraph."""
        if ANNEX.match(text) and _ANNEX_INSIDE.search(text):
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
                opening = STRUCTURE.match(self.lines[index + 1].text)
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
            match = ANNEX.match(line.text)
            if match and self._is_annex(match, line, index, numbers):
                region += 1
                line.annex = True
            elif (
                line.depth == 1
                and index
                and not last_h1
                and not (starts.match(line.text) or STRUCTURE.match(line.text))
            ):
                region += 1
                line.annex = True
                self.doubts.append(
                    Doubt(line.number, "second_document", "正文中又有一个一级标题，按附件处理", line.text[:40])
                )
            last_h1 = line.depth == 1
            line.region = region

    def _is_annex(self, match: re.Match[str], line: Line, index: int, numbers: list[tuple[int, int]]) -> bool:
        if FINAL_CHAPTER.match(line.text) or index == 0:
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
