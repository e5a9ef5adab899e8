"""The embedded engine without a folder: a few rows in memory, for asking saved plans about what is new. The same code answers, on
either kind of installation."""

from __future__ import annotations

from collections.abc import Iterable

import tantivy

from search.engines.embedded.engine import SECTIONS, EmbeddedEngine
from search.engines.embedded.schema import open_index, section_schema, to_document
from search.engines.rows import Row, SectionRow

_HEAP = 15_000_000
"""The least that tantivy takes."""


class MemoryEngine(EmbeddedEngine):
    """An index of these rows, made once. It cannot be written to; its sections are empty."""

    name = "memory"

    def __init__(self, rows: Iterable[Row]) -> None:
        self._indexes = {"": open_index(None), SECTIONS: open_index(None, section_schema())}
        writer = self._indexes[""].writer(_HEAP, 1)
        for row in rows:
            if not isinstance(row, SectionRow):
                writer.add_document(to_document(row))
        writer.commit()
        writer.wait_merging_threads()
        self._indexes[""].reload()

    def is_ready(self) -> bool:
        """See Engine."""
        return True

    def _searcher(self, part: str = "") -> tantivy.Searcher:
        return self._indexes[part].searcher()
