"""The little Markdown of our own texts: headings, paragraphs, lists, quotes, tables, pictures, bold.

Only the files under `content/` are read with it, never what people type: it escapes everything and knows no raw HTML.
"""

from __future__ import annotations

import dataclasses
import html
import re


@dataclasses.dataclass(frozen=True)
class Heading:
    """A heading; `level` is 2 or 3."""

    level: int
    text: str


@dataclasses.dataclass(frozen=True)
class Prose:
    """Paragraphs and lists as clean HTML."""

    html: str


@dataclasses.dataclass(frozen=True)
class Quote:
    """Words and whose they are."""

    text: str
    source: str


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows of cells; the first row is the head."""

    rows: tuple[tuple[str, ...], ...]


Piece = Heading | Prose | Quote | Table
_BULLET, _NUMBER = re.compile(r"[-*] (.*)"), re.compile(r"\d+\. (.*)")


def pieces(text: str) -> list[Piece]:
    """The text as pieces in order."""
    found: list[Piece] = []
    for group in re.split(r"\n\s*\n", text.strip()):
        found += _of_group(group.strip("\n").split("\n"))
    return _joined(found)


def _of_group(lines: list[str]) -> list[Piece]:
    first = lines[0]
    if first.startswith("#"):
        marks, _, title = first.partition(" ")
        return [Heading(min(len(marks), 3), title.strip()), *(_of_group(lines[1:]) if lines[1:] else [])]
    if first.startswith("> "):
        words, _, source = " ".join(line.removeprefix("> ") for line in lines).partition("——")
        return [Quote(words.strip(), source.strip())]
    if first.startswith("|"):
        rows = [tuple(cell.strip() for cell in line.strip("| ").split("|")) for line in lines]
        return [Table(tuple(row for row in rows if not set("".join(row)) <= set("-: ")))]
    for pattern, tag in ((_BULLET, "ul"), (_NUMBER, "ol")):
        if pattern.match(first):
            items = "".join(f"<li>{_inline(match.group(1))}</li>" for match in map(pattern.match, lines) if match)
            return [Prose(f"<{tag}>{items}</{tag}>")]
    return [Prose(f"<p>{_inline(line)}</p>") for line in lines]


def _joined(found: list[Piece]) -> list[Piece]:
    """Prose that follows prose is one piece, as an editor would write it."""
    joined: list[Piece] = []
    for piece in found:
        if isinstance(piece, Prose) and joined and isinstance(joined[-1], Prose):
            joined[-1] = Prose(joined[-1].html + piece.html)
        else:
            joined.append(piece)
    return joined


def _inline(text: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(text.strip(), quote=False))


def rich_text(text: str) -> str:
    """The text as HTML for a rich-text field without tables: a table becomes a list, one item a row."""
    parts = []
    for piece in pieces(text):
        match piece:
            case Heading(level, title):
                parts.append(f"<h{level}>{html.escape(title)}</h{level}>")
            case Prose(markup):
                parts.append(markup)
            case Quote(words, source):
                parts.append(
                    f"<blockquote>{html.escape(words)}{'——' + html.escape(source) if source else ''}</blockquote>"
                )
            case Table(rows):
                head, *body = rows
                items = [_row_in_words(head, row) for row in body]
                parts.append("<ul>" + "".join(f"<li>{html.escape(item)}</li>" for item in items) + "</ul>")
    return "".join(parts)


def _row_in_words(head: tuple[str, ...], row: tuple[str, ...]) -> str:
    if len(head) == 2:
        return f"{row[0]}：{row[1]}"
    return f"{row[0]}：" + "，".join(f"{name}{cell}" for name, cell in zip(head[1:], row[1:], strict=False))


def table_value(table: Table) -> dict[str, object]:
    """A table as Wagtail's table block stores it."""
    return {
        "data": [list(row) for row in table.rows],
        "cell": [],
        "mergeCells": [],
        "first_row_is_table_header": True,
        "first_col_is_header": False,
        "table_header_choice": "row",
        "table_caption": "",
    }
