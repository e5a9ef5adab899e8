"""Records that go from one installation to another."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from plugins.sdk.contexts import ExportContext, LoadContext
from plugins.sdk.declarations.base import Labelled

_KIND = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?")
LONGEST_KIND = 40

Rows = Callable[[ExportContext], Iterable[Mapping[str, Any]]]
Load = Callable[[LoadContext], None]
RowCheck = Callable[[Mapping[str, Any]], None]
Upgrade = Callable[[dict[str, Any]], dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class ExchangeRecords(Labelled):
    """The plugin's rows in an exchange package. `kind` is the slug or begins with it and a point, and stays for ever.

    A row is JSON: `uid`, and exactly the keys of `fields`, which gives each its Chinese and English label. `organisation` is the
    key with the uid of the organisation that the row belongs to, `title` the one that people know a row by; those in `sealed` only
    the receiver can read (whatever is personal). `export(ExportContext)` gives the rows, `check(row)` raises `Refusal` for one that
    cannot be taken in, `load(LoadContext)` writes rows in the caller's transaction and is safe to repeat. With every change of the
    form raise `version` and add to `upgrades` the function that makes a row of the version before into the next one.
    """

    kind: str
    label: str
    export: str | Rows
    load: str | Load
    version: int = 1
    label_en: str = ""
    fields: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    organisation: str = "organisation"
    title: str = "title"
    sealed: frozenset[str] = frozenset()
    check: str | RowCheck = ""
    upgrades: Mapping[int, str | Upgrade] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind) or len(self.kind) > LONGEST_KIND:
            raise ValueError(
                f"{self.kind}: a kind is the slug, or the slug, a point and a word; at most {LONGEST_KIND} characters"
            )
        unknown = {self.organisation, self.title, *self.sealed} - set(self.fields)
        if unknown or "uid" in self.fields or "sealed" in self.fields:
            raise ValueError(f"{self.kind}: fields must name {', '.join(sorted(unknown)) or 'neither uid nor sealed'}")
        if self.organisation in self.sealed or self.version < 1:
            raise ValueError(f"{self.kind}: the organisation stays open, and versions begin with 1")
