"""The blocks of a page's body. Other apps' page types use the same ones through `body_blocks`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.table_block.blocks import TableBlock as WagtailTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.rich_text import RichText, expand_db_html

from portal.files.models import Video
from portal.pages.choosers import video_chooser
from portal.shared.html import clean, text_of

PARAGRAPH_FEATURES = ["bold", "link", "document-link", "ol", "ul", "hr", "superscript", "subscript"]


class HeadingBlock(blocks.StructBlock):
    """A heading inside the text."""

    text = blocks.CharBlock(label=_("标题文字"), max_length=80)
    level = blocks.ChoiceBlock(
        label=_("级别"), choices=[("h2", _("大标题")), ("h3", _("小标题"))], default="h2", search_index=False
    )

    class Meta:
        icon = "title"
        label = _("标题")
        template = "pages/blocks/heading.html"


class ParagraphBlock(blocks.RichTextBlock):
    """Running text. Cleaned whenever it is shown, so that text from imports and interfaces is as harmless as typed text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(features=PARAGRAPH_FEATURES, **kwargs)

    def render_basic(self, value: RichText, context: dict[str, Any] | None = None) -> SafeString:
        return mark_safe(clean(expand_db_html(value.source)))  # noqa: S308 - cleaned

    def get_searchable_content(self, value: RichText) -> list[str]:
        return [text_of(value.source)]

    class Meta:
        icon = "pilcrow"
        label = _("正文")


class PictureBlock(blocks.StructBlock):
    """A picture with its caption."""

    image = ImageChooserBlock(label=_("图片"))
    alt = blocks.CharBlock(
        label=_("替代文字"),
        required=False,
        max_length=200,
        help_text=_("说明画面内容，供看不见图片的读者使用；不填则用图片自带的。"),
    )
    caption = blocks.CharBlock(label=_("图注"), required=False, max_length=200)

    class Meta:
        icon = "image"
        label = _("图片")
        template = "pages/blocks/picture.html"


class VideoChooserBlock(blocks.ChooserBlock):
    """Chooses one of the site's videos."""

    @cached_property
    def target_model(self) -> type[Video]:
        return Video

    @cached_property
    def widget(self) -> Any:
        return video_chooser.widget_class()

    class Meta:
        icon = "media"


class VideoBlock(blocks.StructBlock):
    """A video with its caption; played by the media pipeline's player."""

    video = VideoChooserBlock(label=_("视频"))
    caption = blocks.CharBlock(label=_("说明"), required=False, max_length=200)

    class Meta:
        icon = "media"
        label = _("视频")
        template = "pages/blocks/video.html"


class FileBlock(blocks.StructBlock):
    """A file to download, with its type and size."""

    document = DocumentChooserBlock(label=_("文件"))
    title = blocks.CharBlock(label=_("显示名称"), required=False, max_length=120)

    class Meta:
        icon = "doc-full"
        label = _("文件")
        template = "pages/blocks/file.html"


class QuoteBlock(blocks.StructBlock):
    """Someone's words, and whose they are."""

    text = blocks.TextBlock(label=_("引文"))
    source = blocks.CharBlock(label=_("出处"), required=False, max_length=120)

    class Meta:
        icon = "openquote"
        label = _("引文")
        template = "pages/blocks/quote.html"


# The grid that Wagtail uses for tables brings no Chinese of its own.
_TABLE_OPTIONS = {
    "language": "en-US",
    "contextMenu": {
        "items": {
            "row_above": {"name": "在上方插入一行"},
            "row_below": {"name": "在下方插入一行"},
            "col_left": {"name": "在左侧插入一列"},
            "col_right": {"name": "在右侧插入一列"},
            "remove_row": {"name": "删除行"},
            "remove_col": {"name": "删除列"},
            "undo": {"name": "撤销"},
            "redo": {"name": "重做"},
        }
    },
}


class TableBlock(WagtailTableBlock):
    """A plain table. Cells are text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"table_options": _TABLE_OPTIONS, **kwargs})

    def get_searchable_content(self, value: Any) -> list[str]:
        rows = (value or {}).get("data") or []
        return ["\n".join(" ".join(str(cell) for cell in row if cell) for row in rows)]

    class Meta:
        icon = "table"
        label = _("表格")
        template = "pages/blocks/table.html"


def body_blocks() -> list[tuple[str, blocks.Block]]:
    """The blocks every body may hold, by the names under which they are stored."""
    return [
        ("heading", HeadingBlock()),
        ("paragraph", ParagraphBlock(label=_("正文"))),
        ("picture", PictureBlock()),
        ("video", VideoBlock()),
        ("file", FileBlock()),
        ("quote", QuoteBlock()),
        ("table", TableBlock()),
    ]


def text_of_body(body: Iterable[Any]) -> str:
    """The plain text of a stream, for search and summaries."""
    parts: list[str] = []
    for child in body:
        parts += child.block.get_searchable_content(child.value)
    return "\n".join(part for part in parts if part)
