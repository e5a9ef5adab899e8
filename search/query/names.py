"""Short names that everybody uses for laws and party regulations. Editors add their own, which go before these (see
`search.query.curation`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

SHORT_NAMES: Mapping[str, str] = {
    "民诉法": "民事诉讼法",
    "刑诉法": "刑事诉讼法",
    "行诉法": "行政诉讼法",
    "消法": "消费者权益保护法",
    "消保法": "消费者权益保护法",
    "个税法": "个人所得税法",
    "道交法": "道路交通安全法",
    "治安处罚法": "治安管理处罚法",
    "治安法": "治安管理处罚法",
    "劳动仲裁法": "劳动争议调解仲裁法",
    "劳合法": "劳动合同法",
    "个保法": "个人信息保护法",
    "网安法": "网络安全法",
    "数安法": "数据安全法",
    "反家暴法": "反家庭暴力法",
    "未保法": "未成年人保护法",
    "妇保法": "妇女权益保障法",
    "农地承包法": "农村土地承包法",
    "安生法": "安全生产法",
    "环保法": "环境保护法",
    "破产法": "企业破产法",
    "行复法": "行政复议法",
    "国赔法": "国家赔偿法",
    "社保法": "社会保险法",
    "党员权利保障条例": "中国共产党党员权利保障条例",
    "纪律处分条例": "中国共产党纪律处分条例",
    "党纪处分条例": "中国共产党纪律处分条例",
    "支部工作条例": "中国共产党支部工作条例（试行）",
    "党支部工作条例": "中国共产党支部工作条例（试行）",
    "发展党员细则": "中国共产党发展党员工作细则",
    "党章": "中国共产党章程",
    "廉洁准则": "中国共产党廉洁自律准则",
    "八项规定": "十八届中央政治局关于改进工作作风、密切联系群众的八项规定",
}

_ALONE = 4
"""From so many characters on a short name is one wherever it stands; a shorter one may be a piece of other words (取消法人资格)."""
_BEFORE = "的按照据反犯用和与及在《〈"
_short = {name: re.compile(rf"(?<![^\W{_BEFORE}]){re.escape(name)}") for name in SHORT_NAMES}


def names_in(folded: str) -> Iterator[tuple[str, str]]:
    """The short names that stand in a folded text, with their full ones; the longest first."""
    for name in sorted(SHORT_NAMES, key=lambda name: (-len(name), name)):
        if name in folded and (len(name) >= _ALONE or _short[name].search(folded)):
            yield name, SHORT_NAMES[name]
