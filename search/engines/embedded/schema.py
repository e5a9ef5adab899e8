"""The tantivy schema, how a row becomes a document of it, and its fingerprint."""

from __future__ import annotations

import functools
import hashlib
import json

import tantivy

from portal.ground.suppliers import PUBLIC_TOKEN
from search.analysis.pinyin import MAX_LETTERS, START
from search.engines.rows import LEAST_AUTHORITY, IndexRow, SectionRow

WHITESPACE, PREFIXES = "ws", "prefixes"
REVISION = 7
"""Raise it when tokens or the meaning of a field change: the index is then built anew beside the old one."""

AUTHORITY_SCALE = 1 / LEAST_AUTHORITY
NOT_PUBLIC = "!"
"""Stands among the tokens of rows that not everybody may see: who reads what is public asks for the few that are not (see
`compiler._seen`). No audience has this token."""
_KEYWORDS = ("key", "group", "kind", "type", "acl", "art", "section")
_FAST_KEYWORDS = {"type"}
_TOKENS = {"t": "position", "rt": "freq"}
"""Texts begin with their tokens in order, so phrases are found in them as well; pairs behind belong to no phrase."""
_NUMBERS = ("secrecy", "valid_from", "valid_to", "tie", "seq", "published")
_SECTION_KEYWORDS = ("group", "kind", "acl")
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_LONGEST_START = len(START) + MAX_LETTERS
_SECTION_NUMBERS = ("secrecy", "valid_from", "valid_to", "number")


@functools.cache
def schema() -> tantivy.Schema:
    """The schema of this version of the code."""
    builder = tantivy.SchemaBuilder()
    for name in _KEYWORDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name in _FAST_KEYWORDS)
    for name, option in _TOKENS.items():
        builder.add_text_field(name, tokenizer_name=WHITESPACE, index_option=option)
    builder.add_text_field("sug", tokenizer_name=PREFIXES, index_option="basic")
    for name in _NUMBERS:
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field("weight", fast=True)
    builder.add_json_field("facet", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("data", stored=True)
    return builder.build()


@functools.cache
def section_schema() -> tantivy.Schema:
    """The schema of the index of sections, which stands beside: lengths and frequencies must be those of sections alone."""
    builder = tantivy.SchemaBuilder()
    for name in _SECTION_KEYWORDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("t", tokenizer_name=WHITESPACE, index_option="freq")
    for name in _SECTION_NUMBERS:
        builder.add_unsigned_field(name, fast=True)
    return builder.build()


def fingerprint() -> str:
    """A short name for the schema: indexes of another one are never opened."""
    described = json.dumps(
        [
            REVISION,
            _KEYWORDS,
            sorted(_FAST_KEYWORDS),
            _TOKENS,
            "sug",
            _LONGEST_START,
            _NUMBERS,
            "weight",
            "facet",
            "data",
            _SECTION_KEYWORDS,
            _SECTION_NUMBERS,
        ]
    )
    return hashlib.sha256(described.encode()).hexdigest()[:12]


def open_index(path: str | None, of: tantivy.Schema | None = None) -> tantivy.Index:
    """Open or make the index in a folder, or one in memory. Raises ValueError when it holds another schema or is damaged."""
    index = tantivy.Index(of or schema(), path, reuse=True) if path else tantivy.Index(of or schema())
    beginnings = tantivy.Tokenizer.ngram(min_gram=1, max_gram=_LONGEST_START, prefix_only=True)
    for name, tokenizer in ((WHITESPACE, tantivy.Tokenizer.whitespace()), (PREFIXES, beginnings)):
        index.register_tokenizer(name, tantivy.TextAnalyzerBuilder(tokenizer).build())
    index.config_reader("manual", 0)
    return index


def _acl(tokens: tuple[str, ...]) -> tuple[str, ...]:
    return tokens if PUBLIC_TOKEN in tokens else (*tokens, NOT_PUBLIC)


def to_document(row: IndexRow) -> tantivy.Document:
    """A row as tantivy takes it. tantivy multiplies a score by log2(2 + weight) and takes a negative weight for 0, so every
    authority is scaled to at least 1: the weight is 2^(4 authority) - 2."""
    document = tantivy.Document()
    text, number = document.add_text, document.add_unsigned
    text("key", row.key)
    text("group", row.group_key)
    text("kind", row.kind)
    text("type", row.type)
    text("section", row.section)
    for token in _acl(row.tokens):
        text("acl", token)
    if row.reference_path:
        text("art", row.reference_path)
        text("rt", row.reference_title)
    for start in row.suggest:
        text("sug", start)
    text("t", row.text)
    number("secrecy", row.secrecy)
    number("valid_from", row.valid_from)
    number("valid_to", row.valid_to)
    number("tie", row.tie)
    number("seq", row.seq)
    number("published", row.published)
    document.add_float("weight", 2.0 ** (AUTHORITY_SCALE * row.authority) - 2.0)
    if row.facets:
        document.add_json("facet", _ENCODE(row.facets))
    document.add_bytes("data", _ENCODE(row.data).encode("utf-8", "replace"))
    return document


def to_section(row: SectionRow) -> tantivy.Document:
    """A section as tantivy takes it."""
    document = tantivy.Document()
    document.add_text("group", row.group_key)
    document.add_text("kind", row.kind)
    for token in _acl(row.tokens):
        document.add_text("acl", token)
    document.add_text("t", row.text)
    for name, number in (
        ("secrecy", row.secrecy),
        ("valid_from", row.valid_from),
        ("valid_to", row.valid_to),
        ("number", row.number),
    ):
        document.add_unsigned(name, number)
    return document
