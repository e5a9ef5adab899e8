"""Where a reference may begin in a text: titles, names, 本法, document numbers, 前款 and places without anything before them."""

from __future__ import annotations

import re
from typing import NamedTuple

from portal.regulations.domain.citations import patterns
from portal.regulations.domain.citations.names import Names, plain_key


class Head(NamedTuple):
    """Characters `start` to `end`; `title` is the key of the work, None for what only looks like one."""

    start: int
    end: int
    title: str | None
    kind: str


class Heads:
    """The beginnings in one text. `own` is the key of its title, `is_amending` whether it amends another work."""

    def __init__(self, text: str, names: Names, own: str, is_amending: bool, aliases: dict[str, str]) -> None:
        self.text, self.names, self.own, self.is_amending, self.aliases = text, names, own, is_amending, aliases

    def all(self) -> list[Head]:
        """In order; where several begin at one character the longest comes first."""
        text = self.text
        heads: list[Head] = []
        inside: list[tuple[int, int]] = []
        for match in patterns.TITLE.finditer(text):
            heads.append(Head(match.start(), match.end(), self._title(match["title"], match.start()), "title"))
            inside.append((match.start(), match.end()))
        for match in patterns.RULE_END.finditer(text):
            if any(start < match.start() < end for start, end in inside):
                continue
            if patterns.NOT_A_LAW_BEHIND.match(text, match.end()):
                continue
            start, key = self.names.ending_at(text, match.end(), self.aliases)
            if start >= 0 and self._may_begin(start, text[start : match.end()], match.end()):
                heads.append(Head(start, match.end(), key, "name"))
        for pattern, kind in ((patterns.SELF, "self"), (patterns.THAT, "that")):
            for match in pattern.finditer(text):
                heads.append(Head(match.start(), match.end(), "", kind))
        for match in patterns.NUMBER.finditer(text):
            line = text[text.rfind("\n", 0, match.start()) + 1 : match.end() + 1]
            alone = line.strip() == match.group().strip()  # the number of this very text
            if not alone and not any(start < match.start() < end for start, end in inside):
                led = patterns.BEFORE_A_NUMBER.match(match.group())
                heads.append(Head(match.start() + (led.end() if led else 0), match.end(), "", "number"))
        for match in patterns.NEAR.finditer(text):
            heads.append(Head(match.start(), match.end(), "", "near"))
        for match in patterns.STEP.finditer(text):
            before = text[match.start() - 1 : match.start()]
            heads_line = before == "“" or (before == "\n" and self.is_amending)
            quoted_head = heads_line and re.match(r"[\s\u3000]", text[match.end() :])
            if match["art"] and not quoted_head:
                heads.append(Head(match.start(), match.start(), "", "article"))
        for match in patterns.THAT_ARTICLE.finditer(text):
            heads.append(Head(match.start(), match.end(), "", "that article"))
        for pattern, kind in ((patterns.ALONE, "alone"), (patterns.ALONE_ELIDED, "elided")):
            for match in pattern.finditer(text):
                heads.append(Head(match.start(), match.start(), "", kind))
        return sorted(heads, key=lambda head: (head.start, -head.end))

    def _title(self, title: str, start: int) -> str | None:
        key = self.aliases.get(title) or self.names.known(title) or self._issued(title, start)
        if key:
            return key
        if title in ("法", "条例", "规定", "办法"):
            return self.implemented(title)
        is_law = patterns.LAW_TITLE.search(title) and not patterns.FALSE_TITLE.search(title)
        return plain_key(title) if is_law or patterns.TREATY.search(title) else None

    def _issued(self, title: str, start: int) -> str:
        """The key of a title whose issuer stands before the brackets: 最高人民法院《关于……的解释》."""
        issuer = patterns.ISSUER.search(self.text, max(0, start - 40), start) if title.startswith("关于") else None
        if issuer is None:
            return ""
        words = issuer.group()
        known = (self.names.known(words[at:] + title) for at in range(len(words) - 1))
        return next(filter(None, known), "")

    def implemented(self, kind: str) -> str | None:
        """What rules that carry out another work call 《条例》, without having said so: that work."""
        upper = patterns.IMPLEMENTED.match(self.own)
        return upper["title"] if upper and upper["kind"] == kind else None

    def _may_begin(self, start: int, name: str, end: int) -> bool:
        generic = len(name) < 3 and name not in ("宪法", "刑法", "民法", "水法", "党章")
        generic = generic or (name in ("选举法", "代表法", "监督法", "章程") and name not in self.aliases)
        if generic and not re.match(r"的?\s?第", self.text[end : end + 3]):
            return False
        if name == "宪法" and patterns.CONSTITUTION_ALONE.match(self.text, end):
            return False
        if name in patterns.NEVER_PART_OF_ANOTHER:
            return True
        before = self.text[max(0, start - 7) : start]
        return bool(patterns.BEFORE_A_NAME.search(before))
