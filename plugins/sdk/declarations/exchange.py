"""Records that go from one installation to another."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from plugins.sdk.contexts import ExportContext, LoadContext
from plugins.sdk.declarations.base import Labelled

Rows = Callable[[ExportContext], Iterable[Mapping[str, Any]]]
Load = Callable[[LoadContext], None]


@dataclasses.dataclass(frozen=True)
class ExchangeRecords(Labelled):
    """The plugin's rows in an exchange package. `kind` is the slug or begins with it and a point; a row is JSON with a `uid`.
    `export(ExportContext)` gives the rows, `load(LoadContext)` writes rows of the same `version` from another installation, in
    the caller's transaction; it is safe to repeat."""

    kind: str
    label: str
    export: str | Rows
    load: str | Load
    version: int = 1
    label_en: str = ""
