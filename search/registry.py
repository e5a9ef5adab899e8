"""The sources that are searched. Filled at start-up from the declarations of apps and plugins."""

from __future__ import annotations

import dataclasses
import datetime as dt

from django.utils.translation import get_language

from search.contracts import SearchSource

TYPE = "type"
STATUS = "status"
_STATUS_LABELS = {
    "held": ("现行有效", "In force"),
    "future": ("尚未施行", "Not yet in force"),
    "past": ("已失效", "No longer in force"),
}
_sources: dict[str, SearchSource] = {}
_dated: set[str] = set()


class ConflictingSource(ValueError):
    """Two sources claim the same kind, or the same type or facet with different labels."""


def register(source: SearchSource) -> None:
    """Make a kind searchable. The same declaration again takes the place of the first (its function may be wrapped anew);
    raises ConflictingSource when it contradicts another."""
    known = _sources.get(source.kind)
    if known is not None and dataclasses.replace(known, documents=source.documents) != source:
        raise ConflictingSource(f"search kind {source.kind!r} is declared twice")
    for other in _sources.values():
        for what, mine, theirs in (("type", source.types, other.types), ("facet", source.facets, other.facets)):
            for name in mine.keys() & theirs.keys():
                if tuple(mine[name]) != tuple(theirs[name]):
                    raise ConflictingSource(
                        f"{what} {name!r} has different labels in {other.kind!r} and {source.kind!r}"
                    )
    _sources[source.kind] = source


def takes_days(kind: str) -> None:
    """Say that the addresses of this kind take a day: `?on=2020-01-31` leads to what held then. Safe to repeat."""
    _dated.add(kind)


def address_on(kind: str, url: str, day: dt.date | None) -> str:
    """The address of a hit of this kind as it stood on `day`; the plain one for today and for kinds without days."""
    if day is None or kind not in _dated:
        return url
    path, mark, anchor = url.partition("#")
    return f"{path}{'&' if '?' in path else '?'}on={day.isoformat()}{mark}{anchor}"


def unregister(kind: str) -> None:
    """Forget a kind; its rows stay in the index until the next rebuild."""
    _sources.pop(kind, None)


def source_of(kind: str) -> SearchSource | None:
    """The source of a kind, or None when nobody declares it."""
    return _sources.get(kind)


def sources() -> tuple[SearchSource, ...]:
    """All sources, in the order of their declaration."""
    return tuple(_sources.values())


def _in_language(labels: tuple[str, str]) -> str:
    return labels[1] if (get_language() or "").startswith("en") else labels[0]


def type_label(type_: str) -> str:
    """The label of a document type in the active language; the type itself when nobody declares it."""
    for source in _sources.values():
        if type_ in source.types:
            return _in_language(source.types[type_])
    return type_


def type_of_label(label: str) -> str:
    """The document type with this label in either language, or of this name; the label itself when there is none."""
    wanted = label.lower()
    for source in _sources.values():
        for type_, labels in source.types.items():
            if wanted in {type_.lower(), *(text.lower() for text in labels)}:
                return type_
    return label


def status_label(status: str) -> str:
    """The label of what a row is at a date, in the active language."""
    return _in_language(_STATUS_LABELS.get(status, (status, status)))


def status_of_label(label: str) -> str:
    """The status with this label in either language, or of this name; the label itself when there is none."""
    for status, labels in _STATUS_LABELS.items():
        if label.lower() in {status, *(text.lower() for text in labels)}:
            return status
    return label


def field_names() -> dict[str, str]:
    """What may stand before the colon of `field:value`, in lower case: keys and labels in both languages, and their keys."""
    names = {"type": TYPE, "类型": TYPE, "status": STATUS, "时效": STATUS}
    for source in _sources.values():
        for key, labels in source.facets.items():
            for name in (key, *labels):
                names.setdefault(name.lower(), key)
    return names


def facet_labels() -> dict[str, str]:
    """All declared facet keys with their label in the active language."""
    return {key: _in_language(labels) for source in _sources.values() for key, labels in source.facets.items()}
