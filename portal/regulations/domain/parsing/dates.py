"""The dates of one version, each with where it comes from. Unknown is an answer; a wrong date is the fault.

The clause 自…起施行 in the text belongs to the first version: an amended text keeps it. So it counts only if it is not
earlier than the latest event of the header.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Literal

from portal.regulations.domain.parsing.numerals import number_of
from portal.regulations.domain.parsing.tree import ParsedLaw

Origin = Literal["stated", "derived", "entered", "unknown"]

_FILE_DATE = re.compile(r"[（(](\d{4})-(\d{1,2})-(\d{1,2})[）)]\s*$")
_CLAUSE = re.compile(
    r"本[\u4e00-\u9fff（）]{1,12}?自\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*(?:零时)?(?:起|开始)\s*(?:正式)?(?:施行|实施|执行|生效|试行)"
)
_AT_ONCE = re.compile(
    r"本[\u4e00-\u9fff（）]{1,12}?自(?:公布|发布|颁布|印发|下发)之日起\s*(?:正式)?(?:施行|实施|执行|生效|试行)"
)
_DAY = r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"
_SELF = r"本(?:法|条例|规定|办法|细则|决定|意见|通知|规则|制度|准则|解释|方案|章程|公告|标准|规程|规范)"  # not 本许可证
_UNTIL = re.compile(
    rf"{_SELF}[^。；]{{0,60}}?(?:有效期限?(?:截?止?至|到|为至)|有效至|(?:施行|实施|执行|试行)(?:期限?)?(?:截?止?至|到))\s*{_DAY}"
)
_TERM = re.compile(
    rf"{_SELF}[^。；]{{0,60}}?(?:有效期限?|试行期限?)(?:为|：)?\s*(?P<years>[〇零一二两三四五六七八九十]{{1,3}}|\d{{1,2}})\s?(?P<unit>年|个月)(?!内)"
)
_LATER_TEXT = dt.timedelta(days=31)


@dataclasses.dataclass(frozen=True)
class Dated:
    """A date and its origin; unknown has no date."""

    on: dt.date | None = None
    origin: Origin = "unknown"


@dataclasses.dataclass(frozen=True)
class VersionDates:
    adopted: Dated = Dated()
    promulgated: Dated = Dated()
    revised: Dated = Dated()
    effective: Dated = Dated()
    repealed: Dated = Dated()
    expires: Dated = Dated()  # the first day on which a stated term has ended
    in_file_name: dt.date | None = None


def date_in_name(stem: str) -> dt.date | None:
    """The date that closes a file name without extension, as in 题名(2021-04-29); None if there is none or it is no date."""
    match = _FILE_DATE.search(stem)
    if not match:
        return None
    try:
        return dt.date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def title_in_name(stem: str) -> str:
    """The file name without its date."""
    return _FILE_DATE.sub("", stem).strip()


def dates_of(law: ParsedLaw, in_file_name: dt.date | None = None) -> VersionDates:
    """Work out the dates of the version that `law` is."""
    adopted = promulgated = revised = repealed = Dated()
    effective_event: dt.date | None = None
    for event in sorted(law.events, key=lambda event: event.date):
        if event.kind == "adopted":
            if adopted.on is None:
                adopted = Dated(event.date, "stated")
            else:
                revised = Dated(event.date, "stated")  # adopted again: an interpretation in a new wording
        elif event.kind == "promulgated":
            if promulgated.on is None:
                promulgated = Dated(event.date, "stated")
        elif event.kind == "revised":
            revised = Dated(event.date, "stated")
        elif event.kind == "effective":
            effective_event = event.date
        elif event.kind == "repealed":
            repealed = Dated(event.date, "stated")
    made = [event.date for event in law.events if event.kind not in ("effective", "repealed")]
    latest = max(made, default=None)
    effective = _effective(law, latest, promulgated, revised, effective_event)
    if effective.on and in_file_name and in_file_name > effective.on + _LATER_TEXT:
        effective = Dated()  # the text is of a later date than the header knows: its clause is of an earlier version
    expires = _expires(law, latest, effective)
    return VersionDates(adopted, promulgated, revised, effective, repealed, expires, in_file_name)


def _effective(
    law: ParsedLaw, latest: dt.date | None, promulgated: Dated, revised: Dated, event: dt.date | None
) -> Dated:
    for stated in (event, law.effective_in_header):
        if stated is not None and (latest is None or stated >= latest):
            return Dated(stated, "stated")
    clauses: list[dt.date] = []
    at_once = False
    for text in _last_texts(law):
        for match in _CLAUSE.finditer(text):
            try:
                clauses.append(dt.date(*(int(part) for part in match.groups())))
            except ValueError:
                continue
        at_once = at_once or bool(_AT_ONCE.search(text))
    if len(set(clauses)) == 1 and latest is not None and clauses[0] >= latest:
        return Dated(clauses[0], "stated")
    if not clauses and at_once and promulgated.on is not None and revised.on is None and promulgated.on == latest:
        return Dated(promulgated.on, "derived")
    return Dated()


def _last_texts(law: ParsedLaw) -> list[str]:
    texts = [
        unit.text for unit in law.units if not unit.in_annex and unit.kind in ("article", "enumeration", "preamble")
    ]
    return texts[-6:]


def _expires(law: ParsedLaw, latest: dt.date | None, effective: Dated) -> Dated:
    """The day after the last one of a stated term (有效期至…, 有效期五年). A term counted in years needs a known beginning."""
    found: set[dt.date] = set()
    derived: set[dt.date] = set()
    for text in _last_texts(law):
        for match in _UNTIL.finditer(text):
            try:
                last = dt.date(*(int(part) for part in match.groups()))
            except ValueError:
                continue
            if latest is None or last >= latest:  # else the term of an earlier version
                found.add(last + dt.timedelta(days=1))
        for match in _TERM.finditer(text):
            number = number_of(match["years"])
            if number and effective.on is not None:
                derived.add(_later(effective.on, number * (12 if match["unit"] == "年" else 1)))
    if len(found) == 1:
        return Dated(found.pop(), "stated")
    return Dated(derived.pop(), "derived") if not found and len(derived) == 1 else Dated()


def _later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, 1) + dt.timedelta(days=day.day - 1)  # 29 February: 1 March
