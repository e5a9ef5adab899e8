"""Each kind of trouble in small, made by hand: the unseen laws have the same kinds, not the same files."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.regulations.domain.parsing import ParsedLaw, parse

HEADER = "# 试验条例\n\n2020年1月1日 通过\n\n<!-- INFO END -->\n\n"


def _law(*lines: str) -> ParsedLaw:
    return parse(HEADER + "\n\n".join(lines))


def _shape(law: ParsedLaw) -> list[tuple[str, str]]:
    assert law.balance.even, law.balance.difference
    return [(unit.path, unit.text) for unit in law.units]


def _codes(law: ParsedLaw) -> set[str]:
    return {doubt.code for doubt in law.doubts}


def test_paragraph_that_starts_with_di_is_no_head() -> None:
    law = _law(
        "第一条 甲。",
        "第三人不受限制。",
        "第一款规定的人员，从重。",
        "第二审人民法院审理。",
        "第（四）项除外。",
        "第二条 乙。",
    )

    assert _shape(law) == [
        ("art1", "甲。\n第三人不受限制。\n第一款规定的人员，从重。\n第二审人民法院审理。\n第（四）项除外。"),
        ("art2", "乙。"),
    ]
    assert law.doubts == []


def test_wrapped_reference_at_line_start_stays_in_its_article() -> None:
    law = _law("第一条 依照本法", "第三十一条的规定办理。", "第二条 乙。")

    assert _shape(law) == [("art1", "依照本法\n第三十一条的规定办理。"), ("art2", "乙。")]


def test_glued_reference_to_the_next_number_gives_way_to_the_real_head() -> None:
    law = _law("第一条 甲。", "第二条规定的情形除外。", "第二条 乙。")

    assert [path for path, _ in _shape(law)] == ["art1", "art2"]


def test_heads_run_together_in_one_line_are_divided() -> None:
    law = _law("第一条 甲。 第二条 乙见第三条。 第三条 丙。第四条丁。")

    assert _shape(law) == [("art1", "甲。"), ("art2", "乙见第三条。"), ("art3", "丙。"), ("art4", "丁。")]
    assert _codes(law) == {"head_inside_line"}


def test_head_after_a_sentence_without_its_end_is_found_by_number_and_blanks() -> None:
    law = _law("第一条 甲（一）乙 第二条 丙依照 第三条 的规定 第三条 丁")

    assert _shape(law) == [("art1", "甲（一）乙"), ("art2", "丙依照 第三条 的规定"), ("art3", "丁")]


def test_odd_heads_are_read_by_number() -> None:
    law = _law("笫一条 甲。", "第二条　乙。", "第3条 丙。", "第四 条丁。", "第五条【标题】戊。", "第五条之一 己。")

    assert [path for path, _ in _shape(law)] == ["art1", "art2", "art3", "art4", "art5", "art5-1"]


def test_quoted_articles_are_not_the_document_s_own() -> None:
    law = _law("第一条 增加一条，作为第八条：", "第八条 引文。", "第九条 引文。", "第二条 乙。")

    assert _shape(law) == [("art1", "增加一条，作为第八条：\n第八条 引文。\n第九条 引文。"), ("art2", "乙。")]
    assert _codes(law) == {"quoted_article"}


def test_missing_and_duplicate_numbers_are_kept_and_doubted() -> None:
    law = _law("第一条 甲。", "第四条 乙。", "第四条 丙。")

    assert [path for path, _ in _shape(law)] == ["art1", "art4", "art4~2"]
    assert _codes(law) == {"missing_number", "duplicate_number"}


def test_annex_restarts_numbers_but_word_that_starts_with_fu_does_not() -> None:
    law = _law("第一条 甲。", "附图中的标记不计。", "附利息的债权照付。", "第二条 乙。", "附件一 目录", "第一条 丙。")

    assert _shape(law) == [
        ("art1", "甲。\n附图中的标记不计。\n附利息的债权照付。"), ("art2", "乙。"), ("an1", ""), ("an1/art1", "丙。"),
    ]  # fmt: skip
    assert law.articles_in_annex == 1


def test_contents_left_as_headings_become_one_unit() -> None:
    law = _law("## 第一章 总则", "## 第二章 附则", "## 第一章 总则", "第一条 甲。", "## 第二章 附则", "第二条 乙。")

    assert [path for path, _ in _shape(law)] == ["toc", "ch1", "art1", "ch2", "art2"]


def test_contents_as_lines_become_one_unit() -> None:
    law = _law("目　录", "第一章 总则", "第二章 附则", "第一章 总则", "第一条 甲。", "第二章 附则", "第二条 乙。")

    assert [path for path, _ in _shape(law)] == ["toc", "ch1", "art1", "ch2", "art2"]


def test_heading_glued_to_a_paragraph_and_bare_final_chapter_are_found() -> None:
    law = _law("## 第一章 总则", "第一条 甲。第二章 法律责任", "第二条 乙。", "附 则", "第三条 丙。")

    assert [(unit.path, unit.heading) for unit in law.units if unit.kind in ("chapter", "heading")] == [
        ("ch1", "总则"), ("ch2", "法律责任"), ("h1", "附 则"),
    ]  # fmt: skip
    assert law.balance.even


def test_text_without_articles_keeps_items_in_order_without_doubt() -> None:
    law = _law(
        "现决定如下：",
        "一、将第三条修改为：“第三条 引文。”",
        "二、本决定自公布之日起施行。",
        "某某委员会",
        "2020年1月1日",
    )

    assert [path for path, _ in _shape(law)] == ["pre", "item1", "item2", "sign"]
    assert _codes(law) == set()


@pytest.mark.parametrize(
    "lines",
    [
        ("一、甲。", "三、丙。"),
        ("一、甲。", "二、将第三条修改为：", "“第三条 引文。”"),
        ("只有一段的法。",),
        ("| 条文 | 罪名 |", "|---|---|", "| 第一百二十条 | 某罪 |"),
    ],
)
def test_text_without_articles_that_may_have_lost_some_is_doubtful(lines: tuple[str, ...]) -> None:
    assert "no_article" in _codes(
        parse("# 某某管理条例\n\n2020年1月1日 公布\n\n<!-- INFO END -->\n\n" + "\n\n".join(lines))
    )


def test_title_that_is_whole_once_more_is_no_doubt_and_half_a_title_is_one() -> None:
    head = "# 某某管理条例\n\n2020年1月1日 公布\n\n<!-- INFO END -->\n\n"
    rest = "第一条 甲。\n\n第二条 乙。"

    assert _codes(parse(head + "某某\n\n管理条例\n\n国发〔2020〕1号\n\n" + rest)) == set()
    assert _codes(parse(head + "管理条例\n\n" + rest)) == {"front_repeated"}
    repeated = head.replace("2020年", "某某\n\n管理条例\n\n2020年")
    assert _codes(parse(repeated + rest)) == set()


def test_words_that_end_in_the_middle_and_rows_of_a_lost_table_are_doubtful() -> None:
    assert _codes(_law("第一条 甲。", "第二条 有下列情形之一的，由主管部门")) == {"cut_short"}
    rows = ("1 煤 18 锌", "2 石油 19 铝", "3 油页岩 20 镍", "4 天然气 21 钨")
    assert "table_flattened" in _codes(_law("第一条 甲。", "附件：", *rows))


def test_file_without_any_marks_is_still_read() -> None:
    law = parse("某单位制度\n第一条 甲。\n第二条 乙。", fallback_title="某单位制度")

    assert (law.title, law.articles, law.balance.even) == ("某单位制度", 2, True)
    assert _codes(law) == {"no_info_end", "no_title", "no_event"}


def test_first_head_behind_an_introduction_in_one_line_is_found() -> None:
    law = _law("为正确适用法律，现解释如下：第一条 甲。第二条 乙，依照本法第三条的规定。第三条 丙。")

    assert [path for path, _ in _shape(law)] == ["pre", "art1", "art2", "art3"]


def test_reference_in_a_text_without_articles_opens_no_article() -> None:
    law = _law("根据某法 第一条 的规定，现批复如下：第一条的主体包括法人。")

    assert [path for path, _ in _shape(law)] == ["pre"]


def test_part_of_a_code_begins_with_any_number_that_goes_on() -> None:
    law = _law("第四百六十三条本编调整关系。", "第四百六十四条合同是协议。", "第四百六十五条依法成立。")

    assert [path for path, _ in _shape(law)] == ["art463", "art464", "art465"]


def test_glued_head_before_words_that_begin_like_a_reference_is_found() -> None:
    law = _law(
        "第一条甲。", "第二条第二审法院审理。", "第三条中止执行。", "第四条作为出资的知识产权。", "第五条中介机构。"
    )

    assert [path for path, _ in _shape(law)] == ["art1", "art2", "art3", "art4", "art5"]


def test_chapters_that_begin_anew_in_each_part_have_their_own_paths() -> None:
    law = _law("## 第一编 甲", "### 第一章 乙", "第一条 一。", "## 第二编 丙", "### 第一章 丁", "第二条 二。")

    assert [path for path, _ in _shape(law)] == ["pt1", "pt1/ch1", "art1", "pt2", "pt2/ch1", "art2"]


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"第{number}条 甲乙丙丁。" for number in range(1, 9999)),
        "\n".join(f"## 题{number}" for number in range(20_000)),
        "目录\n" + "\n".join(f"第{number}章 甲{number}" for number in range(1, 9_000)),
        "第一条 甲\n" + "\n".join(f"附件{number % 900}\n甲" for number in range(10_000)),
    ],
    ids=["one line", "headings", "contents", "annexes"],
)
def test_long_text_of_one_kind_is_read_in_time_that_grows_with_it(body: str) -> None:
    began = time.process_time()

    law = parse(HEADER + body)

    assert law.balance.even
    assert time.process_time() - began < 5  # each took more than ten seconds, or grew with the square


_PIECES = st.sampled_from(
    [
        "第一条 甲。", "第二条 乙。第三条 丙。", "第三人除外。", "第二条的规定》", "## 第一章 总则", "### 第一节 甲", "第二章 罚则",
        "附件", "附件一：名录", "附则", "附：", "一、将第八条修改为：", "“第八条 引文。”", "二、乙", "（一）项；", "①注。", "目 录",
        "<!-- FORCE BREAK -->", "<!-- TABLE -->", "| 甲 | 乙 |", "<!-- TABLE END -->", "<!-- 其他 -->", "##", "# 另一文件",
        "短行", "2020年1月1日", "某某局", "\u200b", "第四条　丁：", "第五 条戊。", "1．目。", "第百条", "第〇条 零", "## 第六条 己。",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=25), st.booleans())
def test_any_order_of_lines_keeps_every_character_and_unique_paths(pieces: list[str], with_mark: bool) -> None:
    text = (HEADER if with_mark else "") + "\n".join(pieces)

    law = parse(text, fallback_title="无题")

    paths = [unit.path for unit in law.units]
    assert (law.balance.difference, len(set(paths))) == ("", len(paths))
