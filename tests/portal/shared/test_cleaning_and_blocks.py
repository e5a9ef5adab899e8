"""HTML cleaning, text of HTML, slugs, blocks that outlive their code, encrypted values."""

import json

import pytest
from wagtail import blocks

from portal.shared.blocks import OpenStreamBlock, OpenStreamField
from portal.shared.fields import EncryptedTextField, UndecipherableValue
from portal.shared.html import clean, text_of
from portal.shared.slugs import pinyin_slug


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("<p onclick=x()>好</p>", "<p>好</p>"),
        ("<script>alert(1)</script>后", "后"),
        ("<svg><a href='javascript:x'>图</a></svg>后", "后"),
        ("<a href='javascript:alert(1)'>点</a>", "<a>点</a>"),
        ("<a href='JaVaScRiPt:alert(1)'>点</a>", "<a>点</a>"),
        ("<a href='//evil.example/'>点</a>", "<a>点</a>"),
        ('<a href="/r/x">条</a>', '<a href="/r/x">条</a>'),
        ("<p>未关闭<strong>的", "<p>未关闭<strong>的</strong></p>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<scr<script>ipt>x</script>", "ipt&gt;x"),
    ],
)
def test_clean_hostile_markup_becomes_harmless(dirty, expected):
    assert clean(dirty) == expected


def test_text_of_html_keeps_words_apart():
    assert text_of("<h2>一</h2><p>二 <b>三</b></p><script>四</script>") == "一\n二 三"


@pytest.mark.parametrize(
    ("title", "slug"),
    [("党的二十大 2026 年 Report", "dang-de-er-shi-da-2026-nian-report"), ("……", "page"), ("ＡＢ１", "ab1")],
)
def test_pinyin_slug_reads_chinese_and_latin(title, slug):
    assert pinyin_slug(title) == slug


def test_pinyin_slug_long_title_is_cut_at_a_word():
    assert len(pinyin_slug("关于进一步加强和改进新时代基层党组织建设工作的若干意见实施细则的补充通知" * 3)) <= 60


def test_open_stream_block_keeps_what_it_does_not_know():
    stored = [
        {"type": "quiz", "value": {"paper": 7, "nested": ["甲"]}, "id": "a1"},
        {"type": "text", "value": "正文", "id": "a2"},
    ]
    block = OpenStreamBlock([("text", blocks.CharBlock())])

    value = block.to_python(json.loads(json.dumps(stored)))

    assert block.get_prep_value(value) == stored
    assert "正文" in str(value)
    assert "paper" not in str(value)


def test_open_stream_block_keeps_unknown_blocks_through_the_editor_form():
    block = OpenStreamBlock([("text", blocks.CharBlock())])
    form = {
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "quiz",
        "body-0-value": json.dumps({"paper": 7}), "body-0-id": "a1",
    }  # fmt: skip

    value = block.clean(block.value_from_datadict(form, {}, "body"))

    assert block.get_prep_value(value) == [{"type": "quiz", "value": {"paper": 7}, "id": "a1"}]


def test_open_stream_field_migration_names_no_block():
    field = OpenStreamField([("text", blocks.CharBlock())], blank=True)

    assert field.deconstruct()[2:] == ([[]], {"blank": True})


def test_encrypted_field_turns_keys_without_losing_values(settings):
    field = EncryptedTextField()
    settings.FIELD_KEYS = ["old"]
    stored = field.get_prep_value("440524188001010014")
    settings.FIELD_KEYS = ["new", "old"]

    assert "440524" not in stored
    assert field.from_db_value(stored, None, None) == "440524188001010014"

    settings.FIELD_KEYS = ["new"]
    with pytest.raises(UndecipherableValue):
        field.from_db_value(stored, None, None)
