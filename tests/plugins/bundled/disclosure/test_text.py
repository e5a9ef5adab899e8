"""The body of an item in pieces."""

from plugins.bundled.disclosure.domain.text import Block, blocks_of, plain_text

BODY = """
要点如下：
1. 组织建设
2、党员教育

- 甲
- 乙

| 项目 | 金额 |
| --- | ---: |
| 结余 | 1,234.50 |

尾注<b>
"""


def test_blocks_of_finds_paragraphs_lists_and_tables():
    assert blocks_of(BODY) == [
        Block("paragraph", ("要点如下：",)),
        Block("numbers", ("组织建设", "党员教育")),
        Block("bullets", ("甲", "乙")),
        Block("table", rows=(("项目", "金额"), ("结余", "1,234.50"))),
        Block("paragraph", ("尾注<b>",)),
    ]


def test_plain_text_has_no_marks_of_lists_and_tables():
    assert plain_text(BODY) == "要点如下：\n组织建设\n党员教育\n甲\n乙\n项目 金额\n结余 1,234.50\n尾注<b>"


def test_blocks_of_an_empty_body_are_none():
    assert blocks_of(" \r\n\r\n ") == []
