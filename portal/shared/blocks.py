"""A StreamField that never loses what it does not know: content outlives code.

Wagtail silently drops blocks of an unknown type at the next save. Here they are carried along as opaque JSON, shown as
nothing to readers, and come back whole when their plugin returns. Block definitions stay out of migrations, so that a
plugin's block needs none in a core app.
"""

from __future__ import annotations

import json
from types import NoneType
from typing import Any

from django import forms
from django.apps import apps
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.telepath import register
from wagtail.blocks.base import BlockWidget
from wagtail.blocks.stream_block import StreamBlock, StreamBlockAdapter
from wagtail.fields import StreamField

from plugins.sdk import runtime


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
        return json.loads(value) if value else None

    def clean(self, value: Any) -> Any:
        return value

    def render(self, value: Any, context: dict[str, Any] | None = None) -> str:
        return ""

    def get_searchable_content(self, value: Any) -> list[str]:
        return []

    class Meta:
        icon = "lock"
        group = _("已保留的内容")
        default = None


class OpenStreamBlock(StreamBlock):
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
        for name in self._adopted - set(found):
            del self._own[name]
        self._own.update(found)
        self._adopted = frozenset(found)

    def hidden_blocks(self) -> frozenset[str]:
        """Names of the children that stay as they are and cannot be added: kept ones, and those of plugins that are off."""
        kept = {name for name, block in self.child_blocks.items() if isinstance(block, KeptBlock)}
        return frozenset(kept | (runtime.blocks_off() & set(self.child_blocks)))

    def _keep(self, name: str) -> None:
        if name and name not in self.child_blocks:
            block = KeptBlock(label=_("已保留的内容（插件未启用）"))
            block.set_name(name)
            self.child_blocks[name] = block

    def _keep_all(self, stream: Any) -> None:
        for child in stream or ():
            if isinstance(child, dict) and isinstance(child.get("type"), str):
                self._keep(child["type"])

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            self._keep_all(value)
        return super().to_python(value)

    def bulk_to_python(self, values: Any) -> Any:
        for stream in values:
            self._keep_all(stream)
        return super().bulk_to_python(values)

    def value_from_datadict(self, data: Any, files: Any, prefix: str) -> Any:
        for index in range(int(data.get(f"{prefix}-count", 0) or 0)):
            self._keep(data.get(f"{prefix}-{index}-type", "")[:100])
        return super().value_from_datadict(data, files, prefix)


class OpenStreamBlockAdapter(StreamBlockAdapter):
    """Tells the editor's browser which blocks it must know and not offer."""

    js_constructor = "portal.shared.OpenStreamBlock"

    def js_args(self, block: OpenStreamBlock) -> list[Any]:
        name, groups, initial, meta = super().js_args(block)
        return [name, groups, initial, {**meta, "hidden": sorted(block.hidden_blocks())}]

    @cached_property
    def media(self) -> forms.Media:
        return super().media + forms.Media(js=[versioned_static("shared/open_stream.js")])


register(OpenStreamBlockAdapter(), OpenStreamBlock)


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

    def deconstruct(self) -> Any:
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [[]], kwargs
