"""How `lineage_fresh.tsv` was drawn: by the best letter similarity, without the matcher.

`python -m tests.portal.regulations.samples.drawing_lineage SEED [SAMPLE.tsv ...]` writes the articles to be labelled as JSON lines.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from rapidfuzz import fuzz, process

from portal.regulations.domain.parsing import decode, parse
from portal.regulations.domain.parsing.balance import solid
from tests.portal.regulations.real_laws import manifest, shared_data

EACH = 100
_DOUBTFUL = (40.0, 75.0)


def consecutive_versions() -> list[tuple[str, str]]:
    """Older and newer file of every two versions of a title that follow each other."""
    titles: dict[str, dict[str, str]] = defaultdict(dict)
    for row in manifest():
        if row["date"]:
            titles[row["title"]].setdefault(row["date"], row["path"])
    return [
        (dated[a], dated[b])
        for dated in titles.values()
        for a, b in zip(sorted(dated), sorted(dated)[1:], strict=False)
    ]


def draw(seed: int, done: Iterable[Path]) -> list[tuple[str, str, str, float]]:
    """100 articles of newer versions with a best similarity of .4 to .75 to any article of the older one, and 100 others;
    none that is in `done`: older file, newer file, article, best similarity."""
    known = {
        (row["older"], row["newer"], row["article"])
        for path in done
        for row in csv.DictReader(path.open(encoding="utf-8"), delimiter="\t")
    }
    doubtful: list[tuple[str, str, str, float]] = []
    others: list[tuple[str, str, str, float]] = []
    for older, newer in consecutive_versions():
        old = [text for _, text in _articles(older)]
        for path, text in _articles(newer):
            if (older, newer, path) in known:
                continue
            best = process.extractOne(text, old, scorer=fuzz.ratio)[1]
            stratum = doubtful if _DOUBTFUL[0] <= best <= _DOUBTFUL[1] else others
            stratum.append((older, newer, path, round(best / 100, 3)))
    dice = random.Random(seed)
    return sorted(dice.sample(sorted(doubtful), EACH) + dice.sample(sorted(others), EACH))


def _articles(path: str) -> list[tuple[str, str]]:
    law = parse(decode((shared_data() / "laws" / path).read_bytes())[0])
    return [(unit.path, solid(unit.text)) for unit in law.units if unit.kind == "article"]


if __name__ == "__main__":
    for row in draw(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]]):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
