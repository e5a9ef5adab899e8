"""Whether references are found as a person finds them: a labelled sample of the real laws."""

import csv
from pathlib import Path

import pytest

from portal.regulations.domain.citations.grammar import Place, amended_by, find
from portal.regulations.domain.citations.names import Names, aliases_in, plain_key
from portal.regulations.domain.parsing import ParsedLaw, decode, parse
from tests.portal.regulations.real_laws import manifest, shared_data

pytestmark = pytest.mark.slow

_SAMPLE = Path(__file__).parent / "samples" / "citations.tsv"
Reference = tuple[int, str, str, str]  # end, work, place, last place of a range


def _labelled(cell: str) -> set[Reference]:
    found: set[Reference] = set()
    for item in filter(None, cell.split(";")):
        span, _, target = item.partition("=")
        work, place, until = target.split("|")
        found.add((int(span.split("-")[1]), work, place, until))
    return found


def _found(law: ParsedLaw, article: str, names: Names) -> set[Reference]:
    aliases = aliases_in("\n".join(unit.text for unit in law.units), names)
    before = ""
    for unit in law.units:
        if unit.path == article:
            place = Place(article if unit.kind == "article" else "", before)
            own, default = plain_key(law.title), amended_by(law.title, names)
            mentions = find(unit.text, names, place, own=own, default=default, aliases=aliases)
            return {(m.end, m.title or "self", m.path, m.until) for m in mentions}
        if unit.kind == "article":
            before = unit.path
    raise LookupError(article)


def test_references_on_the_labelled_sample_are_found_as_a_reader_finds_them() -> None:
    with _SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    names = Names(sorted({row["title"] for row in manifest()}))
    laws: dict[str, ParsedLaw] = {}
    right = wrong = missed = 0

    for row in rows:
        if row["file"] not in laws:
            text, _ = decode((shared_data() / "laws" / row["file"]).read_bytes())
            laws[row["file"]] = parse(text)
        wanted, found = _labelled(row["references"]), _found(laws[row["file"]], row["article"], names)
        right += len(found & wanted)
        wrong += len(found - wanted)
        missed += len(wanted - found)

    assert right + missed >= 400
    assert right / (right + wrong) >= 0.98
    assert right / (right + missed) >= 0.95
