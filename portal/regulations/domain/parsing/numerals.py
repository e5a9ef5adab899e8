"""Chinese and Arabic numbers as they stand in the heads of articles."""

from __future__ import annotations

import re
import unicodedata

DIGITS = "〇○零一二三四五六七八九十百千两0-9０-９"  # for a character class
_VALUES = {
    "〇": 0,
    "○": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NAMES = "零一二三四五六七八九"


LARGEST = 99_999  # nothing in a law is numbered higher; more digits are a date or a mistake


def number_of(text: str) -> int | None:
    """The value of "一百二十八", "十", "二〇二一", "53" or "５３", blanks ignored; None if it is no number up to LARGEST."""
    value = _value(text)
    return value if value is not None and value <= LARGEST else None


def _value(text: str) -> int | None:
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return int(text[:10])
    if any(char not in _VALUES and char not in _UNITS for char in text):
        return None
    if not any(char in _UNITS for char in text):
        return int("".join(str(_VALUES[char]) for char in text[:10]))
    total = pending = 0
    for char in text:
        if char in _UNITS:
            total += (pending or 1) * _UNITS[char]
            pending = 0
        else:
            pending = _VALUES[char]
    return total + pending


def chinese_of(number: int) -> str:
    """1 to 9999 in Chinese: 128 gives 一百二十八, 10 gives 十, 110 gives 一百一十."""
    if not 0 < number < 10_000:
        return str(number)
    parts: list[str] = []
    gap = False
    for value, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, value)
        if digit:
            if gap and parts:
                parts.append("零")
            parts.append(("" if digit == 1 and name == "十" and not parts else _NAMES[digit]) + name)
            gap = False
        else:
            gap = True
    return "".join(parts)
