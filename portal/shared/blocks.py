"""A StreamField that never loses what it does not know: content outlives code.

Wagtail silently drops blocks of an unknown type at the next save. Here they are carried along as opaque JSON, shown as
nothing to readers, and come back whole when their plugin returns. Block definitions stay out of migrations, so that a
plugin's block needs none in a core app.
"""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.stream_block import StreamBlock
from wagtail.fields import StreamField


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
    """A stream of blocks that keeps unknown ones."""

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


class OpenStreamField(StreamField):
    """StreamField over OpenStreamBlock whose migrations know nothing of its blocks."""

    def __init__(
        self, block_types: Any = (), use_json_field: bool | None = None, block_lookup: Any = None, **kwargs: Any
    ):
        if not isinstance(block_types, blocks.Block):
            block_types = OpenStreamBlock(list(block_types), required=not kwargs.get("blank", False))
        super().__init__(block_types, **kwargs)

    def deconstruct(self) -> Any:
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [[]], kwargs
