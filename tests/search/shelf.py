"""A source of documents for tests: rows in a dictionary, told to search as any app tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction

from portal.ground.content import content_changed
from portal.ground.jobs import run_due_jobs
from portal.ground.suppliers import Viewer
from search.contracts import SearchDocument, SearchSource

TYPES = {"news": ("新闻", "News"), "article": ("条文", "Article"), "course": ("课程", "Course")}
FACETS = {"level": ("效力级别", "Level"), "column": ("栏目", "Column")}

PUBLIC = frozenset({"public"})
VISITOR = Viewer(PUBLIC, 0)
MEMBER = Viewer(frozenset({"public", "member", "ou:1", "ou:7"}), 0)
OTHER_MEMBER = Viewer(frozenset({"public", "member", "ou:1", "ou:8"}), 0)
CLEARED = Viewer(frozenset({"public", "member", "ou:1", "ou:7"}), 2)


def make(uid: str, title: str, body: str = "", **values: Any) -> SearchDocument:
    """A document with sensible rest."""
    values.setdefault("group", uid)
    values.setdefault("kind", "thing")
    values.setdefault("type", "news")
    values.setdefault("url", f"/a/{uid}/")
    values.setdefault("tokens", PUBLIC)
    values.setdefault("published", dt.date(2026, 3, 1))
    return SearchDocument(uid=uid, title=title, body=body, **values)


class Shelf:
    """Documents by group. `put` and `remove` emit the event in the transaction of the change."""

    def __init__(self, kind: str = "thing") -> None:
        self.kind = kind
        self.groups: dict[str, list[SearchDocument]] = {}
        self.broken: set[str] = set()

    def source(self) -> SearchSource:
        return SearchSource(self.kind, "东西", "Things", self._documents, TYPES, FACETS)

    def _documents(self, uids: Sequence[str] | None) -> Iterator[SearchDocument]:
        for group in list(self.groups) if uids is None else uids:
            if group in self.broken:
                raise KeyError(f"cannot read {group}")
            yield from self.groups.get(group, ())

    def put(self, *documents: SearchDocument, index: bool = True) -> None:
        with transaction.atomic():
            for group in dict.fromkeys(document.group for document in documents):
                self.groups[group] = [document for document in documents if document.group == group]
                content_changed(self.kind, group)
        if index:
            run_due_jobs()

    def remove(self, *groups: str, index: bool = True) -> None:
        with transaction.atomic():
            for group in groups:
                self.groups.pop(group, None)
                content_changed(self.kind, group)
        if index:
            run_due_jobs()


def uids(results: Any) -> list[str]:
    """The uids of a page of hits, in order."""
    return [hit.uid for hit in results.hits]


def everything_shown(values: Iterable[Any]) -> str:
    """All that a caller could read in results or suggestions, as one text."""
    return repr(list(values))
