"""One row as both engines index it: tokens made here, so that they cannot differ."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from portal.ground.suppliers import PUBLIC_TOKEN
from search.analysis import grams
from search.analysis.pinyin import suggest_keys
from search.contracts import SearchDocument

STORED_BODY = 50_000
"""Characters of a body kept for snippets; all of it is searched."""

LEAST_AUTHORITY = 0.25
MOST_AUTHORITY = 16.0


@dataclasses.dataclass(frozen=True)
class IndexRow:
    """A `SearchDocument`, tokenised. `data` is what comes back with a hit; `tie` orders equal scores."""

    key: str
    group_key: str
    seq: int
    kind: str
    type: str
    tokens: tuple[str, ...]
    secrecy: int
    valid_from: int
    valid_to: int
    authority: float
    tie: int
    text: str
    positions: str
    reference_path: str
    reference_title: str
    suggest: tuple[str, ...]
    facets: Mapping[str, str]
    data: Mapping[str, Any]


@functools.lru_cache(maxsize=256)
def _title_tokens(title: str) -> str:
    return grams.index_strings(title)[0]  # the same for all articles of a document


@functools.lru_cache(maxsize=256)
def _suggest_keys(title: str) -> tuple[str, ...]:
    return tuple(suggest_keys(title))


def make_row(document: SearchDocument, seq: int, *, suggested: bool) -> IndexRow:
    """Tokenise a document. `suggested` asks for suggestion keys; only public rows of level 0 ever get them."""
    text = "\n".join(part for part in (document.title, document.context, document.summary, document.body) if part)
    is_open = PUBLIC_TOKEN in document.tokens and document.secrecy == 0
    title = document.reference_title or document.title
    tokens, positions = grams.index_strings(text)
    return IndexRow(
        key=document.key,
        group_key=f"{document.kind}:{document.group}",
        seq=seq,
        kind=document.kind,
        type=document.type,
        tokens=tuple(sorted(document.tokens)),
        secrecy=document.secrecy,
        valid_from=document.valid_from,
        valid_to=document.valid_to,
        authority=min(max(document.authority, LEAST_AUTHORITY), MOST_AUTHORITY),
        tie=int.from_bytes(hashlib.sha256(document.key.encode()).digest()[:6], "big"),
        text=tokens,
        positions=positions,
        reference_path=document.reference_path,
        reference_title=_title_tokens(title) if document.reference_path else "",
        suggest=_suggest_keys(document.title) if suggested and is_open else (),
        facets={key: value for key, value in document.facets.items() if value},
        data={
            "uid": document.uid,
            "group": document.group,
            "kind": document.kind,
            "type": document.type,
            "title": document.title,
            "label": document.label,
            "url": document.url,
            "work_url": document.work_url,
            "summary": document.summary,
            "body": document.body[:STORED_BODY],
            "published": document.published.isoformat() if document.published else "",
            "facets": dict(document.facets),
            "reference_title": title if document.reference_path else "",
        },
    )


def make_rows(documents: Iterable[SearchDocument], seq: int) -> Iterator[IndexRow]:
    """The rows of one group. Each title is suggested once a period of validity, by its head row if there is one."""
    listed = list(documents)
    heads: dict[tuple[str, int, int], SearchDocument] = {}
    for document in listed:
        slot = (document.title, document.valid_from, document.valid_to)
        if slot not in heads or (heads[slot].reference_path and not document.reference_path):
            heads[slot] = document
    for document in listed:
        slot = (document.title, document.valid_from, document.valid_to)
        yield make_row(document, seq, suggested=heads[slot] is document)
