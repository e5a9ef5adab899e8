"""From our Markdown to the blocks of a page's body."""

from __future__ import annotations

from typing import Any

from portal.demo.markdown import Heading, Prose, Quote, Table, pieces, table_value


def body_of(text: str, before: tuple[tuple[str, Any], ...] = ()) -> list[tuple[str, Any]]:
    """The stream of a body, after the blocks `before`."""
    stream = list(before)
    for piece in pieces(text):
        match piece:
            case Heading(level, title):
                stream.append(("heading", {"text": title, "level": f"h{level}"}))
            case Prose(markup):
                stream.append(("paragraph", markup))
            case Quote(words, source):
                stream.append(("quote", {"text": words, "source": source}))
            case Table():
                stream.append(("table", table_value(piece)))
    return stream
