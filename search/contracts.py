"""What others hand to search and what they get back. Frozen values only; no engine and no portal model in sight."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

OPEN_END = 99_999_999
PAGING_LIMIT = 1_000
"""Hits beyond this rank are never shown; totals are counted up to it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchDocument:
    """One row of the index.

    `group` is the uid given to `content_changed(kind, uid)`: indexing replaces all rows of a group. `uid` is unique within
    the kind. `context` is searched with the body but not shown (headings above, title of the parent). `tokens` and
    `secrecy` say who may find it. `authority` multiplies the score (1.0 is neutral; 0.25 to 16 count). `valid_from` and `valid_to` are
    yyyymmdd, both inclusive. `reference_title` and `reference_path` ("art54", "art53-1") let 「某法第五十四条」 find it;
    A facet may have several values. `label` is shown beside the title ("第五十四条"). Where the title is that of a larger work, `work_url` is the work's own
    address, to which a suggestion of the title leads.
    """

    uid: str
    group: str
    kind: str
    type: str
    title: str
    body: str
    url: str
    tokens: frozenset[str]
    context: str = ""
    summary: str = ""
    secrecy: int = 0
    authority: float = 1.0
    published: dt.date | None = None
    valid_from: int = 0
    valid_to: int = OPEN_END
    facets: Mapping[str, str | Sequence[str]] = dataclasses.field(default_factory=dict)
    reference_title: str = ""
    reference_path: str = ""
    label: str = ""
    work_url: str = ""

    @property
    def key(self) -> str:
        """The name of the row in the whole index."""
        return f"{self.kind}:{self.uid}"


@dataclasses.dataclass(frozen=True)
class SearchSource:
    """One kind of searchable thing.

    `documents(None)` yields all rows, `documents(uids)` those of the groups with these uids; a group that yields nothing is
    removed. `types` maps each document type to its Chinese and English label, `facets` each facet key likewise.
    """

    kind: str
    label: str
    label_en: str
    documents: Callable[[Sequence[str] | None], Iterable[SearchDocument]]
    types: Mapping[str, tuple[str, str]]
    facets: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class SearchHit:
    """One found row. `title_html` and `snippet` are escaped HTML in which only `<mark>` occurs. `status` says whether it holds at
    the date that was asked for ("held", "future", "past"); `more` how many further rows of its document were found, where
    results are put together by document; `is_pinned` that editors put it first."""

    uid: str
    group: str
    kind: str
    type: str
    type_label: str
    title: str
    title_html: str
    label: str
    url: str
    snippet: str
    date: dt.date | None
    facets: Mapping[str, str | Sequence[str]]
    is_reference: bool = False
    is_pinned: bool = False
    status: str = "held"
    more: int = 0
    work_url: str = ""

    @property
    def key(self) -> str:
        """The name of the row in the whole index."""
        return f"{self.kind}:{self.uid}"


@dataclasses.dataclass(frozen=True)
class FacetOption:
    """One value of a facet, with the number of matches if it were chosen (up to `PAGING_LIMIT` shown exactly)."""

    value: str
    label: str
    count: int
    selected: bool


@dataclasses.dataclass(frozen=True)
class FacetGroup:
    """A facet ("type" or a key declared by a source) with its options, most frequent first."""

    key: str
    label: str
    options: tuple[FacetOption, ...]


@dataclasses.dataclass(frozen=True)
class UnderstoodReference:
    """A place in a document that the query named: 「民法典第五十四条」 is title 民法典, path art54, label 第五十四条. `titles` are
    the documents that the name fits when it fits several."""

    title: str
    path: str
    label: str
    found: bool
    titles: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class SearchResults:
    """A page of hits. `total` counts up to `PAGING_LIMIT`; `total_is_capped` says that there are more. `did_you_mean` are
    words of the same sound that were probably meant; `also` the other words that editors gave for what was typed. In results
    put together by document, `total` counts documents among the first `PAGING_LIMIT` rows, and `rows` says how many rows these are, as facets count. `is_reduced`: the engine is away,
    titles in the database answered."""

    query: str
    hits: tuple[SearchHit, ...]
    total: int
    total_is_capped: bool
    page: int
    per_page: int
    facets: tuple[FacetGroup, ...]
    reference: UnderstoodReference | None
    took_ms: float
    did_you_mean: str = ""
    also: tuple[tuple[str, str], ...] = ()
    is_reduced: bool = False
    rows: int = 0

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // self.per_page))


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """A title that starts, or has a word that starts, with what was typed."""

    title: str
    url: str
    type: str
    type_label: str


class SearchUnavailable(Exception):
    """The engine cannot answer or take changes now: it is down, or its index is missing. Reading and editing go on."""
