"""Makers for files. Numbers are of a region that is given to nobody (999999), with a correct check character."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import zipfile
from typing import Any

from portal.members.domain.fields import BY_NAME
from portal.members.domain.files import ensure_file
from portal.members.domain.identity import check_character
from portal.organisations.models import Member, Organisation
from tests.factories import make_branch, make_member

BACKEND = "portal.accounts.backends.LoginHandleBackend"
_count = itertools.count(1)


def id_number(born_on: dt.date = dt.date(1988, 3, 7), *, man: bool = True, sequence: int | None = None) -> str:
    """A correct number that belongs to nobody."""
    place = (sequence or next(_count)) * 2 + man
    digits = f"999999{born_on:%Y%m%d}{place % 1000:03}"
    return digits + check_character(digits)


def make_file(organisation: Organisation | None = None, **values: Any) -> Member:
    """A member with a login and a file; fields of the file by name, the rest goes to the member."""
    on_file = {name: values.pop(name) for name in list(values) if name in BY_NAME and BY_NAME[name].on_file}
    member = make_member(organisation or make_branch(), **values)
    file = ensure_file(member)
    for name, value in on_file.items():
        setattr(file, name, value)
    file.id_lookup = BY_NAME["id_number"].hashed(file.id_number)
    file.phone_lookup = BY_NAME["phone"].hashed(file.phone)
    file.save()
    member.file = file
    return member


def full_file(organisation: Organisation | None = None, **values: Any) -> Member:
    """A member of whom every key field is known."""
    born_on = values.get("born_on", dt.date(1988, 3, 7))
    known = {
        "gender": "male",
        "born_on": born_on,
        "id_number": id_number(born_on),
        "phone": "010-82345678",
        "joined_on": dt.date(2012, 7, 1),
        "full_on": dt.date(2013, 7, 1),
    }
    return make_file(organisation, **{**known, **values})


_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData>{}</worksheet>'


def workbook(rows: str, *, after: str = "", extra: dict[str, bytes] | None = None) -> bytes:
    """A workbook from raw XML of its rows, to say things that no library would write."""
    ns = "http://schemas.openxmlformats.org"
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{ns}/spreadsheetml/2006/main" '
        f'xmlns:r="{ns}/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{ns}/package/2006/relationships">'
        '<Relationship Id="rId1" Type="x" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": _SHEET.format(rows, after),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**parts, **(extra or {})}.items():
            archive.writestr(name, text)
    return target.getvalue()


def csv_table(*rows: list[str], encoding: str = "utf-8") -> bytes:
    """A plain CSV."""
    return "\r\n".join(",".join(row) for row in rows).encode(encoding)
