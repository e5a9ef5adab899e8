"""Which 第N条 is the head of an article: the running number is the evidence, never the form alone.

A line that starts with 第N条 and a blank is a head unless something speaks against it (a quotation that was announced, a
wrapped reference). A head glued to its text, broken by a blank or in the middle of a line needs the running number for it.
"""

from __future__ import annotations

import bisect
import dataclasses
import re
from collections.abc import Sequence

from portal.regulations.domain.parsing.numerals import DIGITS, number_of
from portal.regulations.domain.parsing.tree import Doubt

_B = r"[ \u3000\u00a0\u2002\u2003]"  # blanks as they come, those of web pages too
_HEAD = (
    rf"(?:\*\*)?[第笫]{_B}?(?P<number>[{DIGITS}]+(?:{_B}+[{DIGITS}]+)*){_B}?条(?:\*\*)?"
    rf"(?:{_B}?之{_B}?(?P<sub>[一二三四五六七八九十]+|\d+)(?![款项次审]))?(?:\*\*)?"
)
HEAD_AT_START = re.compile(_HEAD)
_HEAD_INSIDE = re.compile(rf"(?<=[。；！？”）〕…：]){_B}{{0,4}}(?=[第笫])|(?<=\S){_B}{{1,4}}(?=[第笫])")
_ENDED = re.compile(rf"[。；！？”）〕…]{_B}*$")
_REFERENCE = re.compile(
    r"^\s?(?:的|第(?![一二三]审|三[人方])|规定|所[列规称指述]|、|，|,|[和至或及与到](?:第|本|其他|前|后)|中(?!华|国|央|外|医|药|小|等|级|介|止|标|断|期)|修改|修正|增加|删去|删除|改为|作为(?=第|本|其|附)|款|项|以[上下外内]|"
    r"之规定|条|相应|依次|》|”|’|〉|列举|以及第|情形|（[一二三四五六七八九十]+）项)"
)
_LOOK_BACK = 3_000  # characters before a head in a line that may hold an open quotation mark
ANNOUNCES_QUOTATION = re.compile(r"(?:增加|增写|修改为|改为|内容如下|作为第).{0,80}[：:]$")
ENUMERATOR = re.compile(r"^[一二三四五六七八九十百]+、")


@dataclasses.dataclass(frozen=True)
class Head:
    """An accepted head: columns of its label in the line, and its number."""

    start: int
    end: int
    number: int
    sub: int


@dataclasses.dataclass(frozen=True)
class _Candidate:
    head: Head
    at_start: bool
    separated: bool
    unbroken: bool
    refers: bool

    @property
    def strong(self) -> bool:
        return self.at_start and self.separated and self.unbroken

    @property
    def key(self) -> tuple[int, int]:
        return (self.head.number, self.head.sub)


@dataclasses.dataclass
class _Quotation:
    """A line such as 增加五条，作为第一百二十三条至第一百二十七条，内容如下： and the articles quoted after it."""

    announcement: str
    last: tuple[int, int] | None = None

    def holds(self, here: tuple[int, int] | None, key: tuple[int, int], label: str) -> bool:
        """Whether an article out of order belongs to the quotation, not to the document."""
        if self.last is not None and key in _expected(self.last):
            belongs = True
        else:
            named = re.sub(r"\s", "", label) in re.sub(r"\s", "", self.announcement)
            belongs = named or here is None or not 0 < key[0] - here[0] <= 3
        if belongs:
            self.last = key
        return belongs


def _candidate(match: re.Match[str], line: str, at_start: bool) -> _Candidate | None:
    number = number_of(match.group("number"))
    if not number or number > 9999:
        return None
    sub = number_of(match.group("sub")) or 0 if match.group("sub") else 0
    rest = line[match.end() : match.end() + 60]
    return _Candidate(
        Head(match.start(), match.end(), number, sub),
        at_start,
        separated=not rest or rest[0].isspace(),
        unbroken=not re.search(r"\s", match.group("number")),
        refers=bool(_REFERENCE.match(rest)),
    )


def find_heads(
    lines: Sequence[str], regions: Sequence[int], breaks: Sequence[bool], first_line: int
) -> tuple[dict[int, list[Head]], list[Doubt]]:
    """The heads of each line. `lines` are trimmed and without heading marks; `regions[i]` names the stretch within which
    numbers run (0 the body, then one an annex), -1 leaves a line out; `breaks[i]` says that line i is a heading. Returns
    {line index: heads by column} and the doubts, with lines counted from `first_line`.
    """
    candidates: list[list[_Candidate]] = []
    at_start_lines: dict[tuple[int, tuple[int, int]], list[int]] = {}
    anywhere: dict[int, set[tuple[int, int]]] = {}
    for index, line in enumerate(lines):
        found: list[_Candidate] = []
        if regions[index] >= 0 and ("条" in line):
            first = HEAD_AT_START.match(line)
            if first and (candidate := _candidate(first, line, at_start=True)):
                found.append(candidate)
                if candidate.strong or not candidate.refers:
                    at_start_lines.setdefault((regions[index], candidate.key), []).append(index)
            for place in _HEAD_INSIDE.finditer(line):
                inside = HEAD_AT_START.match(line, place.end())
                if inside and (candidate := _candidate(inside, line, at_start=False)):
                    found.append(candidate)
        candidates.append(found)
        anywhere.setdefault(regions[index], set()).update(one.key for one in found if not one.refers)

    accepted: dict[int, list[Head]] = {}
    doubts: list[Doubt] = []
    last: dict[int, tuple[int, int]] = {}
    seen: dict[int, set[tuple[int, int]]] = {}
    quoted: dict[int, _Quotation] = {}
    for index, line in enumerate(lines):
        region = regions[index]
        if region < 0:
            continue
        if breaks[index] or ENUMERATOR.match(line):
            quoted.pop(region, None)
        for candidate in candidates[index]:
            here = last.get(region)
            expected = _expected(here)
            fits = candidate.key in expected or (here is None and _may_open(candidate, anywhere.get(region, set())))
            later = at_start_lines.get((region, candidate.key), [])
            comes_later = bisect.bisect_right(later, index) < len(later)
            next_known = bool(at_start_lines.get((region, (candidate.head.number + 1, 0))))
            where = first_line + index
            excerpt = line[candidate.head.start : candidate.head.start + 30]
            take = False
            if candidate.strong:
                if fits:
                    # 第N条 规定… is a head (立法法 86) unless the real one still comes
                    take = not (candidate.refers and comes_later)
                elif region in quoted and quoted[region].holds(
                    here, candidate.key, line[candidate.head.start : candidate.head.end]
                ):
                    doubts.append(Doubt(where, "quoted_article", "引述的条文，没有作为本文件的条", excerpt))
                elif candidate.refers and here is not None and not 0 < candidate.head.number - here[0] <= 3:
                    doubts.append(Doubt(where, "reference_at_start", "行首的“第…条”像引用，没有作为条", excerpt))
                else:
                    take = True
                    if here is not None:
                        doubts.append(Doubt(where, *_jump(here, candidate.key, seen.get(region, set())), excerpt))
            elif candidate.at_start:
                if fits and not comes_later and (not candidate.refers or next_known):
                    take = True
                    if not candidate.unbroken or candidate.refers:
                        doubts.append(Doubt(where, "irregular_head", "条的写法不规范，按序号认定为条", excerpt))
                elif (
                    here is not None
                    and not candidate.refers
                    and not comes_later
                    and 1 < candidate.head.number - here[0] <= 3
                    and next_known
                ):
                    take = True
                    doubts.append(Doubt(where, *_jump(here, candidate.key, seen.get(region, set())), excerpt))
                elif not candidate.refers:
                    doubts.append(Doubt(where, "head_not_in_order", "行首的“第…条”与序号不符，没有作为条", excerpt))
            elif fits and not comes_later and region not in quoted:
                before = line[max(0, candidate.head.start - _LOOK_BACK) : candidate.head.start]
                inside_marks = before.count("“") > before.count("”") or before.count("《") > before.count("》")
                ends = bool(
                    _ENDED.search(before)
                )  # without an end of sentence before it, blanks on both sides must tell
                ends = ends or (here is None and before.rstrip(" \u3000").endswith("："))
                clear = candidate.separated and (ends or not candidate.refers)
                if not inside_marks and (clear or (ends and not candidate.refers)):
                    take = True
                    if not candidate.separated:
                        doubts.append(Doubt(where, "head_inside_line", "条在一行中间，按序号分开", excerpt))
            if take:
                accepted.setdefault(index, []).append(candidate.head)
                last[region] = candidate.key
                seen.setdefault(region, set()).add(candidate.key)
                quoted.pop(region, None)
        if ANNOUNCES_QUOTATION.search(line[-300:]):
            quoted[region] = _Quotation(line)
    return accepted, doubts


def _may_open(candidate: _Candidate, all_heads: set[tuple[int, int]]) -> bool:
    """Whether the numbers of a region may begin here: with 1, or with any number that two more follow (a part of a code)."""
    number = candidate.head.number
    if number == 1:
        return candidate.at_start or (2, 0) in all_heads
    return {(number + 1, 0), (number + 2, 0)} <= all_heads


def _expected(here: tuple[int, int] | None) -> set[tuple[int, int]]:
    if here is None:
        return set()
    number, sub = here
    return {(number + 1, 0), (number, sub + 1)}


def _jump(here: tuple[int, int], key: tuple[int, int], seen: set[tuple[int, int]]) -> tuple[str, str]:
    if key in seen:
        return "duplicate_number", f"条的序号重复：第{key[0]}条"
    if key[0] > here[0]:
        return "missing_number", f"条的序号不连续：第{here[0]}条之后是第{key[0]}条"
    return "number_goes_back", f"条的序号倒退：第{here[0]}条之后是第{key[0]}条"
