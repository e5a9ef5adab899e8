"""How the samples of references were drawn: by cues on the surface of the texts, without the reader of references.

`python -m tests.portal.regulations.samples.drawing SEED EACH [--leave-out SEED] [SAMPLE.tsv ...]` writes the texts to be labelled
as JSON lines. `--leave-out` leaves out half of the titles, those that the reader was improved on.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from portal.regulations.domain.parsing import decode, parse
from tests.portal.regulations.real_laws import manifest, shared_data

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


def development(seed: int) -> set[str]:
    """The files of half of the titles."""
    rows = manifest()
    titles = sorted({row["title"] for row in rows})
    chosen = set(random.Random(seed).sample(titles, len(titles) // 2))
    return {row["path"] for row in rows if row["title"] in chosen}


def draw(seed: int, each: int, done: Iterable[Path], left_out: set[str]) -> list[tuple[str, str, str, str, str]]:
    """`each` texts of every cue (half as many without any): cue, file, article, title, text; none that is in `done` or in a
    file that is left out, and none with the same words as one of those."""
    known = {(row["file"], row["article"]) for path in done for row in csv.DictReader(path.open(), delimiter="\t")}
    pool: dict[str, list[tuple[str, str]]] = {cue: [] for cue, _ in CUES} | {"none": []}
    texts: dict[tuple[str, str], tuple[str, str]] = {}
    spent: set[str] = set()
    root = shared_data() / "laws"
    for file in sorted(root.rglob("*.md")):
        law = parse(decode(file.read_bytes())[0])
        name = file.relative_to(root).as_posix()
        for unit in law.units:
            if unit.kind not in _KINDS or not unit.text:
                continue
            key = (name, unit.path)
            if key in known or name in left_out:
                spent.add(unit.text)
            elif len(unit.text) <= _LONGEST:
                texts[key] = (law.title, unit.text)
    for key, (_, text) in texts.items():
        if text not in spent:
            for cue in [cue for cue, pattern in CUES if re.search(pattern, text)] or ["none"]:
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
    options = argparse.ArgumentParser()
    options.add_argument("seed", type=int)
    options.add_argument("each", type=int)
    options.add_argument("--leave-out", type=int, dest="half")
    options.add_argument("samples", type=Path, nargs="*")
    asked = options.parse_intermixed_args()
    for row in draw(asked.seed, asked.each, asked.samples, development(asked.half) if asked.half else set()):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
