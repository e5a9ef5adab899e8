"""What the search box finds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class SearchSource:
    """Things that the search box finds. `documents(uids)` yields `SearchDocument`s: of the groups with these uids, or of all
    for None. `kind` begins with the slug; call `content_changed(kind, uid)` inside the transaction of each change.
    `types` and `facets` give the Chinese and English name of each."""

    kind: str
    label: str
    documents: str | Callable[[Sequence[str] | None], Iterable[Any]]
    label_en: str = ""
    types: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    facets: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
