"""Finding the terms that a text gives a meaning of its own: 本办法所称…是指, glossary articles (下列用语的含义), …，是指…。"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from portal.regulations.models import DefinedTerm

Scope = DefinedTerm.Scope
LONGEST_TERM = 30
LONGEST_DEFINITION = 1500

_QUOTES = '“”‘’"「」『』'
_ENUMERATOR = r"(?:[（(]?[一二三四五六七八九十百]{1,4}[)）、．.]|[（(]?\d{1,3}[)）、．.](?!\d)|[①-⑳])?\s*"
_OWN = r"本(?:法|条例|办法|规定|规则|规章|规程|细则|实施细则|解释|准则|章程|决定|通知|意见|制度|规范|标准|通则|公约|协定|条约|纪律|批复)"
_NEAR = (
    r"(?:本|前|上)(?:两|二|三|述|列|条|款|项|章|节|编|分则|附件)?(?:[条款项]|规定)?(?:第[一二三四五六七八九十]+[款项])?"
)
_LAW = r"[^，。；：、“”]{0,40}?(?:法|条例|办法|规定|解释|规则|细则|章程)》?第[一二三四五六七八九十百千零〇]+条[^，。；：“”]{0,30}?"
_CALLED = r"(?:中|里|内)?(?:所称|所指|所说|所谓)的?"
_STATED = r"(?:中)?(?:规定|所规定|提到)的"
_NAMES = rf"(?P<names>(?:[{_QUOTES}][^{_QUOTES}，。；]{{1,{LONGEST_TERM}}}[{_QUOTES}][、和及或以与]*)+|[^，。；：\n{_QUOTES}]{{2,{LONGEST_TERM}}}?)"
_MEANS = r"[，,]?\s?(?:均|都|仅|系|就)?(?:是指|系指)"
_INCLUDES = (
    r"(?:[，,]\s?)?(?:(?:均|都)?(?:包括|包含|不包括)|[，,]\s?(?:指(?![定导挥使派明引示令认控])|即指|特指|仅指|即))"
)

_IS = r"[，,]?\s?是(?=包括|包含|被|对|由|以|在|从|为)"
_START = r"(?:(?<=^)|(?<=[。；\n]))"
_OF_THIS = re.compile(
    rf"(?P<where>{_OWN}(?:中|内)?|{_NEAR}|{_LAW})(?:{_CALLED})\s?{_NAMES}(?:{_MEANS}|{_INCLUDES}|{_IS})"
)
_STATED_THERE = re.compile(rf"{_START}{_ENUMERATOR}(?P<where>{_NEAR}|{_LAW}){_STATED}\s?{_NAMES}{_MEANS}")
_QUOTED_THERE = re.compile(
    rf"{_START}{_ENUMERATOR}(?P<where>{_OWN}|{_NEAR}|{_LAW}){_STATED}\s?(?P<names>(?:[{_QUOTES}][^{_QUOTES}，。；]{{1,{LONGEST_TERM}}}[{_QUOTES}][、和及或以与]*)+){_INCLUDES}"
)
_PLAIN = re.compile(rf"{_START}{_ENUMERATOR}{_NAMES}{_MEANS}")
_WITH_QUOTES = re.compile(
    rf"{_START}{_ENUMERATOR}(?P<names>[{_QUOTES}][^{_QUOTES}，。；]{{1,{LONGEST_TERM}}}[{_QUOTES}])(?:[，,]\s?指|系指)"
)
_GLOSSARY = re.compile(
    r"(?:下列|以下|有关|主要|相关|若干)[^。\n]{0,12}(?:用语|名词|术语|词语|概念|作品|名称)[^。\n]{0,6}?(?:的)?(?:含义|定义|涵义|意义|解释|释义)"
    r"|(?:用语|名词|术语)(?:的)?(?:含义|定义|涵义|解释|释义)"
)
_ENTRY = re.compile(
    rf"^{_ENUMERATOR}(?P<names>[{_QUOTES}]?[^，。；：:\n]{{2,{LONGEST_TERM}}}?[{_QUOTES}]?)(?:[，,]?\s?(?:是指|系指|包括|即)|[，,]\s?指|[：:]\s?(?:是?指)?|\s?指(?![定导挥使派明引示令]))"
)
_ABBREVIATED = re.compile(r"[（(](?:以下(?:统称|简称|称)|下称|简称|统称)[“]?(?P<short>[^）)”]{2,20})[”]?[）)]")
_NO_TERM = re.compile(
    r"^(?:这里|此处|该|此|其(?!他)|主要|一般|通常|但|如果|不|仅|也|均|上述|前述|所有|任何|每|凡|下列|有下列|在|如|这|使用的|本|前款|所称|对于)|[？！]|所[称指]|规定的|含[义意]|(?:情形|规定|情况|具体|第[一二三四五六七八九十]+[款项条])$|^第?[一二三四五六七八九十百\d]+[款项条]"
)
NOT_IN_TEXT = frozenset({"以上", "以下", "以内", "以外", "不满", "超过", "届满", "不足", "之内", "以前", "以后"})
_AMENDS = re.compile(r"修正案|关于(?:修改|修订|修正|废止)|的补充规定")


@dataclasses.dataclass(frozen=True)
class Definition:
    """`term` is defined by the characters `start` to `end` of the article's text, for the reach of `scope`."""

    term: str
    start: int
    end: int
    scope: Scope


def defines_terms(title: str) -> bool:
    """Whether a text speaks for itself: what an amending act quotes defines words of another text."""
    return not _AMENDS.search(title)


def definitions_in(text: str) -> list[Definition]:
    """What an article defines, in the order of the text, each term once. A term that is also used for numbers (以上、以下) is
    among them; `NOT_IN_TEXT` says which of them are not worth a mark in running text."""
    if not any(word in text for word in ("指", "所称", "含义", "定义", "释义", "涵义")):
        return []
    found: dict[str, Definition] = {}
    for definition in sorted(_all_in(text), key=lambda one: (one.start, one.end)):
        found.setdefault(definition.term, definition)
    return list(found.values())


def _all_in(text: str) -> Iterator[Definition]:
    glossary = _GLOSSARY.search(text)
    entries_from = text.find("\n", glossary.start()) + 1 if glossary else 0
    taken: list[tuple[int, int]] = []
    if glossary and entries_from:
        for line in re.finditer(r"[^\n]+", text[entries_from:]):
            entry = _ENTRY.match(line.group())
            if entry:
                start = entries_from + line.start()
                end = entries_from + line.end()
                taken.append((start, end))
                for term in _terms(entry["names"]):
                    yield Definition(term, start, min(end, start + LONGEST_DEFINITION), Scope.WORK)
    starts = sorted(
        (
            match
            for pattern in (_OF_THIS, _STATED_THERE, _QUOTED_THERE, _WITH_QUOTES, _PLAIN)
            for match in pattern.finditer(text)
            if not any(a <= match.start() < b for a, b in taken)
        ),
        key=lambda match: (match.start("names"), match.start()),
    )
    at = -1
    for place, match in enumerate(starts):
        if match.start("names") <= at or _in_quotes(text, match.start()):
            continue
        names = list(_terms(match["names"]))
        if not names:
            continue
        at = match.start("names")
        start = _sentence_start(text, match.start())
        following = next((m.start() for m in starts[place + 1 :] if m.start() > match.end()), len(text))
        end = _sentence_end(text, match.end(), following)
        where = match.groupdict().get("where") or ""
        for term in names:
            yield Definition(term, start, min(end, start + LONGEST_DEFINITION), _scope(where))


def _terms(names: str) -> Iterator[str]:
    """The words themselves: without quotes and brackets, a list of quoted or short ones apart, and the short name beside."""
    quoted = re.findall(rf"[{_QUOTES}]([^{_QUOTES}]+)[{_QUOTES}]", names)
    short = _ABBREVIATED.search(names)
    plain = re.sub(r"[（(][^）)]*[）)]", "", names)
    if not quoted and plain.endswith("的"):
        return  # a case, not a name: 当事人为法人的，是指…
    parts = quoted or [plain]
    if not quoted and "、" in plain:
        pieces = re.split(r"、|以及|和", plain)
        if all(len(piece) == 2 for piece in pieces):
            parts = pieces
    for part in [*parts, *([short["short"]] if short else [])]:
        term = part.strip(f" \u3000{_QUOTES}《》的")
        if 2 <= len(term) <= LONGEST_TERM and re.search(r"[\u4e00-\u9fff]", term) and not _NO_TERM.search(term):
            yield term


def _scope(where: str) -> Scope:
    if re.match(r"本[章节编分]", where):
        return Scope.CHAPTER
    if re.match(r"前|上|本[条款项]$|本[条款项](?:第|中|$)", where) and not where.startswith("本条例"):
        return Scope.ARTICLE
    return Scope.WORK


def _in_quotes(text: str, at: int) -> bool:
    """Whether a place lies inside quotes that opened before it: words of another text."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line.count("“") > line.count("”")


def _sentence_start(text: str, at: int) -> int:
    start = max(text.rfind(mark, 0, at) for mark in ("。", "；", "\n")) + 1
    while start < len(text) and text[start] in " \u3000\n":
        start += 1
    return start


def _sentence_end(text: str, after: int, following: int) -> int:
    """The end of the sentence, with the list that it introduces; before the next definition."""
    stop = min((place for mark in ("。", "\n") if (place := text.find(mark, after)) >= 0), default=len(text))
    end = stop + (text[stop : stop + 1] == "。")
    if following < end:
        return following
    if text[after:stop].rstrip().endswith(("：", ":")) or text[stop - 1 : stop] in ("：", ":"):
        for line in re.finditer(r"[^\n]+", text[stop:]):
            if not re.match(rf"{_ENUMERATOR[:-4]}", line.group()) or not re.match(
                r"[（(]?[一二三四五六七八九十\d]{1,4}[)）、．.]", line.group()
            ):
                break
            end = stop + line.end()
    return end
