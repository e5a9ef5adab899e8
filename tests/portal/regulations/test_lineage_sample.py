"""Whether articles are followed as a person follows them: a labelled sample of real versions, and all identical articles."""

import csv
import functools
from collections import Counter
from pathlib import Path

import pytest

from portal.regulations.domain.matching import Matching, Piece, match
from portal.regulations.domain.parsing import decode, parse
from portal.regulations.domain.storing import text_hash
from tests.portal.regulations.real_laws import shared_data
from tests.portal.regulations.samples.drawing_lineage import consecutive_versions

pytestmark = pytest.mark.slow

_SAMPLES = Path(__file__).parent / "samples"


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


@pytest.mark.parametrize(
    ("sample", "predecessors"), [("lineage.tsv", 177), ("lineage_fresh.tsv", 175), ("lineage_second.tsv", 171)]
)
def test_match_on_a_labelled_sample_finds_what_a_reader_finds(sample: str, predecessors: int) -> None:
    with (_SAMPLES / sample).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    right = wrong = missed = 0

    for row in rows:
        wanted, open_ones = set(row["predecessors"].split()), set(row["open_to_dispute"].split())
        found = _predecessors(row["older"], row["newer"], row["article"])
        right += len(found & wanted)
        wrong += len(found - wanted - open_ones)
        missed += len(wanted - found)

    assert (len(rows), right + missed) == (200, predecessors)
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.95


def test_match_on_all_versions_pairs_every_article_that_is_word_identical() -> None:
    pairs = consecutive_versions()
    left_over = []

    for older, newer in pairs:
        old, new = _pieces(older), _pieces(newer)
        identical = Counter(p.digest for p in old) & Counter(p.digest for p in new)
        paired = Counter(old[p.old].digest for p in _matching(older, newer).pairs if p.similarity == 1.0)
        left_over += list((identical - paired).elements())

    assert (len(pairs), left_over) == (22, [])
