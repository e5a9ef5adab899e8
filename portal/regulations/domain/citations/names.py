"""Names by which a text speaks of a regulation: full and short titles, common abbreviations, and what it calls 以下简称."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from portal.regulations.domain.citations.laws import NATIONAL_LAWS
from portal.regulations.domain.titles import STATE, short_names, title_key

_PARTY = "中国共产党"
_ABBREVIATIONS = {
    "民诉法": "民事诉讼法", "刑诉法": "刑事诉讼法", "行诉法": "行政诉讼法", "消法": "消费者权益保护法", "环保法": "环境保护法",
    "未保法": "未成年人保护法", "反垄法": "反垄断法", "治安处罚法": "治安管理处罚法",
    "反不当竞争法": "反不正当竞争法", "消保法": "消费者权益保护法", "环评法": "环境影响评价法", "道交法": "道路交通安全法",
    "税收征管法": "税收征收管理法", "征管法": "税收征收管理法", "个税法": "个人所得税法",
    "监督法": "各级人民代表大会常务委员会监督法", "选举法": "全国人民代表大会和地方各级人民代表大会选举法",
    "代表法": "全国人民代表大会和地方各级人民代表大会代表法", "香港基本法": "香港特别行政区基本法",
    "地方组织法": "地方各级人民代表大会和地方各级人民政府组织法", "澳门基本法": "澳门特别行政区基本法",
    "村委会组织法": "村民委员会组织法", "居委会组织法": "城市居民委员会组织法", "党章": "中国共产党章程",
}  # fmt: skip
_ALIAS = re.compile(
    r"《(?P<title>[^《》]{2,80}(?:《[^《》]*》[^《》]*)*)》(?:（[^（）]{0,40}?[,，;；]?\s*|[（(]\s*|[^。；《》]{0,30}?[（(]\s*)"
    r"(?:以下|下)(?:简称|统称|称)(?:为)?[:：]?\s*[《“\"]?(?P<alias>[^《》“”\"（）()，。；]{2,24})[》”\"]?"
)
_CALLED_BEFORE = re.compile(
    r"(?P<title>[\u4e00-\u9fff]{2,30}?(?:法|条例|规定|办法|细则))[（(](?:以下|下)(?:简称|称)[:：]?\s*[《“\"]?"
    r"(?P<alias>[^《》“”\"（）()，。；]{2,24})"
)


def plain_key(title: str) -> str:
    """A title for comparing, without the name of the state."""
    return title_key(title).removeprefix(STATE)


class Names:
    """All names and what they stand for: the key of a title. `extra` are aliases of one text."""

    def __init__(self, titles: Iterable[str]) -> None:
        self._by_name: dict[str, str] = {}
        self._loose: dict[str, str] = {}
        for title in titles:
            key = plain_key(title)
            for name in (title, *short_names(title)):
                self._by_name.setdefault(title_key(name), key)
                if name.startswith(_PARTY) and len(name) > len(_PARTY) + 4:
                    self._by_name.setdefault(title_key(name.removeprefix(_PARTY)), key)
            self._loose.setdefault(key.replace(STATE, ""), key)
        for short, full in _ABBREVIATIONS.items():
            self._by_name.setdefault(short, self._by_name.get(full, full))
        for law in NATIONAL_LAWS:  # also those that the library does not hold: they are named without brackets
            self._by_name.setdefault(law, law)
        self._lengths: dict[str, list[int]] = defaultdict(list)
        for name in self._by_name:
            self._lengths[name[-2:]].append(len(name))
        for lengths in self._lengths.values():
            lengths[:] = sorted(set(lengths), reverse=True)

    def known(self, title: str) -> str:
        """The key that this title or short name stands for; empty when nothing is called so."""
        key = title_key(title)
        return self._by_name.get(key) or self._loose.get(key.replace(STATE, ""), "")

    def ending_at(self, text: str, end: int, aliases: dict[str, str]) -> tuple[int, str]:
        """Start and key of the longest name that ends at `end`; (-1, "") when none does."""
        for alias, key in aliases.items():
            if text.endswith(alias, 0, end):
                return end - len(alias), key
        for length in self._lengths.get(text[max(0, end - 2) : end], ()):
            known = self._by_name.get(text[end - length : end]) if length <= end else None
            if known:
                return end - length, known
        return -1, ""


def aliases_in(text: str, names: Names) -> dict[str, str]:
    """What a text calls 以下简称, longest first: {alias: key of the title it stands for}."""
    found: dict[str, str] = {}
    for pattern in (_ALIAS, _CALLED_BEFORE):
        for match in pattern.finditer(text):
            alias = match["alias"].strip()
            cut = pattern is _CALLED_BEFORE and re.match(r"[\u4e00-\u9fff]", text[match.start() - 1 : match.start()])
            if cut and not names.known(match["title"]):
                continue  # words before the name, or a description that is no name
            if re.search(
                r"(?:法|条例|规定|办法|细则|解释|决定|章程|规则|准则|通则|意见|公约|议定书|协定|典|批复|通知)$", alias
            ):
                found.setdefault(alias, names.known(match["title"]) or plain_key(match["title"]))
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))
