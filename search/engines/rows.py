"""One row as both engines index it: tokens made here, so that they cannot differ."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import math
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from portal.ground.suppliers import PUBLIC_TOKEN
from search.analysis import grams
from search.analysis.pinyin import suggest_starts
from search.contracts import OPEN_END, SearchDocument

STORED_BODY = 50_000
"""Characters of a body kept for snippets; all of it is searched."""

LEAST_AUTHORITY = 0.25
MOST_AUTHORITY = 16.0
_MOST_SECRECY = 1_000
SECTION_MARK = "§"


@dataclasses.dataclass(frozen=True, slots=True)
class IndexRow:
    """A `SearchDocument`, tokenised: `positions` are the tokens in the order of the text, `text` the same and then all pairs.
    `data` is what comes back with a hit; `tie` orders equal scores; each beginning of a text of `suggest` is a key under which its
    title is suggested."""

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
    facets: Mapping[str, str | Sequence[str]]
    data: Mapping[str, Any]
    section: str
    published: int

    @property
    def uid(self) -> str:
        """What names the row within its kind."""
        return str(self.data["uid"])


@dataclasses.dataclass(frozen=True, slots=True)
class SectionRow:
    """The text of all rows of a group that stand under the same headings and that the same people may see. Never a hit:
    how well it matches lifts its rows. `number` names it in the index."""

    number: int
    group_key: str
    seq: int
    kind: str
    tokens: tuple[str, ...]
    secrecy: int
    valid_from: int
    valid_to: int
    text: str

    @property
    def uid(self) -> str:
        """What names it beside the uids of its group."""
        return f"{SECTION_MARK}{self.number:x}"

    @property
    def key(self) -> str:
        """The name in the whole index."""
        return f"{self.kind}:{self.uid}"


Row = IndexRow | SectionRow


class UnusableDocument(ValueError):
    """A document that no engine takes as it is; the message says which value is wrong."""


_TEXTS = operator.attrgetter(
    "uid", "group", "kind", "type", "title", "body", "url", "context", "summary", "reference_title", "reference_path",
    "label", "work_url",
)  # fmt: skip
_MOST_KEY = 400


def check(document: SearchDocument) -> None:
    """Raises UnusableDocument when a value is of another type or out of its range."""
    for text in _TEXTS(document):
        if type(text) is not str:
            _texts_or_refuse(document)
    wrong = ""
    if not document.uid or len(document.key.encode("utf-8", "replace")) > _MOST_KEY:
        wrong = "its uid is empty or too long"
    elif "\0" in f"{document.key}{document.group}{document.type}{document.url}{document.work_url}":
        wrong = "it has a NUL where a name or an address belongs"
    elif not 0 <= document.valid_from <= OPEN_END or not 0 <= document.valid_to <= OPEN_END:
        wrong = f"it is valid from {document.valid_from} to {document.valid_to}, not dates as yyyymmdd"
    elif not 0 <= document.secrecy <= _MOST_SECRECY:
        wrong = f"its secrecy is {document.secrecy}"
    elif not math.isfinite(document.authority):
        wrong = "its authority is not a number"
    elif any(not _is_text_or_texts(value) for value in document.facets.values()):
        wrong = "a facet is not text"
    if wrong:
        raise UnusableDocument(f"{document.key}: {wrong}")


def _is_text_or_texts(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list | tuple) and all(isinstance(part, str) for part in value))


def _texts_or_refuse(document: SearchDocument) -> None:
    for field in dataclasses.fields(document):
        if field.type == "str" and not isinstance(getattr(document, field.name), str):
            raise UnusableDocument(f"{document.kind}:{document.uid}: its {field.name} is not text")


@functools.lru_cache(maxsize=256)
def _shared_tokens(text: str) -> tuple[str, str]:
    return grams.index_strings(text)  # titles and headings: the same for many rows of a document


@functools.lru_cache(maxsize=256)
def _suggest_starts(title: str) -> tuple[str, ...]:
    return tuple(suggest_starts(title))


@functools.lru_cache(maxsize=256)
def _sorted_tokens(tokens: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(tokens))


def make_row(document: SearchDocument, seq: int, *, suggested: bool, section: int, own: tuple[str, str]) -> IndexRow:
    """Tokenise a document. `suggested` asks for suggestions; only public rows of level 0 ever get them. `own` are the
    tokens of summary and body."""
    title, kind, key, under = document.title, document.kind, document.key, f"{section:x}"
    shared = _shared_tokens(f"{title}\n{document.context}")
    named = (document.reference_title or title) if document.reference_path else ""
    authority, day, facets = _authority_of(document), document.published, _plain(document.facets)
    positions = f"{shared[0]} {own[0]}"
    return IndexRow(
        key=key,
        group_key=f"{kind}:{document.group}",
        seq=seq,
        kind=kind,
        type=document.type,
        tokens=_sorted_tokens(document.tokens),
        secrecy=document.secrecy,
        valid_from=document.valid_from,
        valid_to=document.valid_to,
        authority=authority,
        tie=number_of(key),
        text=f"{positions} {shared[1]} {own[1]}",
        positions=positions,
        reference_path=document.reference_path,
        reference_title=" ".join(_shared_tokens(named)) if named else "",
        suggest=_suggest_starts(title)
        if suggested and document.secrecy == 0 and PUBLIC_TOKEN in document.tokens
        else (),
        facets=facets,
        data={
            "uid": document.uid,
            "group": document.group,
            "kind": kind,
            "type": document.type,
            "title": title,
            "label": document.label,
            "url": document.url,
            "work_url": document.work_url,
            "summary": document.summary,
            "body": document.body[:STORED_BODY],
            "valid_from": document.valid_from,
            "valid_to": document.valid_to,
            "published": day.isoformat() if day else "",
            "facets": facets,
            "reference_title": named,
            "context": document.context,
            "section": under,
            "authority": round(authority, 6),
        },
        section=under,
        published=day.year * 10_000 + day.month * 100 + day.day if day else 0,
    )


def _plain(facets: Mapping[str, str | Sequence[str]]) -> dict[str, str | list[str]]:
    return {key: value if isinstance(value, str) else list(value) for key, value in facets.items() if value}


def _authority_of(document: SearchDocument) -> float:
    return min(max(document.authority, LEAST_AUTHORITY), MOST_AUTHORITY)


def number_of(text: str) -> int:
    """The number of a row's key, which orders equal scores."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:6], "big")


def make_rows(documents: Iterable[SearchDocument], seq: int) -> Iterator[Row]:
    """The rows of one group, then its sections. Each title is suggested once a period of validity, by its head row if there
    is one. Raises UnusableDocument."""
    listed = list(documents)
    for document in listed:
        check(document)
    heads: dict[tuple[str, int, int], SearchDocument] = {}
    for document in listed:
        slot = (document.title, document.valid_from, document.valid_to)
        if slot not in heads or (heads[slot].reference_path and not document.reference_path):
            heads[slot] = document
    sections: dict[tuple[str, str, frozenset[str], int], list[tuple[SearchDocument, str]]] = {}
    numbers: dict[tuple[str, str, frozenset[str], int], int] = {}
    for document in listed:
        slot = (document.title, document.valid_from, document.valid_to)
        under = (document.title, document.context, document.tokens, document.secrecy)
        number = numbers.get(under)
        if number is None:
            number = numbers[under] = number_of(f"{SECTION_MARK}{document.key}")
        own = grams.index_strings(f"{document.summary}\n{document.body}")
        sections.setdefault(under, []).append((document, " ".join(own)))
        yield make_row(document, seq, suggested=heads[slot] is document, section=number, own=own)
    for under, members in sections.items():
        yield _section_row(numbers[under], seq, members)


def _section_row(number: int, seq: int, members: list[tuple[SearchDocument, str]]) -> SectionRow:
    first = members[0][0]
    shared = " ".join(_shared_tokens(f"{first.title}\n{first.context}"))
    return SectionRow(
        number=number,
        group_key=f"{first.kind}:{first.group}",
        seq=seq,
        kind=first.kind,
        tokens=_sorted_tokens(first.tokens),
        secrecy=first.secrecy,
        valid_from=min(document.valid_from for document, _ in members),
        valid_to=max(document.valid_to for document, _ in members),
        text=" ".join([shared, *(text for _, text in members)]),
    )
