"""Values that have a form of their own: ID numbers (GB 11643), phone numbers, dates. Read from what people type or paste."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import unicodedata

from django.utils.translation import gettext as _

from portal.ground.clock import today

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}-?[1-9]\d{6,7}(?:-\d{1,6})?")
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.0+)?)?)?"
)
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:\.0+)?")  # of four digits it would be a year
_SERIAL_START = dt.date(1899, 12, 30)  # day 0 of spreadsheets, with their 29 February 1900
_SERIAL_START_1904 = dt.date(1904, 1, 1)
EARLIEST = dt.date(1900, 1, 1)


class UnreadableValue(ValueError):
    """A value has not the form it should; the message says in Chinese what to do."""


@dataclasses.dataclass(frozen=True)
class IdNumber:
    """A correct ID number and what it says. `gender` is "male" or "female"."""

    number: str
    born_on: dt.date
    gender: str


def plain(text: str) -> str:
    """The text in one width, without control characters, blanks at its ends, and runs of blanks."""
    folded = unicodedata.normalize("NFKC", text)
    return " ".join("".join(c if c.isprintable() else " " for c in folded).split())


def check_character(digits: str) -> str:
    """The 18th character of an ID number for its first 17 digits (GB 11643, ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11]


def read_id_number(text: str) -> IdNumber:
    """An ID number as typed. Raises UnreadableValue: not 18 characters, an impossible birth date, a wrong check character."""
    number = plain(text).replace(" ", "").replace("-", "").upper()
    if re.fullmatch(r"\d(\.\d+)?E\+?\d+", number):
        raise UnreadableValue(_("身份证号被表格软件当成了数字，末几位已经丢失；请把这一列设为文本格式后重新填写。"))
    if re.fullmatch(r"\d{15}", number):
        raise UnreadableValue(_("这是 15 位的旧号码，请填写 18 位身份证号。"))
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number):
        raise UnreadableValue(_("身份证号应为 18 位，前 17 位是数字，末位是数字或 X；请对照证件核对。"))
    try:
        born_on = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        born_on = EARLIEST
    if not EARLIEST < born_on <= today():
        raise UnreadableValue(_("身份证号第 7 至 14 位不是可能的出生日期；请对照证件核对。"))
    if check_character(number[:17]) != number[17]:
        raise UnreadableValue(_("身份证号的校验位不对，多半是某一位录错了；请对照证件核对。"))
    return IdNumber(number, born_on, "male" if int(number[16]) % 2 else "female")


def read_phone(text: str) -> str:
    """A mobile or landline number as stored: digits, a landline with its area code and a hyphen. Raises UnreadableValue."""
    number = re.sub(r"[\s()]", "", plain(text)).replace("—", "-").replace("–", "-")
    number = re.sub(r"^(\+|00)?86-?(?=1[3-9])", "", number)
    if number.endswith(".0"):
        number = number[:-2]  # a number cell
    if _MOBILE.fullmatch(number.replace("-", "")):
        return number.replace("-", "")
    if _LANDLINE.fullmatch(number):
        return number
    raise UnreadableValue(_("请填写 11 位手机号，或带区号的固定电话，例如 010-12345678。"))


def read_date(text: str, *, since_1904: bool = False) -> dt.date:
    """A date written 2026-11-21, 2026/11/21, 2026.11.21, 20261121, 2026年11月21日, or as a spreadsheet's day number (`since_1904`
    as old files of one maker count). Raises UnreadableValue."""
    typed = plain(text)
    found = _YEAR_FIRST.fullmatch(typed) or _EIGHT_DIGITS.fullmatch(typed)
    try:
        if found:
            day = dt.date(*(int(part) for part in found.groups()[:3]))
        elif serial := _SERIAL.fullmatch(typed):
            day = (_SERIAL_START_1904 if since_1904 else _SERIAL_START) + dt.timedelta(days=int(serial[1]))
        else:
            raise ValueError
    except (ValueError, OverflowError):
        raise UnreadableValue(_("看不懂这个日期；请写成 2026-11-21 的样子，要有年、月、日。")) from None
    if not EARLIEST <= day <= dt.date(2100, 12, 31):
        raise UnreadableValue(_("这个日期不在 1900 年至 2100 年之间，请核对。"))
    return day


def masked(text: str, *, head: int, tail: int) -> str:
    """The first and last characters, the rest as asterisks; all asterisks where that would show more than two thirds."""
    if not text:
        return ""
    if (head + tail) * 3 > len(text) * 2:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + (text[-tail:] if tail else "")
