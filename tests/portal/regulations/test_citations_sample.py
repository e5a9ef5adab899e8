"""Whether references are found as a person finds them: a labelled sample of the real laws."""

import csv
import functools
from pathlib import Path

import pytest

from portal.regulations.domain.citations.grammar import Place, amended_by, find
from portal.regulations.domain.citations.names import Names, aliases_in, plain_key
from portal.regulations.domain.parsing import ParsedLaw, decode, parse
from tests.portal.regulations.real_laws import manifest, shared_data

pytestmark = pytest.mark.slow

_SAMPLES = Path(__file__).parent / "samples"
_LEAST = {
    "citations.tsv": 400, "citations_fresh.tsv": 400, "citations_second.tsv": 140, "citations_third.tsv": 400,
    "citations_fourth.tsv": 380, "citations_fifth.tsv": 100,
}  # fmt: skip
Reference = tuple[int, str, str, str]  # end, work, place, last place of a range


def _labelled(cell: str) -> tuple[set[Reference], set[int]]:
    """The references, and the ends of those open to dispute (marked `?`)."""
    found: set[Reference] = set()
    open_ones: set[int] = set()
    for item in filter(None, cell.split(";")):
        span, _, target = item.lstrip("?").partition("=")
        end = int(span.split("-")[1])
        work, place, until = target.split("|")
        if item.startswith("?"):
            open_ones.add(end)
        else:
            found.add((end, work, place, until))
    return found, open_ones


@functools.cache
def _names() -> Names:
    return Names(sorted({row["title"] for row in manifest()}))


@functools.cache
def _read(file: str) -> tuple[ParsedLaw, dict[str, str], str]:
    """The law, what it calls 以下简称, and the work it amends."""
    law = parse(decode((shared_data() / "laws" / file).read_bytes())[0])
    aliases = aliases_in("\n".join(unit.text for unit in law.units), _names())
    return law, aliases, amended_by(law.title, _names())


def _found(file: str, article: str) -> set[Reference]:
    law, aliases, default = _read(file)
    before = ""
    for unit in law.units:
        if unit.path == article:
            place = Place(article if unit.kind == "article" else "", before)
            mentions = find(unit.text, _names(), place, own=plain_key(law.title), default=default, aliases=aliases)
            return {(m.end, m.title or ("number" if m.number else "self"), m.path, m.until) for m in mentions}
        if unit.kind == "article":
            before = unit.path
    raise LookupError(article)


def _measure(sample: str) -> tuple[int, int, int]:
    """How many references were found rightly, wrongly, and missed."""
    right = wrong = missed = 0
    with (_SAMPLES / sample).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            wanted, open_ones = _labelled(row["references"])
            found = {one for one in _found(row["file"], row["article"]) if one[0] not in open_ones}
            right += len(found & wanted)
            wrong += len(found - wanted)
            missed += len(wanted - found)
    return right, wrong, missed


@pytest.mark.parametrize("sample", _LEAST)
def test_references_on_the_labelled_sample_are_found_as_a_reader_finds_them(sample: str) -> None:
    right, wrong, missed = _measure(sample)

    assert right + missed >= _LEAST[sample]
    assert right / (right + wrong) >= 0.98
    assert right / (right + missed) >= 0.95
