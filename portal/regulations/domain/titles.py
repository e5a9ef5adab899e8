"""Titles: the key that matches them, and the names people use."""

from __future__ import annotations

import re
import unicodedata

MAX_TITLE = 300
_BLANK = re.compile(r"\s+")
_BRACKETS = str.maketrans("〈〉()［］[]", "《》（）（）（）")
STATE = "中华人民共和国"


def title_key(title: str) -> str:
    """A title for comparing: folded width, without blanks, one kind of brackets. Other punctuation stays: it tells laws apart."""
    return _BLANK.sub("", unicodedata.normalize("NFKC", title).translate(_BRACKETS)).casefold()


def short_names(title: str) -> list[str]:
    """Other names a title goes by: without the name of the state in front, without （试行） and the like at the end."""
    names: list[str] = []
    for name in (title.removeprefix(STATE), re.sub(r"[（(](?:试行|暂行|修订)[）)]$", "", title)):
        for form in (name, name.removeprefix(STATE)):
            if form and form != title and form not in names:
                names.append(form)
    return names
