"""Tables as people send them: XLSX and CSV, read as text, and written so that no program takes a value for a formula.

Every file is hostile: it is typed by its content, nothing is unpacked beyond a limit, and XML with a document type is refused.
XLSX is read cell by cell as a stream, because only so formulas and merged cells can be named with their place; the usual
library hides both.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _

MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED_BYTES = 600 * 1024 * 1024
MAX_SHARED_BYTES = 80 * 1024 * 1024
MAX_ENTRIES = 2000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELL = 32_767
FORMULA = "\0formula"  # what a formula's cell reads as: no typed text holds a NUL
NUMBER = "\0number"  # put before a number of 16 digits and more: its last digits are gone
_CHUNK = 1 << 18
_TRIGGERS = "=+-@\t\r\n＝＋－＠'"


class UnreadableTable(ValueError):
    """The file cannot be read as a table; the message says in Chinese what to do."""


Row = tuple[int, list[str]]


class Table:
    """An open table: `rows()` gives (row number, cells as text), `fraction` how much is read, `merges` the merged ranges as
    (first row, last row) once all is read, `since_1904` how its dates count."""

    def __init__(self) -> None:
        self.fraction = 0.0
        self.merges: list[tuple[int, int]] = []
        self.since_1904 = False

    def rows(self) -> Iterator[Row]:
        """Rows that hold anything, in order. Raises UnreadableTable, also in the middle."""
        raise NotImplementedError


def open_table(content: bytes) -> Table:
    """A table from the bytes of a file. Raises UnreadableTable."""
    if not content:
        raise UnreadableTable(_("文件是空的，没有可导入的内容。"))
    if len(content) > MAX_BYTES:
        limit = MAX_BYTES // 1024 // 1024
        raise UnreadableTable(_("文件超过 %(n)s MB，请分成几个文件导入。") % {"n": limit})
    if content.startswith(b"PK"):
        return XlsxTable(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableTable(_("这是旧格式（.xls）或加了密码的表格；请打开后另存为不加密的 .xlsx 再导入。"))
    return CsvTable(content)


# --- CSV --------------------------------------------------------------------------------------------------------------
class CsvTable(Table):
    """Text with commas, tabs or semicolons, in UTF-8, UTF-16 or GBK/GB18030."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._text = _decoded(content)

    def rows(self) -> Iterator[Row]:
        """Rows that hold anything."""
        source = io.StringIO(self._text, newline="")
        reader = csv.reader(source, delimiter=_delimiter(self._text))
        number = 0
        try:
            for number, cells in enumerate(reader, 1):
                if number > MAX_ROWS + 100:
                    raise UnreadableTable(_too_many_rows())
                self.fraction = source.tell() / max(len(self._text), 1)
                if any(cell.strip() for cell in cells):
                    yield number, cells[:MAX_COLUMNS]
        except csv.Error:
            raise UnreadableTable(
                _("第 %(n)s 行附近读不下去，多半是引号没有成对；请用表格软件打开后另存为 .xlsx。") % {"n": number + 1}
            ) from None


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableTable(_("认不出这个文件；请用 .xlsx，或编码为 UTF-8、GBK 的 .csv。"))


def _delimiter(text: str) -> str:
    head = text[:20_000]
    return max(",\t;", key=head.count)


def _too_many_rows() -> str:
    return _("表格超过 %(n)s 行，请分成几个文件导入。") % {"n": MAX_ROWS}


# --- XLSX -------------------------------------------------------------------------------------------------------------
class XlsxTable(Table):
    """The first visible sheet of a workbook."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, NotImplementedError, ValueError):
            raise UnreadableTable(_damaged()) from None
        entries = self._archive.infolist()
        names = [entry.filename for entry in entries]
        if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise UnreadableTable(_("文件展开后过大，不像一份名单，没有读取。"))
        if any(entry.flag_bits & 1 for entry in entries):
            raise UnreadableTable(_("文件加了密码；请去掉密码后再导入。"))
        if any(name.lower().endswith(("vbaproject.bin", ".exe", ".dll")) for name in names):
            raise UnreadableTable(_("文件带有宏；请另存为不带宏的 .xlsx 再导入。"))
        if "xl/workbook.xml" not in names:
            raise UnreadableTable(_("这不是 .xlsx 表格；请用表格软件另存为 .xlsx 或 .csv。"))
        self._sheet = self._first_sheet()
        self._strings = self._shared_strings() if "xl/sharedStrings.xml" in names else []

    def _open(self, name: str) -> IO[bytes]:
        try:
            return self._archive.open(name)
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
            raise UnreadableTable(_damaged()) from None

    def _first_sheet(self) -> str:
        sheets: list[dict[str, str]] = []
        settings: dict[str, str] = {}
        targets: dict[str, str] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            name = name.rpartition(":")[2]
            if name == "sheet" and attributes.get("state", "visible") == "visible":
                sheets.append(attributes)
            elif name == "workbookPr":
                settings.update(attributes)
            elif name == "Relationship":
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        self._parse("xl/workbook.xml", start)
        self._parse("xl/_rels/workbook.xml.rels", start)
        self.since_1904 = settings.get("date1904", "0") in {"1", "true"}
        for sheet in sheets:
            key = next((value for name, value in sheet.items() if name.rpartition(":")[2] == "id"), "")
            target = targets.get(key, "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if target and path in self._archive.namelist():
                return path
        raise UnreadableTable(_("工作簿里没有可以读取的工作表。"))

    def _parse(self, name: str, start: Any) -> None:
        with self._open(name) as file:
            parser = _parser()
            parser.StartElementHandler = start
            _feed(parser, file.read(MAX_SHARED_BYTES), final=True)

    def _shared_strings(self) -> list[str]:
        found: list[str] = []
        parts: list[str] = []
        state = {"text": False, "skip": False}

        def start(name: str, attributes: dict[str, str]) -> None:
            name = name.rpartition(":")[2]
            if name == "si":
                parts.clear()
            elif name == "rPh":
                state["skip"] = True  # the reading of a name, in some locales
            elif name == "t":
                state["text"] = not state["skip"]

        def end(name: str) -> None:
            name = name.rpartition(":")[2]
            if name == "si":
                found.append("".join(parts)[:MAX_CELL])
            elif name == "rPh":
                state["skip"] = False
            elif name == "t":
                state["text"] = False

        def text(data: str) -> None:
            if state["text"]:
                parts.append(data)

        if self._archive.getinfo("xl/sharedStrings.xml").file_size > MAX_SHARED_BYTES:
            raise UnreadableTable(_("文件展开后过大，不像一份名单，没有读取。"))
        with self._open("xl/sharedStrings.xml") as file:
            parser = _parser()
            parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
            for _piece in _fed(parser, file):
                pass
        return found

    def rows(self) -> Iterator[Row]:
        """Rows that hold anything. Formulas read as `FORMULA`, long numbers with `NUMBER` before them."""
        sheet = _SheetReader(self._strings)
        self.merges = sheet.merges
        size = max(self._archive.getinfo(self._sheet).file_size, 1)
        read = 0
        with self._open(self._sheet) as file:
            for piece in _fed(sheet.parser, file):
                read += piece
                self.fraction = min(read / size, 1.0)
                yield from sheet.taken()
        yield from sheet.taken()


class _SheetReader:
    """Gathers the rows of a sheet from the parser's calls."""

    def __init__(self, strings: Sequence[str]) -> None:
        self.strings = strings
        self.merges: list[tuple[int, int]] = []
        self.ready: list[Row] = []
        self.number = 0
        self.cells: list[str] = []
        self.column = -1
        self.kind = ""
        self.in_value = False
        self.is_formula = False
        self.parts: list[str] = []
        self.parser = _parser()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text

    def taken(self) -> list[Row]:
        """The rows that are complete by now."""
        ready, self.ready = self.ready, []
        return ready

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self.column = _column(attributes.get("r", ""), self.column)
            self.kind = attributes.get("t", "n")
            self.is_formula = False
            self.parts = []
        elif name in ("v", "t"):
            self.in_value = True
        elif name == "f":
            self.is_formula = True
        elif name == "row":
            self.number = int(attributes["r"]) if attributes.get("r", "").isdigit() else self.number + 1
            self.cells = []
            self.column = -1
            if self.number > MAX_ROWS + 100:
                raise UnreadableTable(_too_many_rows())
        elif name == "mergeCell":
            rows = [int(digits) for digits in re.findall(r"[A-Z]+(\d{1,7})", attributes.get("ref", ""))]
            if rows and len(self.merges) < 1000:
                self.merges.append((min(rows), max(rows)))

    def end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            if self.column < MAX_COLUMNS and (self.parts or self.is_formula):
                self.cells.extend([""] * (self.column + 1 - len(self.cells)))
                self.cells[self.column] = self._value()
        elif name in ("v", "t"):
            self.in_value = False
        elif name == "row" and any(cell and not cell.isspace() for cell in self.cells):
            self.ready.append((self.number, self.cells))

    def text(self, data: str) -> None:
        if self.in_value:
            self.parts.append(data)

    def _value(self) -> str:
        raw = "".join(self.parts)[:MAX_CELL]
        if self.is_formula:
            return FORMULA
        if self.kind == "s":
            try:
                return self.strings[int(raw)]
            except (ValueError, IndexError):
                raise UnreadableTable(_damaged()) from None
        if self.kind == "e":
            return FORMULA
        if self.kind == "n":
            return _number(raw)
        return raw


def _number(raw: str) -> str:
    """A number cell as people see it: whole numbers without a point; of 16 digits and more only the first 15 are kept."""
    try:
        value = float(raw)
    except ValueError:
        return raw
    if value.is_integer() and abs(value) < 1e21:
        digits = str(int(value))
        return f"{NUMBER}{digits}" if len(digits) >= 16 else digits
    return raw


def _column(reference: str, last: int) -> int:
    letters = reference.rstrip("0123456789")
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return last + 1
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - 64
    return place - 1


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_arguments: Any) -> None:
        raise UnreadableTable(_damaged())

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _feed(parser: Any, data: bytes, *, final: bool = False) -> None:
    try:
        parser.Parse(data, final)
    except expat.ExpatError:
        raise UnreadableTable(_damaged()) from None


def _fed(parser: Any, file: IO[bytes]) -> Iterator[int]:
    while True:
        try:
            data = file.read(_CHUNK)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
            raise UnreadableTable(_damaged()) from None
        _feed(parser, data, final=not data)
        if not data:
            return
        yield len(data)


def _damaged() -> str:
    return _("文件已损坏或不完整，读不下去；请用表格软件打开后另存为 .xlsx 再导入。")


# --- writing ----------------------------------------------------------------------------------------------------------
def neutral(value: str) -> str:
    """The text with an apostrophe before it where a spreadsheet might take it for a formula, behind blanks too; `original` takes
    it off."""
    first = {*value[:1], *value.lstrip()[:1]}
    return f"'{value}" if not first.isdisjoint(_TRIGGERS) else value


def original(value: str) -> str:
    """The text as it was before `neutral`."""
    return value[1:] if value.startswith("'") else value


def write_csv(rows: Iterable[Sequence[str]], target: IO[bytes]) -> None:
    """Rows as UTF-8 CSV with a mark that spreadsheets know, every value neutral."""
    target.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([neutral(value) for value in row])
    text.detach()


_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/styles.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" '
    'Target="styles.xml"/></Relationships>',
    # every cell is text (format 49), so that an ID number typed into it stays whole; the second style is the bold heading
    "xl/styles.xml": '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>'
    '<xf numFmtId="49" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def write_xlsx(title: str, rows: Iterable[Sequence[str]], target: IO[bytes], *, columns: int) -> None:
    """Rows as a workbook of one sheet; the first row is the heading. Every cell is text and neutral."""
    sheet = re.sub(r"[\[\]:*?/\\]", " ", title)[:31]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, _HEAD + content)
        archive.writestr(
            "xl/workbook.xml",
            f'{_HEAD}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
            f'<sheet name="{escape(sheet, {chr(34): "&quot;"})}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            file.write(
                f'{_HEAD}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/>'
                f'</sheetView></sheetViews><cols><col min="1" max="{columns}" width="18" style="1" customWidth="1"/>'
                "</cols><sheetData>".encode()
            )
            for number, row in enumerate(rows, 1):
                style = 2 if number == 1 else 1
                cells = "".join(
                    f'<c t="inlineStr" s="{style}" r="{_letters(place)}{number}"><is><t xml:space="preserve">'
                    f"{escape(_NOT_XML.sub('', neutral(value)))}</t></is></c>"
                    for place, value in enumerate(row)
                    if value
                )
                file.write(f'<row r="{number}">{cells}</row>'.encode())
            file.write(b"</sheetData></worksheet>")


def _letters(place: int) -> str:
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
