"""The header of a law file: title, dated events, document number, up to the mark that ends it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.parsing.source import trimmed
from portal.regulations.domain.parsing.tree import Doubt, Event, EventKind

END_MARK = re.compile(r"<!--\s*INFO END\s*-->")
_TITLE = re.compile(r"^#\s+(.*)$")
_EVENT = re.compile(r"^[（(]?\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*(.*)$")
_DATE_INSIDE = re.compile(
    r"自?\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*(?:零时)?起\s*(?:施行|实施|执行|生效)"
)
DOCUMENT_NUMBER = re.compile(
    r"^[（(]?\s*(?P<number>[\u4e00-\u9fff、 ]{1,30}?\s?[〔\[［【（(]\s?\d{4}\s?[〕\]］】）)]\s?第?\s?\d+\s?号"
    r"|[\u4e00-\u9fff、 ]{2,40}令\s?(?:[〔\[（(]?\d{4}[〕\]）)]?)?\s?第?\s?[\d一二三四五六七八九十百〇○零]+\s?号)\s*[）)]?$"
)
_ORDER_INSIDE = re.compile(
    r"([\u4e00-\u9fff、]{2,60}?令\s?(?:[〔（(]?\d{4}[〕）)]?)?\s?第\s?[\d一二三四五六七八九十百〇○零]+\s?号)"
)
_KINDS: list[tuple[EventKind, re.Pattern[str]]] = [
    ("repealed", re.compile(r"废止")),
    ("revised", re.compile(r"修订|修正|修改")),
    ("effective", re.compile(r"(?:施行|实施|生效|执行)$")),
    ("promulgated", re.compile(r"公布|发布|印发|颁布|令第?[\d一二三四五六七八九十百]+号$|下发|公告")),
    ("approved", re.compile(r"批准")),
    ("adopted", re.compile(r"通过")),
]


@dataclasses.dataclass
class Header:
    title: str = ""
    part_title: str = ""
    lines: list[str] = dataclasses.field(default_factory=list)
    events: list[Event] = dataclasses.field(default_factory=list)
    document_number: str = ""
    effective_inside: dt.date | None = None  # "自…起施行" inside an event line
    doubts: list[Doubt] = dataclasses.field(default_factory=list)
    body_from: int = 0  # index of the first body line


def read_header(lines: list[str], fallback_title: str) -> Header:
    """Read the header out of the trimmed lines of a file. A file without the end mark keeps as header what looks like one."""
    header = Header()
    end = next((index for index, line in enumerate(lines) if END_MARK.search(line)), None)
    if end is None:
        header.doubts.append(Doubt(0, "no_info_end", "没有 <!-- INFO END --> 标记，题注按日期行推断。"))
        end = _guess_end(lines)
        header.body_from = end
    else:
        header.body_from = end + 1
    wrapped: Event | None = None
    repeated: list[tuple[int, str]] = []
    for index in range(end):
        line = lines[index]
        if not line:
            continue
        title = _TITLE.match(line)
        kept = trimmed(title.group(1)) if title else line
        header.lines.append(kept)
        if title:
            if not header.title:
                header.title = kept
            elif not header.part_title and solid(kept) != solid(header.title):
                header.part_title = kept
            continue
        if event := _event(line, index + 1, header):
            header.events.append(event)
            wrapped = event
        elif number := DOCUMENT_NUMBER.match(line):
            header.document_number = header.document_number or number.group("number").strip()
        elif header.title and solid(line) and solid(line) in solid(header.title):
            repeated.append((index + 1, line))
        elif wrapped is not None:
            wrapped = dataclasses.replace(wrapped, text=wrapped.text + line, kind=_kind(wrapped.text + line))
            header.events[-1] = wrapped
            header.doubts.append(Doubt(index + 1, "header_wrapped", "题注换行，已接到上一行", line[:60]))
        else:
            header.doubts.append(Doubt(index + 1, "header_line", "题注中有无法识别的一行", line[:60]))
    if solid("".join(line for _, line in repeated)) != solid(header.title):  # the whole title once more explains itself
        for number_of_line, line in repeated:
            header.doubts.append(Doubt(number_of_line, "title_repeated", "题注中重复了标题", line[:60]))
    if not header.title:
        header.title = fallback_title
        header.doubts.append(Doubt(0, "no_title", "没有一级标题，标题取自文件名", fallback_title))
    if not header.events:
        header.doubts.append(Doubt(0, "no_event", "题注中没有日期。"))
    if not header.document_number:
        for event in header.events:
            if order := _ORDER_INSIDE.search(event.text):
                header.document_number = order.group(1)
    return header


def _guess_end(lines: list[str]) -> int:
    end = 0
    for index, line in enumerate(lines):
        if not line:
            continue
        if _TITLE.match(line) or _EVENT.match(line) or DOCUMENT_NUMBER.match(line):
            end = index + 1
        else:
            break
    return end


def _event(line: str, number: int, header: Header) -> Event | None:
    match = _EVENT.match(line)
    if not match:
        return None
    year, month, day, text = match.groups()
    text = trimmed(text)
    if line[0] in "（(" and text.endswith(("）", ")")):
        text = text[:-1]
    if text.count("）") > text.count("（"):
        text = text.rstrip("）")
    try:
        date = dt.date(int(year), int(month), int(day))
    except ValueError:
        header.doubts.append(Doubt(number, "bad_date", "题注中有不存在的日期", line[:60]))
        return None
    if inside := _DATE_INSIDE.search(text):
        try:
            header.effective_inside = dt.date(*(int(part) for part in inside.groups()))
        except ValueError:
            header.doubts.append(Doubt(number, "bad_date", "题注中有不存在的日期", line[:60]))
        text_for_kind = text[: inside.start()]
    else:
        text_for_kind = text
    if not text:
        header.doubts.append(
            Doubt(number, "event_without_text", "题注中只有日期，没有写明是通过、公布还是施行", line[:60])
        )
    return Event(date, _kind(text_for_kind), text)


def _kind(text: str) -> EventKind:
    text = text.rstrip("　 ）)根据")
    outside = re.sub(r"《[^》]*》", "《》", text)  # a decision's name tells nothing about this event
    for kind, pattern in _KINDS:
        if pattern.search(outside):
            return kind
    if "《" in text and re.search(r"修正案|决定|修改", text):
        return "revised"
    if text.endswith("令") or "号" in text[-8:]:
        return "promulgated"
    return "other"
