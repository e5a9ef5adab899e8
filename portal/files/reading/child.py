"""Reads the words of one file: `python -I child.py FOLDER SUFFIX MOST`. Reads FOLDER/file, writes FOLDER/result.json.

Runs as a process of its own within limits of memory, time and written bytes, because the file may be made to hurt. Knows no
Django, no database and no settings; opens no other file of the site and no connection; runs no macro and follows no link.
The large libraries are imported where they are used: a process reads one file.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from portal.shared.packed import bursts

_OLE = b"\xd0\xcf\x11\xe0"
_MARKERS = {".docx": "word/document.xml", ".pptx": "ppt/presentation.xml", ".xlsx": "xl/workbook.xml"}
_MOST_PAGES = 3_000
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Unreadable(Exception):
    """Nothing can be read; the argument is the reason, one of `DocumentText.Reason`."""


def words_of(path: Path, suffix: str) -> Iterator[str]:
    """The text, piece by piece. Raises Unreadable, or whatever a library makes of a broken file."""
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            raise Unreadable("encrypted")
    if suffix == ".pdf":
        yield from _of_pdf(path)
    elif suffix in _MARKERS:
        yield from _of_office(path, suffix)
    else:
        yield _decoded(path.read_bytes())


def _of_pdf(path: Path) -> Iterator[str]:
    from pypdf import PdfReader  # noqa: PLC0415

    reader = PdfReader(path)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("encrypted")
    for number, page in enumerate(reader.pages):
        if number == _MOST_PAGES:
            return
        yield page.extract_text() or ""


def _of_office(path: Path, suffix: str) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        if bursts(archive, path.stat().st_size):
            raise Unreadable("bomb")
        if any(item.flag_bits & 1 for item in archive.infolist()):
            raise Unreadable("encrypted")
        names = archive.namelist()
        if _MARKERS[suffix] not in names:
            raise Unreadable("broken")
        if suffix == ".xlsx":
            yield from _of_sheets(path)
            return
        for name in _parts(suffix, names):
            yield from _of_xml(archive, name)


def _parts(suffix: str, names: list[str]) -> list[str]:
    """The parts that hold words, in reading order; the notes of a slide come after all slides."""
    if suffix == ".docx":
        return [name for name in ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml") if name in names]
    found = []
    for place, pattern in enumerate((r"ppt/slides/slide(\d+)\.xml", r"ppt/notesSlides/notesSlide(\d+)\.xml")):
        found += [(place, int(match[1]), name) for name in names if (match := re.fullmatch(pattern, name))]
    return [name for _place, _number, name in sorted(found)]


def _of_xml(archive: zipfile.ZipFile, name: str) -> Iterator[str]:
    """Paragraphs of a part of Word or PowerPoint. What stands there twice for old programs is read once."""
    pieces: list[str] = []
    spare = 0
    with archive.open(name) as file:
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
            tag = element.tag.rpartition("}")[2]
            if tag == "Fallback":
                spare += 1 if event == "start" else -1
            elif event == "end":
                if tag == "t" and not spare:
                    pieces.append(element.text or "")
                elif tag in ("tab", "br") and not spare:
                    pieces.append(" ")
                elif tag == "p":
                    yield "".join(pieces)
                    pieces.clear()
            if event == "end":
                element.clear()
    yield "".join(pieces)


def _of_sheets(path: Path) -> Iterator[str]:
    from openpyxl import load_workbook  # noqa: PLC0415

    with path.open("rb") as file:
        for sheet in load_workbook(file, read_only=True, data_only=True, keep_links=False).worksheets:
            if sheet.sheet_state != "visible":
                continue
            sheet.reset_dimensions()  # what a sheet says of its size may be anything
            yield sheet.title
            for row in sheet.iter_rows(values_only=True):
                cells = [str(cell) for cell in row if cell is not None and cell != ""]
                if cells:
                    yield " ".join(cells)


def _decoded(data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("broken")


def read(path: Path, suffix: str, most: int) -> dict[str, object]:
    """State, reason and text, of at most so many characters."""
    held: list[str] = []
    length = 0
    try:
        for piece in words_of(path, suffix):
            lines = (" ".join(line.split()) for line in _NOT_TEXT.sub(" ", piece).splitlines())
            clean = "\n".join(line for line in lines if line)
            if clean:
                held.append(clean)
                length += len(clean) + 1
            if length > most:
                break
    except Unreadable as refusal:
        return {"state": "failed", "reason": str(refusal), "text": ""}
    except MemoryError:
        return {"state": "failed", "reason": "heavy", "text": ""}
    except (DefusedXmlException, ParseError, zipfile.BadZipFile):
        return {"state": "failed", "reason": "broken", "text": ""}
    text = "\n".join(held)
    if not text:
        return {"state": "empty", "reason": "scan" if suffix == ".pdf" else "no_words", "text": ""}
    return {"state": "ready", "reason": "cut" if len(text) > most else "", "text": text[:most]}


def main() -> None:
    """Read and write; any other fault ends the process with 1, which means a broken file."""
    folder, suffix, most = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    result = read(folder / "file", suffix, most)
    (folder / "result.json").write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
