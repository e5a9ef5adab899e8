"""The grammar of references in a statute: 《X》第三条、第五条至第八条第二款第（三）项, 本法第九条, 前款, 国务院令第588号.

`find` turns the text of one article into mentions. A mention names a work (by the key of its title, or this very text) and
a place in it. What looks like a title but is none (《营业执照》) gives no mention.
"""

from __future__ import annotations

import dataclasses
import re

from portal.regulations.domain.citations.laws import law_ending
from portal.regulations.domain.citations.names import Names, plain_key
from portal.regulations.domain.citations.surroundings import Place, Surroundings
from portal.regulations.domain.parsing.numerals import number_of

_N = r"[〇零一二三四五六七八九十百千两]{1,9}|[0-9０-９]{1,4}"
_KIND_OF_RULE = "法|条例|规定|办法|细则|准则|解释|决定|章程|规则|通则|规程|规范|制度|意见|批复|通知|公约|议定书|协定|法典|决议|守则|公告|方案|标准"
_ARTICLE = rf"第\s?(?P<art>{_N})\s?条(?:\s?之(?P<sub>[一二三四五六七八九十]{{1,3}})(?![款项审次]))?"
_PARAGRAPH = rf"第\s?(?P<par>{_N})\s?款"
_ITEM = rf"第?\s?[（(]?\s?(?P<item>{_N})\s?[）)]?\s?项"
_STEP = re.compile(
    rf"(?:{_ARTICLE}(?:的?\s?{_PARAGRAPH})?(?:的?\s?{_ITEM})?"
    rf"|第\s?(?P<par2>{_N})\s?款(?:的?\s?第?\s?[（(]?\s?(?P<item2>{_N})\s?[）)]?\s?项)?"
    rf"|第\s?[（(]?\s?(?P<item3>{_N})\s?[）)]?\s?项|[（(]\s?(?P<item4>{_N})\s?[）)]\s?项)"
)
_JOIN = re.compile(r"\s?(?:、|,|，(?=第)|和|及|与|或者|或|以及|并|、以及|，以及|，或者)\s?(?=[第（(])")
_RANGE = re.compile(r"\s?(?:至|到|—|－|-|～)\s?(?=[第（(])")
_TITLE = re.compile(r"《(?P<title>[^《》]*(?:《[^《》]*》[^《》]*)*)》")
_NOTE = re.compile(
    r"\s?[（(][^（）()]{0,60}(?:[（(][^（）()]{0,30}[）)][^（）()]{0,30})?[）)]"
)  # a number or 以下简称 behind a title
_SELF = re.compile(rf"本(?:{_KIND_OF_RULE})(?=\s?的?\s?第)")
_THAT = re.compile(rf"(?:该|(?<!合)同)(?:{_KIND_OF_RULE})(?=\s?的?\s?第)")
_NEAR = re.compile(
    r"(?P<what>前(?P<many>[一二两三四五六七八九十]{0,2})(?P<unit>[条款项])|本(?P<own>[条款项]))(?![件目数])"
)
_ALONE = re.compile(
    rf"(?<![条款项章节、和及与或至到第])(?:第\s?(?P<p>{_N})\s?款|第\s?[（(]?\s?(?P<i>{_N})\s?[）)]?\s?项)"
)
_RULE_END = re.compile(r"(?:法典|法|条例|规定|办法|细则|准则|解释|决定|章程|规则|通则|规程|公约|议定书|典|条约|意见)")
_NOT_A_LAW_BEHIND = re.compile(
    r"(?:律|规(?!定)|人|定(?!的)|院|制|庭|官|学|治|理|警|医|案|文(?!件)|条(?!例)|宝|实施(?:条例|细则|办法)|修正案|草案|解释(?!第))"
)
_BEFORE_A_NAME = re.compile(
    r"(?:^|[彻\s，。、；：:（(《》〉“”‘’）)的和与及或照据反用在对由按依于以即如除见同向为因指合违犯等其有将受至]|中华人民共和国|我国|现行|原|国家|符合)$"
)
_NEVER_PART_OF_ANOTHER = frozenset(
    {"民法典", "宪法", "刑法", "民事诉讼法", "刑事诉讼法", "行政诉讼法", "劳动合同法", "公司法"}
)
_GENERIC = re.compile(rf"(?P<name>[\u4e00-\u9fff]{{2,40}}?(?:{_KIND_OF_RULE}))(?:的)?\s?$")
_LEADING_WORDS = re.compile(
    r"^.*(?:对于|关于|由于|至于|依照|按照|根据|违反|适用|符合|依据|参照|以及|或者|触犯|擅自使用|使用|实施|构成|除|和|与|及|或|按|的|是|在|对|由|有|即|以|受|为|犯)(?=[\u4e00-\u9fff]{2})"
)
_NUMBER = re.compile(
    r"(?:[\u4e00-\u9fff]{1,12}[〔［\[（(【]\s?\d{4}\s?[〕］\]）)】]\s?第?\s?\d{1,4}\s?号"
    r"|(?:国务院|[\u4e00-\u9fff]{2,16}?(?:部|委员会|总局|署|局|银行|院|主席|会))令\s?(?:[〔［\[（(]?\d{4}年?[〕］\]）)]?)?\s?第\s?(?:\d{1,4}|[〇零一二三四五六七八九十百]{1,7})\s?号)"
)
_FALSE_TITLE = re.compile(
    r"(?:证|证书|执照|许可证|通知书|决定书|意见书|裁定书|判决书|申请书|申请表|登记表|报告|报告书|目录|清单|名录|标准|册|簿|表|书|单|合同|协议|号|报|杂志|告知书|凭证|批准书|资格证|证明|证明书|说明|图|纲要|规划|计划|手册|指南|公报|日报|大纲|名单|字典|词典|全书|档案)$"
)
_LAW_TITLE = re.compile(
    rf"(?:{_KIND_OF_RULE}|修正案|规章|大纲|纪要|安排|宪法|总则|通告|命令|声明|换文|宣言|准则|方法)(?:[（(][^（）()]*[）)])?$"
)


@dataclasses.dataclass(frozen=True)
class Mention:
    """Characters `start` to `end` speak of a work (`title`: its key; empty for this very text) and of a place in it, `path`
    (art54/p2/i3, empty for the whole work) up to `until` (the last of a range, or empty). `number` is a document number."""

    start: int
    end: int
    title: str
    path: str = ""
    until: str = ""
    number: str = ""


@dataclasses.dataclass
class _Step:
    start: int
    end: int
    article: str
    paragraph: int
    item: int

    @property
    def path(self) -> str:
        parts = [self.article] if self.article else []
        if self.paragraph:
            parts.append(f"p{self.paragraph}")
        if self.item:
            parts.append(f"i{self.item}" if self.paragraph or not self.article else f"p1/i{self.item}")
        return "/".join(parts)


_LEADS_ON = re.compile(rf"\s?(?:的|原|中的?)?\s?(?:第(?:{_N})[编章节])*的?(?=第)")
_ELIDED = re.compile(
    rf"第\s?[（(]?(?P<first>{_N})[）)]?(?P<rest>(?:(?:、|和|或者|或|及|与)[（(]?(?:{_N})[）)]?)+)\s?(?P<unit>[条款项])"
)


def amended_by(title: str, names: Names) -> str:
    """The key of the work that an amending text with this title speaks of when it says 第三条; empty for other texts."""
    decision = re.search(r"^(?P<by>.*?)关于修[改订正]《(?P<what>.+?)》(?:等.{0,20})?的(?:决定|补充规定)", title)
    if decision:
        return (
            names.known(decision["by"] + decision["what"])
            or names.known(decision["what"])
            or plain_key(decision["what"])
        )
    amendment = re.match(r"(?P<what>.+?)修正案", title)
    return names.known(amendment["what"]) or plain_key(amendment["what"]) if amendment else ""


def find(
    text: str, names: Names, place: Place, *, own: str = "", default: str = "", aliases: dict[str, str] | None = None
) -> list[Mention]:
    """All mentions in the text of one article, in order. `own` is the key of this text's title, `default` the key of the work
    that a place without a title belongs to (the amended law in an amending decision; empty for this text)."""
    reader = _Reader(text, names, place, own, default, aliases or {})
    return reader.read()


class _Reader:
    def __init__(self, text: str, names: Names, place: Place, own: str, default: str, aliases: dict[str, str]) -> None:
        self.text, self.names, self.place, self.own, self.default = text, names, place, own, default
        self.aliases = aliases
        self.found: list[Mention] = []
        self.last_title = ""
        self.surroundings = Surroundings(text, place, default)

    def read(self) -> list[Mention]:
        taken = 0
        for start, end, title, is_name in self._heads():
            if start < taken:
                continue
            taken = max(taken, self._from(start, end, title, is_name))
        return sorted(self.found, key=lambda mention: mention.start)

    # --- where something begins --------------------------------------------------------------------------------------
    def _heads(self) -> list[tuple[int, int, str | None, str]]:
        """(start, end, key or None for a false title, kind), in order; longer ones first."""
        text = self.text
        heads: list[tuple[int, int, str | None, str]] = []
        inside: list[tuple[int, int]] = []
        for match in _TITLE.finditer(text):
            heads.append((match.start(), match.end(), self._title(match["title"]), "title"))
            inside.append((match.start(), match.end()))
        for match in _RULE_END.finditer(text):
            if any(start < match.start() < end for start, end in inside):
                continue
            if _NOT_A_LAW_BEHIND.match(text, match.end()):
                continue
            start, key = self.names.ending_at(text, match.end(), self.aliases)
            if start >= 0 and self._may_begin(start, text[start : match.end()], match.end()):
                heads.append((start, match.end(), key, "name"))
        for pattern, kind in ((_SELF, "self"), (_THAT, "that")):
            for match in pattern.finditer(text):
                heads.append((match.start(), match.end(), "", kind))
        for match in _NUMBER.finditer(text):
            line = text[text.rfind("\n", 0, match.start()) + 1 : match.end() + 1]
            alone = line.strip() == match.group().strip()  # the number of this very text
            if not alone and not any(start < match.start() < end for start, end in inside):
                led = re.match(r"(?:依照|按照|根据|依据|参照|执行|适用|经|由|和|与|见|的)+", match.group())
                heads.append((match.start() + (led.end() if led else 0), match.end(), "", "number"))
        for match in _NEAR.finditer(text):
            heads.append((match.start(), match.end(), "", "near"))
        for match in _STEP.finditer(text):
            before = text[match.start() - 1 : match.start()]
            heads_line = before == "“" or (before == "\n" and self.default)
            quoted_head = heads_line and re.match(r"[\s\u3000]", text[match.end() :])
            if match["art"] and not quoted_head:
                heads.append((match.start(), match.start(), "", "article"))
        for match in _ALONE.finditer(text):
            heads.append((match.start(), match.start(), "", "alone"))
        return sorted(heads, key=lambda head: (head[0], -(head[1])))

    def _title(self, title: str) -> str | None:
        key = self.aliases.get(title) or self.names.known(title.translate(str.maketrans("〈〉", "《》")))
        if key:
            return key
        if _LAW_TITLE.search(title) and not _FALSE_TITLE.search(title):
            return plain_key(title)
        return None

    def _may_begin(self, start: int, name: str, end: int) -> bool:
        generic = len(name) < 3 and name not in ("宪法", "刑法", "民法", "水法")
        if generic and not re.match(r"的?\s?第", self.text[end : end + 3]):
            return False
        if name in _NEVER_PART_OF_ANOTHER:
            return True
        before = self.text[max(0, start - 7) : start]
        return bool(_BEFORE_A_NAME.search(before))

    # --- from there ---------------------------------------------------------------------------------------------------
    def _from(self, start: int, end: int, title: str | None, kind: str) -> int:
        if kind == "title" or kind == "name":
            return self._work(start, end, title, kind)
        if kind == "self":
            itself = self.text[start + 1 : end] in ("决定", "解释", "规定")
            return self._places(start, end, "" if itself else self.default)
        if kind == "that":
            return self._places(start, end, self.last_title)
        if kind == "number":
            self.found.append(Mention(start, end, "", number=self.text[start:end]))
            return end
        if kind == "near":
            return self._near(start, end)
        if kind == "article":
            return self._places(start, end, self._title_of_article(start))
        return self._alone(start)

    def _work(self, start: int, end: int, title: str | None, kind: str) -> int:
        """A title or name, what is bracketed behind it, and the places that follow."""
        after = end
        if note := _NOTE.match(self.text, end):
            behind = self.text[note.end() : note.end() + 3]
            if re.match(r"的?\s?第", behind) or re.search(r"简称|称|号|〔|\[|［", note.group()):
                after = note.end()
        if title is None:
            return end
        before = self.text[:start]
        if not (self.default and before.count("“") > before.count("”")):  # quoted words name other works
            self.last_title = title
        target = "" if title == self.own else title
        follows = _LEADS_ON.match(self.text, after)
        step = _STEP.match(self.text, follows.end()) if follows else None
        if follows is not None and step is not None and step["art"]:
            return self._places(start, follows.end(), target)
        if target:
            self.found.append(Mention(start, end, target))
        return after if after > end else end

    def _title_of_article(self, start: int) -> str | None:
        """The work of a place without a known title before it: a name that no table holds, or this text."""
        head = re.sub(r"的?\s?$", "", self.text[max(0, start - 45) : start])
        if law := law_ending(head):
            return plain_key(law)
        generic = _GENERIC.search(head)
        if generic and not re.search(
            rf"(?:本|该|(?<!合)同|前款|前条|上述|有关|下列|其他|以下|所列)(?:{_KIND_OF_RULE})$", head
        ):
            name = _LEADING_WORDS.sub("", generic["name"])
            if len(name) >= 3 and not re.match(r"^(?:法|条例|规定|办法)", name):
                return plain_key(name)
        if self.default and self.last_title:
            return "" if self.last_title == self.own else self.last_title
        return self.default

    def _places(self, start: int, at: int, title: str | None) -> int:
        """A list of places from `at`; the first mention begins at `start`."""
        gap = re.match(r"\s?的?\s?", self.text[at : at + 3])
        at += gap.end() if gap else 0
        step = _STEP.match(self.text, at)
        if step is None:
            return at
        if title is None:
            return step.end()
        return self._list(start, self._step(step, None), title)

    def _list(self, start: int, step: _Step, title: str) -> int:
        """Go on with 、第五条 and 至第八条 as long as they follow."""
        begin = start
        while True:
            if elided := _ELIDED.match(self.text, step.end):
                return self._elided(begin, step, elided, title)
            first, until = step, ""
            if (link := _RANGE.match(self.text, step.end)) and (last := _STEP.match(self.text, link.end())):
                step = self._step(last, first)
                until = step.path
            path = first.path
            if path:
                self.found.append(Mention(begin, step.end, title, path, until))
            join = _JOIN.match(self.text, step.end)
            following = _STEP.match(self.text, join.end()) if join else None
            if following is None:
                return step.end
            step = self._step(following, step)
            begin = step.start

    def _elided(self, begin: int, step: _Step, match: re.Match[str], title: str) -> int:
        """第一、二项 behind an article or a paragraph: one mention each."""
        numbers = list(re.finditer(_N, match.group()))
        for number in numbers:
            value = number_of(number.group()) or 0
            end = match.end() if number is numbers[-1] else match.start() + number.end()
            while end < match.end() and self.text[end] in "）)":
                end += 1
            if match["unit"] == "款":
                place = _Step(begin, end, step.article, value, 0)
            elif match["unit"] == "项":
                place = _Step(begin, end, step.article, step.paragraph, value)
            else:
                place = _Step(begin, end, f"art{value}", 0, 0)
            self.found.append(Mention(begin, end, title, place.path))
            begin = end
            while begin < match.end() and self.text[begin] in "、和或者及与":
                begin += 1
        return match.end()

    def _step(self, match: re.Match[str], before: _Step | None) -> _Step:
        """One place; what it leaves out is that of the place before it in the list."""
        if match["art"]:
            number, sub = number_of(match["art"]) or 0, number_of(match["sub"] or "") or 0
            article = f"art{number}" + (f"-{sub}" if sub else "")
            return _Step(
                match.start(),
                match.end(),
                article,
                number_of(match["par"] or "") or 0,
                number_of(match["item"] or "") or 0,
            )
        article = before.article if before else ""
        if match["par2"]:
            return _Step(
                match.start(), match.end(), article, number_of(match["par2"]) or 0, number_of(match["item2"] or "") or 0
            )
        item = number_of(match["item3"] or match["item4"] or "") or 0
        return _Step(match.start(), match.end(), article, before.paragraph if before else 0, item)

    # --- places relative to this one --------------------------------------------------------------------------------
    def _near(self, start: int, end: int) -> int:
        match = _NEAR.match(self.text, start)
        here = self.surroundings.at(start)
        if match is None or here is None:
            return end
        unit = match["unit"] or match["own"]
        many = number_of(match["many"] or "") or 1
        step = _Step(start, end, here.article, 0, 0)
        until = ""
        if match["own"]:
            if unit != "条":
                return end  # 本款 and 本项 speak of themselves
            rest = _STEP.match(self.text, end)
            if rest is None or rest["art"]:
                return end
            return self._list(start, self._step(rest, step), here.title)
        if unit == "条":
            number = re.match(r"art(\d+)", here.before)
            if not here.before:
                return end
            step.article = here.before
            if many > 1 and number:
                step.article, until = f"art{int(number[1]) - many + 1}", here.before
        elif unit == "款":
            if here.paragraph - many < 1:
                return end
            step.paragraph = here.paragraph - many
            until = f"{here.article}/p{here.paragraph - 1}" if many > 1 else ""
        else:
            if here.item - many < 1:
                return end
            step.paragraph, step.item = here.paragraph, here.item - many
            until = f"{here.article}/p{here.paragraph}/i{here.item - 1}" if many > 1 else ""
        if unit != "项" and not until and (elided := _ELIDED.match(self.text, end)):
            return self._elided(start, step, elided, here.title)
        rest = _STEP.match(self.text, end) if not until else None
        if rest is not None and not rest["art"] and unit != "项":
            return self._list(start, self._step(rest, step), here.title)
        self.found.append(Mention(start, end, here.title, step.path, until))
        return end

    def _alone(self, start: int) -> int:
        """第二款 or 第（三）项 without an article before it: of this very article."""
        match = _STEP.match(self.text, start)
        if match is None or match["art"]:
            return start + 1
        line_start = self.text.rfind("\n", 0, start) + 1
        if not self.text[line_start:start].strip("“ ") and not re.match(
            r"(?:规定|所列|所称|的|中|、|和|至|第)", self.text[match.end() : match.end() + 2]
        ):
            return match.end()
        here = self.surroundings.at(start)
        if here is None:
            return match.end() if self.default else start + 1
        paragraph = here.paragraph
        spoken_of = [m.path for m in self.found if not m.title and m.path.startswith(f"{here.article}/p")]
        if spoken_of and not match["par2"] and not self.surroundings.has_items(paragraph):
            paragraph = int(spoken_of[-1].split("/")[1][1:])
        before = _Step(start, start, here.article, 0 if match["par2"] else paragraph, 0)
        return self._list(start, self._step(match, before), here.title)
