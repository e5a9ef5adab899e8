"""The grammar of references: 「民法典第五十四条」, 「第54条之一第二款第（三）项」, 「第十条至第十二条」 in text and in queries.

Text becomes spans with a title candidate and a path; whoever owns the documents resolves them. Names (titles and short
names) are given as a table; the longest that ends where the reference starts counts, because names lie inside others.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

from search.analysis.normalize import fold_with_offsets

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"\u3007": 0, "两": 2}  # \u3007 is the round zero
_UNITS = {"十": 10, "百": 100, "千": 1000}
_CHINESE = "\u3007零一二两三四五六七八九十百千万"
_N = rf"(?:[0-9]{{1,5}}|[{_CHINESE}]{{1,9}})"
_ARTICLE = re.compile(
    rf"""(?: 第\s*(?P<number>{_N}) | (?<![0-9.])(?P<bare>[0-9]{{1,4}}) )\s*条
    (?:\s*之\s*(?P<sub>{_N})(?![条款项]))?
    (?:\s*(?:的\s*)?第\s*(?P<paragraph>{_N})\s*款)?
    (?:\s*(?:的\s*)?第\s*[(（]?\s*(?P<item>{_N})\s*[)）]?\s*项)?
    (?:\s*(?P<link>至|到|[-—～~])\s*第?\s*(?P<until>{_N})\s*条)?""",
    re.VERBOSE,
)
_BEFORE = re.compile(r"[\s》〉」』\"”]*(?:的\s*)?$")
_QUOTED_TITLE = re.compile(r"《([^《》]*(?:《[^《》]*》[^《》]*)*)》\s*(?:[(（][^()（）]{1,40}[)）]\s*)?(?:的\s*)?$")
_SELF = re.compile(r"(本(?:法|条例|规定|办法|细则|准则|解释|决定|章程|规则|通则))\s*的?\s*$")
_TITLE_NOISE = re.compile(r"^[\s《〈「『\"“]+|[\s》〉」』\"”的]+$")


@dataclasses.dataclass(frozen=True)
class Reference:
    """A place named in a text from offset `start` to `end`. `path` goes down to 款 and 项 ("art54/p2/i3"), `article` stops at
    the article ("art54"); `until` is the last article of a range or empty; `label` is the canonical Chinese form."""

    start: int
    end: int
    title: str
    article: str
    path: str
    label: str
    until: str = ""


class NameTable:
    """Titles and short names, ready for the longest match that ends at an offset."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_fold: dict[str, str] = {}
        for name in names:
            self._by_fold.setdefault(fold_with_offsets(name)[0], name)
        self._lengths = sorted({len(name) for name in self._by_fold}, reverse=True)

    def ending_at(self, folded: str, end: int) -> str:
        """The longest name that ends at `end` of the folded text; empty when none does."""
        for length in self._lengths:
            if length <= end:
                name = self._by_fold.get(folded[end - length : end])
                if name is not None:
                    return name
        return ""


def parse_number(text: str) -> int | None:
    """The value of an Arabic or Chinese number up to 99,999 (五十四, 一千二百六十, 一〇二); None when it is not one."""
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(c not in _CHINESE for c in text):
        return None
    if not any(c in _UNITS or c == "万" for c in text):  # digit by digit: 一〇二
        return int("".join(str(_DIGITS[c]) for c in text))
    total, section, digit = 0, 0, None
    for character in text:
        if character == "万":
            total, section, digit = (section + (digit or 0)) * 10_000, 0, None
        elif character in _UNITS:
            section += (1 if digit is None else digit or 1) * _UNITS[character]
            digit = None
        else:
            digit = _DIGITS[character]
    return total + section + (digit or 0)


def chinese_number(value: int) -> str:
    """A number from 0 to 99,999 in Chinese as statutes write it: 10 is 十, 110 is 一百一十, 1005 is 一千零五."""
    if value >= 10_000:
        rest = value % 10_000
        tail = "" if rest == 0 else ("零" if rest < 1000 else "") + _below_ten_thousand(rest)
        return _below_ten_thousand(value // 10_000) + "万" + tail
    return _below_ten_thousand(value)


def _below_ten_thousand(value: int) -> str:
    digits = "零一二三四五六七八九"
    if value < 10:
        return digits[value]
    parts: list[str] = []
    gap = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            parts.append(("零" if gap and parts else "") + digits[digit] + name)
            gap = False
        else:
            gap = True
    text = "".join(parts)
    return text[1:] if text.startswith("一十") else text


def find_references(text: str, names: NameTable | None = None) -> list[Reference]:
    """All references in `text`, in order. The title is the longest of `names` or the 《title》 right before, 「本法」 and its
    like as they stand, else empty. A second article after 、 or 和 keeps the title of the first."""
    folded, offsets = fold_with_offsets(text)
    found: list[Reference] = []
    for match in _ARTICLE.finditer(folded):
        title = _title_before(folded, match.start(), names)
        if match["number"] is None and not title:
            continue  # 「54条」 without 第 counts only behind a title, or "24 条" of anything would
        if (
            not title
            and found
            and re.fullmatch(r"[\s、,，和及与或]*", text[found[-1].end : _at(offsets, match.start())])
        ):
            title = found[-1].title
        reference = _reference(match, title, _at(offsets, match.start()), _at(offsets, match.end() - 1) + 1)
        if reference:
            found.append(reference)
    return found


def reference_in_query(query: str, names: NameTable | None = None) -> Reference | None:
    """The reference that a short query names: what stands before it (or, if nothing does, behind it) is the title candidate.

    None when the query holds no article number or more than one.
    """
    folded, _ = fold_with_offsets(query)
    matches = list(_ARTICLE.finditer(folded))
    if len(matches) != 1 or len(folded) > 120:
        return None
    match = matches[0]
    before, after = _bare_title(folded[: match.start()]), _bare_title(folded[match.end() :])
    title = _title_before(folded, match.start(), names) or before or after
    if match["number"] is None and not title:
        return None
    return _reference(match, title, match.start(), match.end())


def _bare_title(text: str) -> str:
    previous = None
    while previous != text:
        previous, text = text, _TITLE_NOISE.sub("", text)
    return text


def _at(offsets: list[int] | None, index: int) -> int:
    return index if offsets is None else offsets[index]


def _title_before(folded: str, start: int, names: NameTable | None) -> str:
    head = folded[:start]
    quoted = _QUOTED_TITLE.search(head)
    if quoted:
        return quoted[1]
    if names:
        gap = _BEFORE.search(head)
        end = gap.start() if gap else start
        name = names.ending_at(folded, end)
        if name:
            return name
    own = _SELF.search(head)
    return own[1] if own else ""


def _reference(match: re.Match[str], title: str, start: int, end: int) -> Reference | None:
    number = parse_number(match["number"] or match["bare"])
    if not number:
        return None
    article, label = f"art{number}", f"第{chinese_number(number)}条"
    sub = parse_number(match["sub"]) if match["sub"] else None
    if sub:
        article += f"-{sub}"
        label += f"之{chinese_number(sub)}"
    path = article
    for group, prefix, words in (("paragraph", "p", "第{}款"), ("item", "i", "第{}项")):
        value = parse_number(match[group]) if match[group] else None
        if value:
            path += f"/{prefix}{value}"
            label += words.format(chinese_number(value) if group == "paragraph" else f"（{chinese_number(value)}）")
    until = parse_number(match["until"]) if match["until"] else None
    return Reference(start, end, title, article, path, label, f"art{until}" if until and until > number else "")
