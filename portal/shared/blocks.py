"""A StreamField that never loses what it does not know: content outlives code.

Wagtail silently drops blocks of an unknown type at the next save. Here they are carried along as opaque JSON, shown as
nothing to readers, and come back whole when their plugin returns. Block definitions stay out of migrations, so that a
plugin's block needs none in a core app.
"""

from __future__ import annotations

import functools
import json
import re
from types import NoneType
from typing import Any

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.telepath import register
from wagtail.blocks.base import BlockWidget
from wagtail.blocks.stream_block import StreamBlock, StreamBlockAdapter
from wagtail.fields import StreamField

from plugins.sdk import runtime

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
PUBLIC_PATH = "portal.public.pages.OpenStreamField"  # what migrations import, those of plugins too
MOST_KEPT = 200  # names in one stream: a form that was made by hand must not fill the memory


class _Unreadable:
    """What a form sent in the place of kept content, and is no JSON."""


class KeptBlock(blocks.FieldBlock):
    """Stands for a block whose code is not there: holds its raw JSON, renders nothing."""

    def __init__(self, **kwargs: Any) -> None:
        self.field = forms.CharField(required=False, widget=forms.HiddenInput)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> Any:
        return value

    def value_for_form(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def value_from_form(self, value: Any) -> Any:
        try:
            return json.loads(value) if value else None
        except ValueError:
            return _Unreadable

    def clean(self, value: Any) -> Any:
        if value is _Unreadable:
            raise ValidationError(_("已保留的内容不完整，请刷新页面后再试。"))
        return value

    def render(self, value: Any, context: dict[str, Any] | None = None) -> str:
        return ""

    def get_searchable_content(self, value: Any) -> list[str]:
        return []

    class Meta:
        icon = "lock"
        group = _("已保留的内容")
        default = None


class KeepingStreamBlock(StreamBlock):
    """A stream of blocks that keeps unknown ones. Streams inside of blocks become one (`open_streams`)."""

    def hidden_blocks(self) -> frozenset[str]:
        """Names of the children that stay as they are and cannot be added: kept ones."""
        return frozenset(name for name, block in self.child_blocks.items() if isinstance(block, KeptBlock))

    def _keep(self, name: str) -> None:
        if name in self.child_blocks or not _NAME.fullmatch(name):
            return
        if sum(isinstance(block, KeptBlock) for block in self.child_blocks.values()) >= MOST_KEPT:
            return
        block = KeptBlock(label=_("已保留的内容（插件未启用）"))
        block.set_name(name)
        self.child_blocks = {**self.child_blocks, name: block}  # others may be walking through the old one

    def _keep_all(self, stream: Any) -> None:
        for child in stream or ():
            if isinstance(child, dict) and isinstance(child.get("type"), str):
                self._keep(child["type"])

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value:  # as revisions hold it
            try:
                value = json.loads(value)
            except ValueError:
                return super().to_python(value)
        if isinstance(value, list):
            self._keep_all(value)
        return super().to_python(value)

    def bulk_to_python(self, values: Any) -> Any:
        for stream in values:
            self._keep_all(stream)
        return super().bulk_to_python(values)

    def value_from_datadict(self, data: Any, files: Any, prefix: str) -> Any:
        count = str(data.get(f"{prefix}-count", ""))
        for index in range(min(int(count), len(data)) if count.isascii() and count.isdigit() else 0):
            self._keep(data.get(f"{prefix}-{index}-type", ""))
        return super().value_from_datadict(data, files, prefix)


@functools.cache
def _opened(kind: type[StreamBlock]) -> type[StreamBlock]:
    return type(f"Keeping{kind.__name__}", (KeepingStreamBlock, kind), {"__module__": kind.__module__})


def open_streams(block: blocks.Block) -> None:
    """Have every stream inside a block, however deep, keep what it does not know."""
    if isinstance(block, StreamBlock) and not isinstance(block, KeepingStreamBlock):
        block.__class__ = _opened(type(block))
    for child in getattr(block, "child_blocks", {}).values():
        open_streams(child)
    if (child := getattr(block, "child_block", None)) is not None:
        open_streams(child)


class OpenStreamBlock(KeepingStreamBlock):
    """A stream of blocks that keeps unknown ones, and knows those of the plugins.

    Every loaded plugin's blocks are among the children, whether it is on or off; `hidden_blocks` are not offered to editors.
    """

    _edition = -1
    _own: dict[str, Any]
    _adopted: frozenset[str] = frozenset()

    @property
    def child_blocks(self) -> dict[str, Any]:
        """Name and block of each child."""
        if apps.ready and (edition := runtime.edition()) != self._edition:
            self._adopt(edition)
        return self._own

    @child_blocks.setter
    def child_blocks(self, value: dict[str, Any]) -> None:
        self._own = value

    def _adopt(self, edition: int) -> None:
        self._edition = edition
        found = {
            name: block
            for name, block in runtime.blocks().items()
            if name in self._adopted or isinstance(self._own.get(name), KeptBlock | NoneType)
        }
        for block in found.values():
            open_streams(block)
        gone = self._adopted - set(found)
        stayed = {name: block for name, block in self._own.items() if name not in gone}
        self._own = {**stayed, **found}  # others may be walking through the old one
        self._adopted = frozenset(found)

    def hidden_blocks(self) -> frozenset[str]:
        """Names of the children that stay as they are and cannot be added: kept ones, and those of plugins that are off."""
        return super().hidden_blocks() | (runtime.blocks_off() & set(self.child_blocks))


class OpenStreamBlockAdapter(StreamBlockAdapter):
    """Tells the editor's browser which blocks it must know and not offer."""

    js_constructor = "portal.shared.OpenStreamBlock"

    def js_args(self, block: KeepingStreamBlock) -> list[Any]:
        name, groups, initial, meta = super().js_args(block)
        return [name, groups, initial, {**meta, "hidden": sorted(block.hidden_blocks())}]

    @cached_property
    def media(self) -> forms.Media:
        return super().media + forms.Media(js=[versioned_static("shared/open_stream.js")])


register(OpenStreamBlockAdapter(), KeepingStreamBlock)


class FreshBlockWidget(BlockWidget):
    """Packs its blocks anew for each form, because which of them are offered changes with a plugin's switch."""

    def __deepcopy__(self, memo: Any) -> FreshBlockWidget:
        fresh: FreshBlockWidget = super().__deepcopy__(memo)
        fresh._js_context = fresh._block_json = None
        fresh.__dict__.pop("media", None)
        return fresh


class OpenStreamField(StreamField):
    """StreamField over OpenStreamBlock whose migrations know nothing of its blocks."""

    def __init__(
        self, block_types: Any = (), use_json_field: bool | None = None, block_lookup: Any = None, **kwargs: Any
    ):
        if not isinstance(block_types, blocks.Block):
            block_types = OpenStreamBlock(list(block_types), required=not kwargs.get("blank", False))
        super().__init__(block_types, **kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"widget": FreshBlockWidget(self.stream_block), **kwargs})

    @cached_property
    def stream_block(self) -> StreamBlock:
        block: StreamBlock = StreamField.stream_block.func(self)
        open_streams(block)
        return block

    def deconstruct(self) -> Any:
        name, _path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, PUBLIC_PATH, [[]], kwargs
