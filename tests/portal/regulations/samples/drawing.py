"""How `citations_fresh.tsv` was drawn: by cues on the surface of the texts, without the reader of references.

`python -m tests.portal.regulations.samples.drawing SEED EACH [SAMPLE.tsv ...]` writes the texts to be labelled as JSON lines.
"""

from __future__ import annotations

import csv
import json
import random
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from portal.regulations.domain.parsing import decode, parse
from tests.portal.regulations.real_laws import shared_data

_N = "[〇零一二三四五六七八九十百千两0-9]+"
CUES = (
    ("title", r"《"),
    ("own", r"本(?:法|条例|规定|办法|细则|解释|决定|规则|准则|章程)第"),
    ("near", r"前[一二两三四五]?[条款项]"),
    ("range", rf"第{_N}[条款项](?:第{_N}款)?至第|第{_N}条[^。；，]{{0,12}}[、和及或]第{_N}条"),
    ("bare", rf"(?<!本)(?<!该)(?:法|条例|规定|办法|细则|解释)的?第{_N}条"),
    (
        "number",
        r"令\s?(?:[〔［\[（(]?\d{4}年?[〕］\]）)]?)?\s?第?\s?[〇零一二三四五六七八九十百\d]+\s?号"
        r"|[〔［\[（(]\s?(?:19|20)\d\d\s?[〕］\]）)]\s?第?\s?\d+\s?号",
    ),
    (
        "short",
        "民诉法|刑诉法|民事诉讼法|刑事诉讼法|行政诉讼法|刑法|民法典|公司法|合同法|宪法|担保法|物权法|婚姻法|继承法",
    ),
    ("part", rf"(?<![条])第[（(]?{_N}[）)]?[款项]"),
)
_KINDS = ("article", "enumeration", "preamble", "annex", "note")
_LONGEST = 1_200


def draw(seed: int, each: int, done: Iterable[Path]) -> list[tuple[str, str, str, str, str]]:
    """`each` texts of every cue (half as many without any): cue, file, article, title, text; none that is in `done`."""
    known = {(row["file"], row["article"]) for path in done for row in csv.DictReader(path.open(), delimiter="\t")}
    pool: dict[str, list[tuple[str, str]]] = {cue: [] for cue, _ in CUES} | {"none": []}
    texts: dict[tuple[str, str], tuple[str, str]] = {}
    root = shared_data() / "laws"
    for file in sorted(root.rglob("*.md")):
        law = parse(decode(file.read_bytes())[0])
        for unit in law.units:
            key = (file.relative_to(root).as_posix(), unit.path)
            if unit.kind not in _KINDS or not unit.text or len(unit.text) > _LONGEST or key in known:
                continue
            texts[key] = (law.title, unit.text)
            cues = [cue for cue, pattern in CUES if re.search(pattern, unit.text)]
            for cue in cues or ["none"]:
                pool[cue].append(key)
    dice, taken = random.Random(seed), set()
    chosen: list[tuple[str, str, str, str, str]] = []
    for cue, keys in pool.items():
        left = sorted(key for key in keys if key not in taken)
        for key in dice.sample(left, min(each if cue != "none" else each // 2, len(left))):
            taken.add(key)
            chosen.append((cue, *key, *texts[key]))
    return chosen


if __name__ == "__main__":
    for row in draw(int(sys.argv[1]), int(sys.argv[2]), [Path(name) for name in sys.argv[3:]]):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
