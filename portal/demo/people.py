"""Invented people: names, sizes of branches, dates. Pure and seeded: the same seed gives the same people."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping

SMALLEST_BRANCH, LARGEST_BRANCH = 3, 50

_SURNAMES = (
    "王李张刘陈杨赵黄周吴" * 5
    + "徐孙胡朱高林何郭马罗" * 3
    + "梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕" * 2
    + "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_ELDER = ("德福庆永振绍润培玉秀淑桂", "昌年祥生泉田良顺芳珍娥莲")
_MIDDLE = ("建志海宏世学晓春国光新丽", "民林平勤东斌辉勇敏娟萍燕")
_YOUNG = ("子思一嘉宇俊若雨欣梓书景逸知沐可", "涵轩睿航辰朗琪妍宁彤萱远舟然泽晗")


def surname_and_given(draw: random.Random, generation: tuple[str, str]) -> str:
    """A full name of three characters."""
    first, second = generation
    return draw.choice(_SURNAMES) + draw.choice(first) + draw.choice(second)


def names(count: int, generation: str, draw: random.Random, taken: set[str]) -> list[str]:
    """So many names that are not in `taken`; they are added to it. `generation` is elder, middle or young."""
    parts = {"elder": _ELDER, "middle": _MIDDLE, "young": _YOUNG}[generation]
    made: list[str] = []
    while len(made) < count:
        name = surname_and_given(draw, parts)
        if name not in taken and name[1] != name[2]:
            taken.add(name)
            made.append(name)
    return made


def branch_sizes(
    weights: Mapping[str, float], fixed: Mapping[str, int], total: int, draw: random.Random
) -> dict[str, int]:
    """Members of each branch, 3 to 50, together `total`: drawn around the weights, some of them fixed."""
    drawn = {key: weight * draw.lognormvariate(0, 0.42) for key, weight in weights.items() if key not in fixed}
    share = (total - sum(fixed.values())) / sum(drawn.values())
    sizes = {key: min(LARGEST_BRANCH, max(SMALLEST_BRANCH, round(value * share))) for key, value in drawn.items()}
    missing = total - sum(fixed.values()) - sum(sizes.values())
    keys = sorted(sizes, key=lambda key: (sizes[key], key), reverse=missing < 0)
    while missing:
        for key in keys:
            step = 1 if missing > 0 else -1
            if missing and SMALLEST_BRANCH <= sizes[key] + step <= LARGEST_BRANCH:
                sizes[key] += step
                missing -= step
    return {key: fixed.get(key) or sizes[key] for key in weights}


def day_between(first: dt.date, last: dt.date, draw: random.Random) -> dt.date:
    """A day from `first` to `last`, both included."""
    return first + dt.timedelta(days=draw.randint(0, (last - first).days))
