"""A process that writes to an embedded index until it is killed: `python -m tests.search.writer FOLDER GROUP`. Prints each
number once the engine has it."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from search.contracts import SearchDocument
from search.engines.base import GroupChange
from search.engines.embedded.engine import EmbeddedEngine
from search.engines.rows import make_rows

ROWS = 30


def change_of(group: str, number: int) -> GroupChange:
    """All rows of a group, each saying which writing it is from."""
    documents = [
        SearchDocument(
            uid=f"{group}-{row}",
            group=group,
            kind="thing",
            type="news",
            title=f"党费 {group}",
            body=f"第{row}行",
            url=f"/{number}",
            tokens=frozenset({"public"}),
        )
        for row in range(ROWS)
    ]
    return GroupChange("thing", group, number, tuple(make_rows(documents, number)))


def main() -> None:
    folder, group = sys.argv[1:3]
    stop = int(sys.argv[3]) if len(sys.argv) > 3 else None
    engine = EmbeddedEngine(Path(folder))
    for number in itertools.count(1) if stop is None else range(1, stop + 1):
        engine.apply([change_of(group, number)], lambda change: True)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
