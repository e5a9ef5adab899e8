"""Whether articles are followed as a person follows them: a labelled sample of real versions, and all identical articles."""

import csv
import functools
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from portal.regulations.domain.matching import Matching, Piece, match
from portal.regulations.domain.parsing import decode, parse
from portal.regulations.domain.storing import text_hash
from tests.portal.regulations.real_laws import manifest, shared_data

pytestmark = pytest.mark.slow

_SAMPLE = Path(__file__).parent / "samples" / "lineage.tsv"


@functools.cache
def _pieces(path: str) -> tuple[Piece, ...]:
    text, _ = decode((shared_data() / "laws" / path).read_bytes())
    units = [unit for unit in parse(text).units if unit.kind == "article"]
    return tuple(Piece(unit.text, text_hash(unit.text), unit.path, unit.kind) for unit in units)


@functools.cache
def _matching(older: str, newer: str) -> Matching:
    return match(_pieces(older), _pieces(newer))


def _predecessors(older: str, newer: str, article: str) -> set[str]:
    found = _matching(older, newer)
    old, new = _pieces(older), _pieces(newer)
    return {old[p.old].path for p in (*found.pairs, *found.splits, *found.merges) if new[p.new].path == article}


def _pairs() -> list[tuple[str, str]]:
    titles: dict[str, dict[str, str]] = defaultdict(dict)
    for row in manifest():
        if row["date"]:
            titles[row["title"]].setdefault(row["date"], row["path"])
    return [
        (dated[a], dated[b])
        for dated in titles.values()
        for a, b in zip(sorted(dated), sorted(dated)[1:], strict=False)
    ]


def test_match_on_the_labelled_sample_finds_what_a_reader_finds() -> None:
    with _SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    right = wrong = missed = 0

    for row in rows:
        wanted, open_ones = set(row["predecessors"].split()), set(row["open_to_dispute"].split())
        found = _predecessors(row["older"], row["newer"], row["article"])
        right += len(found & wanted)
        wrong += len(found - wanted - open_ones)
        missed += len(wanted - found)

    assert (len(rows), right + missed) == (200, 177)
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.95


def test_match_on_all_versions_pairs_every_article_that_is_word_identical() -> None:
    pairs = _pairs()
    left_over = []

    for older, newer in pairs:
        old, new = _pieces(older), _pieces(newer)
        identical = Counter(p.digest for p in old) & Counter(p.digest for p in new)
        paired = Counter(old[p.old].digest for p in _matching(older, newer).pairs if p.similarity == 1.0)
        left_over += list((identical - paired).elements())

    assert (len(pairs), left_over) == (22, [])
