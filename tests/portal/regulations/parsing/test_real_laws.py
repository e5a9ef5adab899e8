import pytest

from portal.regulations.domain.parsing import ParsedLaw, decode, parse
from tests.portal.regulations.real_laws import manifest, shared_data

pytestmark = pytest.mark.once


def _parse(path: str) -> ParsedLaw:
    text, _ = decode((shared_data() / "laws" / path).read_bytes())
    return parse(text)


def test_parse_all_real_laws_counts_articles_and_loses_nothing() -> None:
    """Every file gives the number of articles an independent parser counted, and every character comes back."""
    wrong = []
    rows = manifest()

    for row in rows:
        law = _parse(row["path"])
        paths = [unit.path for unit in law.units]
        found = (law.articles, law.articles_in_annex, law.balance.even, len(set(paths)) == len(paths))
        if found != (int(row["articles"]), int(row["articles_in_annex"]), True, True):
            wrong.append((row["path"], row["articles"], found, law.balance.difference))

    assert (len(rows), wrong) == (325, [])


@pytest.mark.parametrize(
    ("name", "articles"),
    [
        ("行政法规/飞行基本规则(2007-10-18).md", 124),
        ("诉讼与非诉讼程序法/刑事诉讼法(2018-10-26).md", 308),
        ("宪法/宪法修正案（2018年）.md", 21),
        ("DLC/河南地方法规/地方性法规/河南/河南省历史文化名城保护条例(2010-07-30).md", 30),
        ("刑法/刑法修正案（九）.md", 0),
    ],
)
def test_parse_file_that_defeats_the_naive_count_finds_its_articles(name: str, articles: int) -> None:
    law = _parse(name)

    assert law.articles == articles


def test_parse_criminal_procedure_law_joins_broken_head_and_wrapped_heading() -> None:
    law = _parse("诉讼与非诉讼程序法/刑事诉讼法(2018-10-26).md")

    broken = next(unit for unit in law.units if unit.path == "art128")
    assert (broken.label, broken.text[:6]) == ("第一百二十八 条", "侦查人员对于")
    assert "第四章 犯罪嫌疑人、被告人逃匿、死亡案件违法所得的没收程序" in [
        f"{unit.label} {unit.heading}" for unit in law.units if unit.kind == "chapter"
    ]
    last = next(unit for unit in law.units if unit.path == "art308")
    assert law.headings_of(last) == ["附则"]


def test_parse_legislation_law_keeps_article_86_that_looks_like_a_reference() -> None:
    law = _parse("宪法相关法/立法法(2023-03-13).md")

    assert next(unit.text for unit in law.units if unit.path == "art86").startswith("规定本行政区域")


def test_parse_criminal_law_keeps_sub_articles_annexes_and_note() -> None:
    law = _parse("刑法/刑法.md")

    paths = {unit.path for unit in law.units}
    assert {"art120-6", "an1", "an2", "pt1/ch1"} <= paths
    assert [unit.kind for unit in law.units if unit.text.startswith("①")] == ["note"]


def test_parse_minors_network_regulation_finds_chapters_without_marks() -> None:
    law = _parse("行政法规/未成年人网络保护条例(2023-10-16).md")

    assert [unit.heading for unit in law.units if unit.kind in ("chapter", "heading")] == [
        "总 则", "网络素养促进", "网络信息内容规范", "个人信息网络保护", "网络沉迷防治", "法律责任", "附 则",
    ]  # fmt: skip


def test_parse_annex_that_is_a_whole_document_keeps_its_own_numbers() -> None:
    law = _parse("司法解释/最高人民法院关于适用《婚姻法》若干问题的解释（二）的补充规定(2017-02-28).md")

    assert (law.articles, law.articles_in_annex) == (29, 29)
    assert "an1/art29" in {unit.path for unit in law.units}
