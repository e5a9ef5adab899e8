"""Writing the table: the same columns that are read, so that what goes out comes back as it was."""

from __future__ import annotations

import decimal
import io
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from portal.organisations.domain.register.leaders import Leaders
from portal.organisations.domain.register.reading import COLUMNS
from portal.organisations.domain.rights import within_paths
from portal.organisations.models import Organisation, Post
from portal.shared.sheets import write_csv, write_xlsx

_CHUNK = 1000


def export_register(paths: Sequence[str] | None, *, file_format: str = "xlsx") -> bytes:
    """The current organisations of the subtrees at `paths` (None: all), superiors first, as XLSX or CSV."""
    rows = Organisation.objects.current().filter(within_paths(list(paths) if paths is not None else None, "path"))
    codes = dict(Organisation.objects.values_list("path", "code").order_by())
    return _table(_lines(list(rows), codes), file_format)


def empty_register(*, file_format: str = "xlsx") -> bytes:
    """The headings alone, and one made-up row that shows how each is filled."""
    example = {
        "code": "D0101",
        "parent": "D01",
        "kind": str(Organisation.Kind.BRANCH.label),
        "name": _("中共示例公司第一支部委员会"),
        "short_name": _("第一党支部"),
        "founded_on": "2020-07-01",
        "leaders": _("书记：张三；组织委员：李四"),
        "term_since": "2024-07-01",
        "term_until": "2027-07-01",
    }
    return _table([_heading(), [example.get(name, "") for name in COLUMNS]], file_format)


def _table(lines: Iterable[list[str]], file_format: str) -> bytes:
    target = io.BytesIO()
    if file_format == "csv":
        write_csv(lines, target)
    else:
        write_xlsx(_("党组织"), lines, target, columns=len(COLUMNS))
    return target.getvalue()


def _heading() -> list[str]:
    return [_(heading) for heading in COLUMNS.values()]


def _lines(rows: Sequence[Organisation], codes: dict[str, str]) -> Iterator[list[str]]:
    yield _heading()
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        leaders = Leaders(part)
        for row in part:
            term = leaders.term_of(row)
            yield [
                row.code,
                codes.get(row.parent_path, ""),
                str(Organisation.Kind(row.kind).label),
                row.name,
                row.short_name,
                row.founded_on.isoformat() if row.founded_on else "",
                row.address,
                row.contact,
                _plain_number(row.longitude),
                _plain_number(row.latitude),
                row.introduction,
                "；".join(
                    f"{Post.Kind(kind).label}：{'、'.join(map(str, people))}"
                    for kind, people in leaders.named_by_post(row).items()
                ),
                term.since.isoformat() if term is not None else "",
                term.until.isoformat() if term is not None else "",
            ]


def _plain_number(value: decimal.Decimal | None) -> str:
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
