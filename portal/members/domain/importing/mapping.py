"""Which column of a table holds what: guessed from its heading, changed by the person."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Mapping, Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from portal.members.domain.fields import BY_NAME, FIELDS
from portal.members.domain.identity import plain
from portal.shared.sheets import FORMULA, NUMBER, Row, Table, UnreadableTable

UID = "uid"
REQUIRED = ("name", "organisation")
_HEAD_ROWS = 20
_SAMPLES = 3
_UID_HEADERS = ("档案编号", "file number", "uid")


@dataclasses.dataclass(frozen=True)
class Opened:
    """The head of a table: where its heading is, what it says, the first rows below (numbers covered), and the guess."""

    header_row: int
    headers: list[str]
    samples: list[list[str]]
    mapping: dict[str, str]


def targets() -> list[tuple[str, str]]:
    """What a column can hold: (name, label)."""
    return [(UID, _("档案编号")), *((field.name, str(field.label)) for field in FIELDS)]


def folded(heading: str) -> str:
    """A heading without what people put around it: blanks, brackets with a note, asterisks, colons."""
    text = plain(heading.removeprefix(NUMBER)).lower()
    text = re.sub(r"\(.*?\)", "", text)
    return re.sub(r"[\s*:_\-/]", "", text)


def _known_headers() -> dict[str, str]:
    known = {folded(name): UID for name in _UID_HEADERS}
    for field in FIELDS:
        for language in ("zh-hans", "en"):
            with translation.override(language):
                known.setdefault(folded(str(field.label)), field.name)
        for name in field.headers:
            known.setdefault(folded(name), field.name)
    return known


def guess(headers: Sequence[str]) -> dict[str, str]:
    """Column number (as text, from 0) → what it holds, for the headings that are known; the first of two wins."""
    known = _known_headers()
    found: dict[str, str] = {}
    for place, heading in enumerate(headers):
        name = known.get(folded(heading), "")
        if name and name not in found.values():
            found[str(place)] = name
    return found


def read_head(table: Table) -> Opened:
    """Find the heading among the first rows: the one with most known names, else the first. Raises UnreadableTable."""
    head: list[Row] = list(itertools.islice(table.rows(), _HEAD_ROWS + _SAMPLES))
    if not head:
        raise UnreadableTable(_("表格里没有内容。"))
    best = max(range(min(len(head), _HEAD_ROWS)), key=lambda place: (len(guess(head[place][1])), -place))
    number, headers = head[best]
    mapping = guess(headers)
    if not mapping:
        best = 0
        number, headers = head[0]
    if len(head) == best + 1:
        raise UnreadableTable(_("表头下面没有数据行。"))
    samples = [[_covered(cell) for cell in cells] for _number, cells in head[best + 1 : best + 1 + _SAMPLES]]
    return Opened(number, [plain(heading)[:60] for heading in headers], samples, mapping)


def _covered(cell: str) -> str:
    """A sample for the page: runs of digits as long as a phone or ID number are covered."""
    if cell == FORMULA:
        return _("（公式）")
    text = plain(cell.removeprefix(NUMBER))[:30]
    return re.sub(r"\d{8,}[\dXx]?", lambda run: run[0][:3] + "*" * (len(run[0]) - 5) + run[0][-2:], text)


class WrongMapping(ValueError):
    """The columns are not told apart; the message says in Chinese what is missing."""


def settled(raw: Mapping[str, str], columns: int) -> dict[str, str]:
    """A mapping as chosen on the page. Raises WrongMapping: one thing in two columns, no name, no organisation."""
    names = {UID, *BY_NAME}
    mapping = {str(place): raw.get(str(place), "") for place in range(columns) if raw.get(str(place), "") in names}
    labels = dict(targets())
    taken = list(mapping.values())
    for name in taken:
        if taken.count(name) > 1:
            raise WrongMapping(_("“%(name)s”选了不止一列，只能对应一列。") % {"name": labels[name]})
    if lacking := [labels[name] for name in REQUIRED if name not in taken]:
        raise WrongMapping(_("还没有指出哪一列是：%(names)s。") % {"names": "、".join(lacking)})
    return mapping
