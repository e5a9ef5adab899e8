"""The grammar of references in a statute: 《X》第三条、第五条至第八条第二款第（三）项, 本法第九条, 前款, 国务院令第588号.

`find` turns the text of one article into mentions. A mention names a work (by the key of its title, or this very text) and
a place in it. What looks like a title but is none (《营业执照》) gives no mention.
"""

from __future__ import annotations

import dataclasses
import re

from portal.regulations.domain.citations import patterns
from portal.regulations.domain.citations.heads import Heads
from portal.regulations.domain.citations.laws import law_ending
from portal.regulations.domain.citations.names import Names, plain_key
from portal.regulations.domain.citations.surroundings import Here, Place, Surroundings
from portal.regulations.domain.parsing.numerals import number_of


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
        self.text, self.own, self.default = text, own, default
        self.heads = Heads(text, names, own, bool(default), aliases)
        self.found: list[Mention] = []
        self.last_title = ""
        self.surroundings = Surroundings(text, place, bool(default))

    def read(self) -> list[Mention]:
        taken = 0
        for start, end, title, kind in self.heads.all():
            if start < taken:
                continue
            taken = max(taken, self._from(start, end, title, kind))
        return sorted(self.found, key=lambda mention: mention.start)

    # --- from there ---------------------------------------------------------------------------------------------------
    def _from(self, start: int, end: int, title: str | None, kind: str) -> int:
        if kind == "title" or kind == "name":
            return self._work(start, end, title, kind)
        if kind == "self":
            itself = self.text[start:end].endswith(("决定", "解释", "规定")) and not self.surroundings.at(start)
            return self._places(start, end, "" if itself else self._amended())
        if kind == "that":
            title = self.last_title
            return self._places(start, end, None if not title else "" if title == self.own else title)
        if kind == "that article":
            return self._that_article(start, end)
        if kind == "elided":
            return self._alone_elided(start)
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
        if note := patterns.NOTE.match(self.text, end):
            behind = self.text[note.end() : note.end() + 3]
            if re.match(r"的?\s?第", behind) or re.search(r"简称|称|号|〔|\[|［", note.group()):
                after = note.end()
        if title is None:
            return end
        before = self.text[:start]
        if not (self.default and before.count("“") > before.count("”")):  # quoted words name other works
            self.last_title = title
        target = "" if title == self.own else title
        follows = patterns.LEADS_ON.match(self.text, after)
        step = patterns.STEP.match(self.text, follows.end()) if follows else None
        elided = patterns.ELIDED.match(self.text, follows.end()) if follows else None
        if follows and ((step and step["art"]) or (elided and elided["unit"] == "条")):
            return self._places(start, follows.end(), target)
        if target:
            self.found.append(Mention(start, end, target))
        return after if after > end else end

    def _title_of_article(self, start: int) -> str | None:
        """The work of a place without a known title before it: a name that no table holds, or this text."""
        head = re.sub(r"的?\s?$", "", self.text[max(0, start - 45) : start])
        if head.endswith("》") or patterns.IN_AN_ANNEX.search(head):
            return None  # of a paper that is no regulation, or of an annex
        if law := law_ending(head):
            return plain_key(law)
        generic = patterns.GENERIC.search(head)
        if generic and not patterns.NO_NAME.search(head):
            name = patterns.LEADING_WORDS.sub("", generic["name"])
            if len(name) >= 3 and not re.match(r"^(?:法|条例|规定|办法)", name):
                return plain_key(name)
        only = patterns.ONLY_A_KIND.search(head)
        if only and (upper := self.heads.implemented(only["kind"])):
            return upper
        return self._amended()

    def _amended(self) -> str:
        """The work that a place without a title belongs to: in an amending text what was named last, else this text."""
        if self.default and self.last_title:
            return "" if self.last_title == self.own else self.last_title
        return self.default

    def _title_of(self, here: Here) -> str:
        return self._amended() if here.is_quoted else ""

    def _places(self, start: int, at: int, title: str | None) -> int:
        """A list of places from `at`; the first mention begins at `start`."""
        gap = re.match(r"\s?的?\s?", self.text[at : at + 3])
        at += gap.end() if gap else 0
        step = patterns.STEP.match(self.text, at)
        before = len(self.found)
        if step is not None:
            end = self._list(start, self._step(step, None), title or "")
        elif elided := patterns.ELIDED.match(self.text, at):
            end = self._go_on(self._elided(start, _Step(start, at, "", 0, 0), elided, title or ""), title or "")
        else:
            return at
        if title is None:
            del self.found[before:]
        return end

    def _list(self, start: int, step: _Step, title: str) -> int:
        """Go on with 、第五条 and 至第八条 as long as they follow."""
        begin = start
        while True:
            if elided := patterns.ELIDED.match(self.text, step.end):
                return self._go_on(self._elided(begin, step, elided, title), title)
            first, until = step, ""
            if (link := patterns.RANGE.match(self.text, step.end)) and (
                last := patterns.STEP.match(self.text, link.end())
            ):
                step = self._step(last, first)
                until = step.path
            path = first.path
            if path:
                self.found.append(Mention(begin, step.end, title, path, until))
                step = self._subs(step, title)
            if short := patterns.SHORT_JOIN.match(self.text, step.end):
                begin = step.end + 1
                step = _Step(begin, short.end(), f"art{number_of(short['art']) or 0}", 0, 0)
                continue
            following = self._following(step.end) or self._behind_quoted_words(step)
            if following is None:
                return step.end
            step = self._step(following, step)
            begin = step.start

    def _following(self, at: int) -> re.Match[str] | None:
        """The next place of a list that is interrupted at `at`."""
        join = patterns.JOIN.match(self.text, at)
        return patterns.STEP.match(self.text, join.end()) if join else None

    def _behind_quoted_words(self, step: _Step) -> re.Match[str] | None:
        """第六十七条“……”中第六项 in an amending text."""
        words = patterns.QUOTED_WORDS.match(self.text, step.end) if self.default and step.article else None
        following = patterns.STEP.match(self.text, words.end()) if words else None
        return None if following is None or following["art"] else following

    def _go_on(self, at: int, title: str) -> int:
        """After 第一、二项: the articles that follow in the list."""
        following = self._following(at)
        if following is None or not following["art"]:
            return at
        return self._list(following.start(), self._step(following, None), title)

    def _subs(self, step: _Step, title: str) -> _Step:
        """、之二 and 至之三 behind 第一百二十条之一."""
        number, _, sub = step.article.partition("-")
        while sub and (more := patterns.SUBS.match(self.text, step.end)):
            following = _Step(step.end + len(more["before"]), more.end(), f"{number}-{number_of(more['sub'])}", 0, 0)
            if more["before"] in "至到":
                last = self.found.pop()
                self.found.append(dataclasses.replace(last, end=more.end(), until=following.path))
            else:
                self.found.append(Mention(following.start, following.end, title, following.path))
            step = following
        return step

    def _elided(self, begin: int, step: _Step, match: re.Match[str], title: str) -> int:
        """第一、二项 or 第（一）至（三）项 behind an article or a paragraph: one mention for each and one for a range."""
        numbers = list(patterns.ELIDED_NUMBER.finditer(self.text, match.start(), match.end("numbers")))
        for index, number in enumerate(numbers):
            value = number_of(number["number"]) or 0
            end = match.end() if index == len(numbers) - 1 else number.end()
            if match["unit"] == "款":
                place = _Step(begin, end, step.article, value, 0)
            elif match["unit"] == "项":
                place = _Step(begin, end, step.article, step.paragraph, value)
            else:
                place = _Step(begin, end, f"art{value}", 0, 0)
            if index and patterns.IS_RANGE.match(number["before"] or ""):
                self.found[-1] = dataclasses.replace(self.found[-1], end=end, until=place.path)
            else:
                first = begin if not index else number.start() + len(number["before"] or "")
                self.found.append(Mention(first, end, title, place.path))
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
        match = patterns.NEAR.match(self.text, start)
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
            rest = patterns.STEP.match(self.text, end)
            if rest is None or rest["art"]:
                return end
            return self._list(start, self._step(rest, step), self._title_of(here))
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
        if unit != "项" and not until and (elided := patterns.ELIDED.match(self.text, end)):
            return self._elided(start, step, elided, self._title_of(here))
        rest = patterns.STEP.match(self.text, end) if not until else None
        if rest is not None and not rest["art"] and unit != "项":
            return self._list(start, self._step(rest, step), self._title_of(here))
        self.found.append(Mention(start, end, self._title_of(here), step.path, until))
        return end

    def _that_article(self, start: int, end: int) -> int:
        """该条第二款: of the article that was spoken of last."""
        spoken_of = next((m for m in reversed(self.found) if m.path.startswith("art")), None)
        step = patterns.STEP.match(self.text, end)
        if step is None or step["art"] or spoken_of is None:
            return end
        article = _Step(start, end, spoken_of.path.split("/")[0], 0, 0)
        return self._list(start, self._step(step, article), spoken_of.title)

    def _alone_elided(self, start: int) -> int:
        """第三十七、三十八条 or 第一、二项 without anything before it."""
        match = patterns.ELIDED.match(self.text, start)
        if match is None:
            return start + 1
        if match["unit"] == "条":
            return self._places(start, start, self._title_of_article(start))
        here = self.surroundings.at(start)
        if here is None:
            return match.end() if self.default else start + 1
        title, place = self._title_of(here), _Step(start, start, here.article, 0, 0)
        if match["unit"] == "项":
            first = patterns.ELIDED_NUMBER.match(self.text, start)
            title, place = self._of_item(start, here, number_of(first["number"]) or 0 if first else 0)
        return self._go_on(self._elided(start, place, match, title), title)

    def _alone(self, start: int) -> int:
        """第二款 or 第（三）项 without an article before it: of this very article."""
        match = patterns.STEP.match(self.text, start)
        if match is None or match["art"]:
            return start + 1
        line_start = self.text.rfind("\n", 0, start) + 1
        if not self.text[line_start:start].strip("“ ") and not patterns.SPOKEN_OF.match(self.text, match.end()):
            return match.end()
        here = self.surroundings.at(start)
        if here is None:
            return self._amended_place(start, match)
        if match["par2"]:
            return self._list(start, self._step(match, _Step(start, start, here.article, 0, 0)), self._title_of(here))
        title, before = self._of_item(start, here, self._step(match, None).item)
        return self._list(start, self._step(match, before), title)

    def _amended_place(self, start: int, match: re.Match[str]) -> int:
        """第八项“……”修改为 in an amending text: of the article that was spoken of last."""
        spoken_of = next((m for m in reversed(self.found) if m.path.startswith("art")), None)
        if not self.default:
            return start + 1
        if spoken_of is None or not self.text.startswith("“", match.end()):
            return match.end()
        article = _Step(start, start, spoken_of.path.split("/")[0], 0, 0)
        return self._list(start, self._step(match, article), spoken_of.title)

    def _of_item(self, start: int, here: Here, item: int) -> tuple[str, _Step]:
        """The work and the 款 that a 项 alone belongs to: this 款 if it has 项, else what was spoken of last."""
        title, article, paragraph = self._title_of(here), here.article, here.paragraph
        if paragraph not in here.with_items:
            named = [m for m in self.found if m.path.startswith("art")]
            same = [m for m in named if m.path.endswith(f"/i{item}")]
            mine = [m for m in named if m.title == title and m.path.startswith(f"{article}/p")]
            earlier = [number for number in here.with_items if number < paragraph]
            if same or mine:
                meant = (same or mine)[-1]
            elif earlier or not named:
                return title, _Step(start, start, article, max(earlier, default=paragraph), 0)
            else:
                meant = named[-1]
            title, (article, *rest) = meant.title, meant.path.split("/")
            paragraph = int(rest[0][1:]) if rest else 1
        return title, _Step(start, start, article, paragraph, 0)
