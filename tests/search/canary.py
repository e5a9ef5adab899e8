"""A corpus with words planted in what some roles may not see, and random questions about it: whatever a role is answered must
hold no planted word that is not its own. Used by a test (some hundred questions) and by `bin/bench search_canary` (thousands)."""

from __future__ import annotations

import dataclasses
import random
import statistics
import time
from collections.abc import Iterator

from portal.ground.suppliers import Viewer
from search.alerts import Watch, found_by
from search.closest import closest_rows
from search.contracts import SearchDocument
from search.easier import ways_on
from search.engines.base import Engine
from search.evaluation.measuring import fill
from search.query import curation
from search.ranking.asked import AskedBefore, AskedQuestion
from search.ranking.learned import Learned
from search.service import search
from search.suggest import suggest
from tests.search.shelf import CLEARED, MEMBER, OTHER_MEMBER, VISITOR, make

ROLES = {"visitor": VISITOR, "other unit": OTHER_MEMBER, "member": MEMBER, "cleared": CLEARED}
AUDIENCES = {
    "紫杉鹦鹉": (frozenset({"member"}), 0),
    "青瓷骆驼": (frozenset({"ou:7"}), 0),
    "赤铜猎隼": (frozenset({"ou:8"}), 0),
    "玄武岩貂": (frozenset({"public", "member"}), 1),
    "银杏海豹": (frozenset({"ou:7"}), 2),
    "琥珀犀鸟": (frozenset({"ou:7"}), 3),
    "qzxcanary": (frozenset({"ou:8"}), 2),
    "墨玉水獭": (frozenset(), 0),
}
"""Each planted word with who may see the documents that hold it: tokens and level."""
_SAME_SOUND = {"紫杉鹦鹉": "紫衫鹦鹉", "青瓷骆驼": "青词骆驼", "赤铜猎隼": "赤桐猎隼"}
_WORDS = "党费 收缴 标准 支部 会议 通知 制度 学习 主题 党日 民主 评议 发展 教育 安全 生产 规定 办法 条例 工作".split()  # noqa: SIM905
_PINYIN = ["zishan", "zsyw", "qingci", "qclt", "chitong", "xuanwu", "yinxing", "hupo", "moyu", "qzx", "dangfei", "df"]


def planted(role: Viewer) -> list[str]:
    """The words that a role must never meet."""
    return [word for word, (tokens, level) in AUDIENCES.items() if not tokens & role.tokens or level > role.clearance]


def corpus(dice: random.Random, many: int = 400) -> list[SearchDocument]:
    """Open documents, and beside each planted word some that hold it in every field that can be found or shown."""
    rows = [
        make(
            f"open{number}",
            "".join(dice.choices(_WORDS, k=3)),
            "".join(dice.choices(_WORDS, k=40)),
            facets={"level": dice.choice(["规定", "办法"]), "column": "要闻"},
            reference_title="公开办法",
            reference_path=f"art{number % 60 + 1}",
        )
        for number in range(many)
    ]
    for index, (word, (tokens, level)) in enumerate(AUDIENCES.items()):
        rows += [
            make(
                f"secret{index}-{number}",
                f"{word}{''.join(dice.choices(_WORDS, k=2))}",
                f"{''.join(dice.choices(_WORDS, k=20))}{word}{''.join(dice.choices(_WORDS, k=20))}",
                group=f"secret{index}",
                context=f"{word}章 党费",
                summary=f"{word}摘要",
                url=f"/a/{word}/{number}",
                label=f"{word}条",
                reference_title=word,
                reference_path=f"art{number + 1}",
                facets={"level": f"{word}级", "column": word},
                tokens=tokens,
                secrecy=level,
            )
            for number in range(8)
        ]
    return rows


def questions(dice: random.Random) -> Iterator[str]:
    """What somebody might try, without end."""
    words = [*_WORDS, *AUDIENCES, *_SAME_SOUND.values()]
    while True:
        picked = dice.choices(words, k=dice.randint(1, 4))
        secret = dice.choice(list(AUDIENCES))
        part = secret[: dice.randint(1, len(secret))]
        yield dice.choice(
            [
                "".join(picked),
                " ".join(picked),
                part,
                f"“{secret}”",
                f"党费 -{dice.choice(picked)}",
                f"效力级别:{secret}级 党费",
                f"栏目:{secret}",
                f"{secret}第{dice.randint(1, 12)}条",
                f"第{dice.randint(1, 12)}条",
                dice.choice(_PINYIN)[: dice.randint(1, 8)],
                dice.choice(list(_SAME_SOUND.values())),
                f"{dice.choice(_WORDS)}{part}",
            ]
        )


@dataclasses.dataclass(frozen=True)
class Leak:
    """A planted word that a role was shown, or a total that counted it."""

    role: str
    question: str
    word: str


def curate() -> None:
    """Editors pinned every planted document for common words, and named planted words as other words for them; restored by the
    fixture of the caller."""
    pins = tuple(curation.Pin(f"thing:secret{index}") for index in range(len(AUDIENCES)))
    kept = curation.Curation(
        words={"党费": tuple(AUDIENCES), "支部": tuple(AUDIENCES)},
        names={"通知": "紫杉鹦鹉"},
        pins={curation.query_key(word): pins for word in _WORDS},
    )
    curation.set_curation(lambda: kept)


def beside(engine: Engine, role: str, many: int, seed: int) -> list[Leak]:
    """What is shown beside the hits: other orders and documents, an answer, ways on, and what alerts would tell. Other words that
    editors gave are theirs to choose and are left out."""
    viewer, dice = ROLES[role], random.Random(seed)
    forbidden = planted(viewer)
    rows = corpus(random.Random(7), 40)
    found: list[Leak] = []
    for _, question in zip(range(many), questions(dice), strict=False):
        orders = [
            search(question, viewer, engine=engine, sort="date", facets={"status": ["held", "past", "future"]}),
            search(question, viewer, engine=engine, by_document=True),
        ]
        alerts = found_by(rows, [Watch(1, question)], lambda name: viewer)
        shown = (
            repr(
                (
                    [(hits.hits, [o for g in hits.facets for o in g.options if not o.selected]) for hits in orders],
                    [row.data for row in closest_rows(question, viewer, ["news"], engine=engine)],
                    [row.data for row in alerts.get(1, ())],
                    [
                        way.total
                        for way in ways_on(question, viewer, engine=engine)
                        if way.query.strip("“”") in forbidden
                    ],
                )
            )
            .replace("<mark>", "")
            .replace("</mark>", "")
        )
        found += [Leak(role, question, word) for word in forbidden if word in shown]
    return found


def prepare(engine: Engine, seed: int) -> Learned:
    """Fill the engine; what was asked before points at every planted document."""
    rows = corpus(random.Random(seed))
    fill(engine, rows)
    secrets = tuple((row.key, f"{row.kind}:{row.group}") for row in rows if row.uid.startswith("secret"))
    return Learned(AskedBefore([AskedQuestion("党费收缴标准", secrets), AskedQuestion("支部会议制度", secrets)]))


def leaks(engine: Engine, learned: Learned, role: str, many: int, seed: int) -> list[Leak]:
    """Ask `many` random questions as a role and look for planted words in all that is answered."""
    viewer, dice = ROLES[role], random.Random(seed)
    forbidden = planted(viewer)
    found: list[Leak] = []
    for _, question in zip(range(many), questions(dice), strict=False):
        results = search(question, viewer, engine=engine, learned=learned, page=dice.choice([1, 1, 2]))
        shown = repr(
            (
                results.hits,
                results.did_you_mean,
                results.reference.titles if results.reference else (),
                [o for group in results.facets for o in group.options if not o.selected],
                suggest(question, viewer, engine=engine),
            )
        )
        marked = shown.replace("<mark>", "").replace("</mark>", "")
        found += [Leak(role, question, word) for word in forbidden if word in marked]
        if question.strip("“”") in forbidden and question.startswith("“") and results.total:
            found.append(Leak(role, question, "total"))
        if results.reference and results.reference.found and results.reference.title in forbidden:
            found.append(Leak(role, question, "place"))
    return found


def suggestion_time_ratio(engine: Engine, rounds: int = 200) -> float:
    """How much longer suggestions for planted words take than for words that stand nowhere; about 1 when nothing can be
    learnt from the time."""

    def median(words: list[str]) -> float:
        times = []
        for number in range(rounds):
            started = time.perf_counter()
            suggest(words[number % len(words)], VISITOR, engine=engine)
            times.append(time.perf_counter() - started)
        return statistics.median(times)

    nowhere = ["翡翠斑马", "橙木天鹅", "灰岩雪豹", "白桦刺猬"]
    median(nowhere)
    return median([word for word in planted(VISITOR) if not word.isascii()]) / median(nowhere)
