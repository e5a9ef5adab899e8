"""Correcting the structure: the text never changes, addresses stay, corrections survive an import of the same file."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.models import Job
from portal.regulations.domain.importing import READ_TEXTS, import_regulation
from portal.regulations.domain.parsing import decode, parse
from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.reading import paragraphs_of
from portal.regulations.domain.storing import provisions_from
from portal.regulations.domain.structuring.correcting import (
    Overtaken,
    TextChanged,
    UnknownKind,
    correct_structure,
    settle_doubt,
    structure_of,
)
from portal.regulations.domain.structuring.recutting import JOINED, flowing, recut
from portal.regulations.domain.structuring.rows import LINE, Row, rows_of, units_of
from portal.regulations.models import Lineage, LineageEdge, RegulationVersion
from tests.portal.regulations.makers import LONG, law_text
from tests.portal.regulations.real_laws import manifest, shared_data

NAME = "检修作业管理规定(2020-01-01).md"
BROKEN = (*LONG, "第五条 班组长应当每日检查。第六 条值班员应当如实记录。", "附 则", "第七条 本规定自印发之日起施行。")


def _paths(version: RegulationVersion) -> list[str]:
    return list(version.provisions.order_by("position").values_list("path", flat=True))


def _imported(*body: str) -> RegulationVersion:
    version = import_regulation(law_text(*body), file_name=NAME).version
    assert version is not None
    return version


def _replace(version: RegulationVersion, at: int, *rows: Row, count: int = 1) -> RegulationVersion:
    return correct_structure(version, at, at + count, rows, digest=structure_of(version).digest)


@pytest.mark.django_db
def test_split_and_join_change_the_borders_and_keep_every_character() -> None:
    version = _imported(*LONG, "第四条 甲方应当检查，第五条作业完毕", "应当记录。")
    before = solid("".join(row.text for row in structure_of(version).rows))
    at = next(i for i, row in enumerate(structure_of(version).rows) if "第五条" in row.text)
    split = [Row("article", "第四条 甲方应当检查，", 4), Row("article", "第五条作业完毕"), Row(JOINED, "应当记录。")]

    _replace(version, at, *split, count=2)

    version.refresh_from_db()
    last = version.provisions.get(path="art5")
    assert (_paths(version), version.article_count) == (["art1", "art2", "art3", "art4", "art5"], 5)
    assert (last.label, last.text) == ("第五条", "作业完毕应当记录。")
    assert solid("".join(row.text for row in structure_of(version).rows)) == before


@pytest.mark.django_db
def test_correction_keeps_the_addresses_of_articles_and_has_references_read_again() -> None:
    version = _imported(*LONG, "一、本条误标。")
    known = dict(version.provisions.values_list("path", "lineage"))
    Job.objects.filter(kind=READ_TEXTS).delete()
    RegulationVersion.objects.update(read_at=version.imported_at)

    _replace(version, 0, Row("article", structure_of(version).rows[0].text, 9))

    version.refresh_from_db()
    after = dict(version.provisions.values_list("path", "lineage"))
    assert after["art9"] == known["art1"]
    assert {path: after[path] for path in ("art2", "art3")} == {path: known[path] for path in ("art2", "art3")}
    assert (version.read_at, Job.objects.filter(kind=READ_TEXTS).count()) == (None, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "error"),
    [
        (Row("article", "第一条 为了规范检修作业。"), TextChanged),
        (Row("article", "第一条 为了规范检修作业，保障人身和设备安全，根据有关法律法规，结合公司实际，制定本规定！"), TextChanged),
        (Row("verse", LONG[0]), UnknownKind),
        (Row(JOINED, LONG[0]), UnknownKind),
        (Row("article", LONG[0], -1), UnknownKind),
    ],
)  # fmt: skip
def test_correction_that_changes_words_or_is_none_is_refused(row: Row, error: type[Exception]) -> None:
    version = _imported(*LONG)

    with pytest.raises(error):
        _replace(version, 0, row)

    assert [row.text for row in structure_of(version).rows] == list(LONG)


@pytest.mark.django_db
def test_correction_of_what_somebody_else_changed_meanwhile_is_refused() -> None:
    version = _imported(*LONG)
    seen = structure_of(version).digest
    _replace(version, 2, Row(LINE, LONG[2]))

    with pytest.raises(Overtaken):
        correct_structure(version, 0, 1, [Row("article", LONG[0], 7)], digest=seen)

    assert _paths(version) == ["art1", "art2"]


@pytest.mark.django_db
def test_text_imported_again_keeps_corrections_and_names_those_that_are_lost() -> None:
    version = _imported(*LONG, "第四条 甲。", "附录甲的说明", "第五条 乙。")
    rows = structure_of(version).rows
    _replace(version, 0, Row("preamble", rows[0].text))
    _replace(version, 2, Row("article", rows[2].text, 30))
    same = import_regulation(law_text(*LONG, "第四条 甲。", "附录甲的说明", "第五条 乙。"), file_name=NAME)
    unchanged = _paths(version)

    again = import_regulation(
        law_text(LONG[0], LONG[1], "第三条 改写的一条。", "第四条 甲。", "第五条 乙。"), file_name=NAME
    )

    version.refresh_from_db()
    codes = {doubt["code"] for doubt in version.doubts}
    assert (same.outcome, again.outcome, unchanged[:3]) == ("unchanged", "updated", ["pre", "art2", "art30"])
    assert _paths(version) == ["pre", "art2", "art3", "art4", "art5"]
    assert {"corrections_kept", "correction_lost"} <= codes
    assert len(version.corrections) == 1


@pytest.mark.django_db
def test_lines_forced_to_be_paragraphs_and_items_are_read_so_and_stay_so_when_the_file_comes_again() -> None:
    body = ("第四条 检修应当做到下列各点：", "停电并验电；", "挂接地线。", "（一）以上各点由班组长签字确认。")
    version = _imported(*LONG, *body)
    by_mark = structure_of(version).places()[3:]
    wanted = [Row("item", body[1]), Row("subitem", body[2]), Row("paragraph", body[3])]

    _replace(version, 4, *wanted, count=3)

    version.refresh_from_db()
    article = version.provisions.get(path="art4")
    forced = [paragraph.place for paragraph in paragraphs_of(article.text, article.line_kinds)]
    import_regulation(law_text(*LONG, *body, "第五条 后来加上的一条。"), file_name=NAME)
    again = version.provisions.get(path="art4")
    assert by_mark == ["", "p2", "p3", "p3/i1"]
    assert (article.line_kinds, forced) == ("-isp", ["p1", "p1/i1", "p1/i1/s1", "p2"])
    assert structure_of(version).places()[3:7] == ["", *forced[1:]]
    assert (again.line_kinds, again.text, again.uid) == (article.line_kinds, article.text, article.uid)


@pytest.mark.django_db
def test_doubt_leads_to_its_row_and_is_settled_by_correcting_it_or_by_hand() -> None:
    version = _imported(*LONG, "第六条 这一条前面缺了两条。", "第六条 这一条的序号重复了。")
    places = [structure_of(version).row_of(doubt) for doubt in version.doubts if doubt["line"]]
    _replace(version, 4, Row("article", structure_of(version).rows[4].text, 7))
    version.refresh_from_db()
    by_correcting = [bool(doubt.get("settled")) for doubt in version.doubts if doubt["line"]]

    settle_doubt(version, next(i for i, doubt in enumerate(version.doubts) if doubt["code"] == "missing_number"))

    version.refresh_from_db()
    assert (places, by_correcting) == ([3, 4], [False, True])
    assert all(doubt["settled"] for doubt in version.doubts if doubt["line"])


@pytest.mark.django_db
def test_corrected_text_loses_edges_of_the_machine_that_no_longer_follow_and_keeps_those_of_persons() -> None:
    long = "第二条 检修作业应当填写工作票，工作票由值班负责人签发，未经签发不得开工，违者停工学习三日并写出书面检查。"
    import_regulation(law_text(LONG[0], long), file_name=NAME)
    halves = (
        "第二条 检修作业应当填写工作票，工作票由值班负责人签发。",
        "第三条 未经签发不得开工，违者停工学习三日并写出书面检查。",
    )
    newer = import_regulation(law_text(LONG[0], *halves), file_name="检修作业管理规定(2024-01-01).md").version
    drawn = list(LineageEdge.objects.values_list("kind", flat=True))
    first = Lineage.objects.filter(provisions__path="art1").distinct().get()
    by_hand = LineageEdge.objects.create(
        source=LineageEdge.objects.get().source, target=first, kind="merged", drawn_by=LineageEdge.DrawnBy.PERSON
    )

    _replace(newer, 1, Row("article", halves[0], 2), Row(JOINED, halves[1]), count=2)

    assert drawn == ["split"]
    assert list(LineageEdge.objects.all()) == [by_hand]


def _rows_in(text: str) -> list[Row]:
    law = parse(text, fallback_title="无题")
    return rows_of(provisions_from(RegulationVersion(), law))


@given(st.lists(st.integers(1, 60), max_size=12), st.data())
def test_any_cut_of_a_text_holds_the_same_characters(lengths: list[int], data: st.DataObject) -> None:
    old = _rows_in(law_text(*BROKEN))
    words = solid("".join(row.text for row in old))
    wanted, at = [], 0
    for length in [*lengths, len(words)]:
        piece = words[at : at + length]
        at += length
        if piece:
            wanted.append(
                Row(data.draw(st.sampled_from(["article", LINE, "item", "chapter", "annex", "heading", JOINED])), piece)
            )

    units = units_of(recut(old, flowing(wanted)))

    assert solid("".join(unit.label + unit.heading + unit.text for unit in units)) == words
    assert len({unit.path for unit in units}) == len(units)


@pytest.mark.slow
def test_rows_of_every_real_law_make_the_same_tree_again() -> None:
    different = []
    for row in manifest():
        text, _ = decode((shared_data() / "laws" / row["path"]).read_bytes())
        law = parse(text)
        again = units_of(rows_of(provisions_from(RegulationVersion(), law)))
        same = [(*dataclasses.astuple(dataclasses.replace(unit, line=0, lines=[])), unit.text) for unit in law.units]
        if same != [(*dataclasses.astuple(dataclasses.replace(unit, line=0, lines=[])), unit.text) for unit in again]:
            different.append(row["path"])

    assert different == []
