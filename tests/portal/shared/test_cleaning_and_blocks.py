"""HTML cleaning, text of HTML, slugs, blocks that outlive their code, encrypted values."""

import json

import pytest
from wagtail import blocks
from wagtail.blocks.stream_block import StreamBlockValidationError

from portal.shared.blocks import KeepingStreamBlock, KeptBlock, OpenStreamBlock, OpenStreamField
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


UNKNOWN = {"type": "quiz", "value": {"paper": 7, "nested": ["甲", None, 1.5]}, "id": "a1"}


def nested_field():
    """A stream in a struct in a list in a stream, none of which was said to be open."""
    inner = blocks.StreamBlock([("text", blocks.CharBlock())], required=False)
    struct = blocks.StructBlock([("title", blocks.CharBlock(required=False)), ("parts", inner)])
    return OpenStreamField([("chapters", blocks.ListBlock(struct)), ("text", blocks.CharBlock())], blank=True)


def nested_content():
    chapter = {"title": "一", "parts": [{"type": "text", "value": "文", "id": "b1"}, UNKNOWN]}
    return [{"type": "chapters", "value": [{"type": "item", "value": chapter, "id": "c1"}], "id": "d1"}, UNKNOWN]


@pytest.mark.parametrize("form", [lambda stored: stored, json.dumps], ids=["list", "text"])
def test_nested_streams_keep_what_they_do_not_know(form):
    block = nested_field().stream_block

    value = block.to_python(form(nested_content()))

    assert block.get_prep_value(value) == nested_content()
    list(value)  # blocks made from their data are written back from what they became
    assert [child.block_type for child in value[0].value[0]["parts"]] == ["text", "quiz"]
    assert block.get_prep_value(block.clean(value)) == nested_content()


def test_a_class_of_streams_of_ones_own_is_opened_too():
    class Parts(blocks.StreamBlock):
        text = blocks.CharBlock()

        class Meta:
            icon = "list-ul"

    field = OpenStreamField([("parts", Parts())], blank=True)
    stored = [{"type": "parts", "value": [UNKNOWN], "id": "e1"}]

    value = field.stream_block.to_python(stored)
    list(value)

    assert field.stream_block.get_prep_value(value) == stored
    assert isinstance(field.stream_block.child_blocks["parts"], Parts)


def test_kept_content_that_a_form_broke_is_refused_not_lost():
    block = OpenStreamBlock([("text", blocks.CharBlock())])
    form = {
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "quiz",
        "body-0-value": "{", "body-0-id": "a1",
    }  # fmt: skip

    with pytest.raises(StreamBlockValidationError):
        block.clean(block.value_from_datadict(form, {}, "body"))


def test_names_that_a_form_invents_do_not_fill_the_memory():
    block = OpenStreamBlock([("text", blocks.CharBlock())])
    names = [f"n{number}" for number in range(1000)] + ["<b>", "", "x" * 200]
    form = {"body-count": str(len(names))}
    for index, name in enumerate(names):
        form |= {f"body-{index}-deleted": "", f"body-{index}-order": str(index), f"body-{index}-type": name}
        form |= {f"body-{index}-value": "1", f"body-{index}-id": ""}

    block.value_from_datadict(form, {}, "body")

    assert sum(isinstance(child, KeptBlock) for child in block.child_blocks.values()) == 200
    assert "<b>" not in block.child_blocks


def test_every_stream_field_of_the_portal_is_open_in_all_its_depth():
    from django.apps import apps
    from wagtail.fields import StreamField

    fields = [
        field for model in apps.get_models() for field in model._meta.local_fields if isinstance(field, StreamField)
    ]

    assert len(fields) >= 3
    assert [str(field) for field in fields if not isinstance(field, OpenStreamField)] == []
    assert [str(field) for field in fields if not all_open(field.stream_block)] == []


def all_open(block):
    if isinstance(block, blocks.StreamBlock) and not isinstance(block, KeepingStreamBlock):
        return False
    inside = [*getattr(block, "child_blocks", {}).values(), getattr(block, "child_block", None)]
    return all(all_open(child) for child in inside if child is not None)
