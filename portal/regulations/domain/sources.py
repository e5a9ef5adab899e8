"""Documents as people have them: DOCX, HTML, PDF with text, plain text. Each becomes the Markdown form that the parser reads.

What the form cannot keep (a picture, a number that Word counts itself, a change that is only proposed) becomes a doubt; what
cannot be read at all is refused with a sentence.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import PurePath

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml import etree
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from portal.regulations.domain.parsing import Doubt, UnreadableSource, decode
from portal.regulations.domain.parsing.source import trimmed
from portal.regulations.domain.recognising import RecognitionFailed, recogniser
from portal.shared.packed import bursts

TEXT_SUFFIXES = frozenset({".md", ".markdown", ".txt"})
SUFFIXES = TEXT_SUFFIXES | {".docx", ".html", ".htm", ".pdf"}
MAX_BYTES = 50 * 1024 * 1024
_MOST_PAGES = 3_000
_OLE = b"\xd0\xcf\x11\xe0"
_HEAD = re.compile(
    r"^(?:第[〇零一二三四五六七八九十百千两\d]+[编章节条]|[（(]?[一二三四五六七八九十]+[、）)]|附\s*[件则录表]|目\s*录)"
)
_SENTENCE_END = re.compile(r"[。；：！？”）》!?;:]$")
_PAGE_NUMBER = re.compile(r"^[\s\-—–·第]*\d{1,4}[\s\-—–·页]*$")


def text_of(data: bytes, name: str) -> tuple[str, list[Doubt]]:
    """The text of a document and what is doubtful about it. `name` tells the kind by its ending; without one it is text.

    Raises UnreadableSource for what is encrypted, broken, scanned, packed to burst or of another kind.
    """
    suffix = PurePath(name).suffix.lower()
    if not data.strip():
        raise UnreadableSource("文件是空的，没有可导入的内容。")
    if len(data) > MAX_BYTES:
        size = len(data) / 1048576
        raise UnreadableSource(f"文件有 {size:.1f} MB，超过 {MAX_BYTES // 1048576} MB 的上限，请拆分后再导入。")
    if suffix == ".docx" or data.startswith((b"PK\x03\x04", _OLE)):
        return _from_word(data)
    if suffix == ".pdf" or data.startswith(b"%PDF-"):
        return _from_pdf(data)
    text, doubts = decode(data)
    if suffix in (".html", ".htm"):
        return _from_html(text, doubts)
    return text, doubts


def pasted_text(text: str) -> str:
    """A text pasted from a browser or WPS: its first line is the title if it has no heading."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _titled([trimmed(line) for line in lines])


def _titled(lines: list[str]) -> str:
    """Lines as a text with a first-level heading, if the first line can be one."""
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is not None and not any(line.startswith("# ") for line in lines):
        line = lines[first].lstrip("# ")
        if len(line) <= 80 and not _HEAD.match(line) and not line.endswith(("。", "；", "：")):
            lines[first] = f"# {line}"
    return "\n\n".join(line for line in lines if line.strip()) + "\n"


# --- Word -----------------------------------------------------------------------------------------------------------------
def _from_word(data: bytes) -> tuple[str, list[Doubt]]:
    if data.startswith(_OLE):
        raise UnreadableSource("文件有密码保护，或是旧的 .doc 格式：请在 Word 或 WPS 中去掉密码并另存为 .docx。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if bursts(archive, len(data)):
                raise UnreadableSource("文件解压后过大，可能是恶意的压缩包，没有打开。")
            if "word/document.xml" not in archive.namelist():
                raise UnreadableSource(
                    "这不是 Word 文档（压缩包里没有正文），请提供 .docx、.html、.pdf 或 Markdown 文件。"
                )
        document = Document(io.BytesIO(data))
    except (zipfile.BadZipFile, KeyError, ValueError, etree.XMLSyntaxError, OSError, NotImplementedError) as error:
        raise UnreadableSource("Word 文档已损坏，无法打开：请在 Word 或 WPS 中修复并另存后再导入。") from error
    doubts: list[Doubt] = []
    lines: list[str] = []
    body = document.element.body
    for element in body.iterchildren():
        if element.tag == qn("w:p"):
            lines += _word_paragraph(element, document, doubts, len(lines) + 1)
        elif element.tag == qn("w:tbl"):
            lines += _word_table(element, doubts, len(lines) + 1)
        elif element.tag == qn("w:sdt"):
            for paragraph in element.iter(qn("w:p")):
                lines += _word_paragraph(paragraph, document, doubts, len(lines) + 1)
    if body.findall(f".//{qn('w:del')}") or body.findall(f".//{qn('w:ins')}"):
        doubts.append(
            Doubt(0, "tracked_changes", "文档带有修订记录：按接受全部修订读取（插入的保留，删除的不取），请核对。")
        )
    for tag, code, message in (
        ("w:drawing", "image", "文档中有图片，图片没有导入。"),
        ("w:footnoteReference", "footnote", "文档中有脚注，脚注没有导入。"),
        ("w:commentReference", "comment", "文档中有批注，批注没有导入。"),
    ):
        if count := len(body.findall(f".//{qn(tag)}")):
            doubts.append(Doubt(0, code, f"{message}（{count} 处）"))
    if not any(lines):
        raise UnreadableSource("Word 文档里没有文字：如果是图片或扫描件，请先识别成文字。")
    return _titled(lines), doubts


def _word_paragraph(element: etree._Element, document: WordDocument, doubts: list[Doubt], line: int) -> list[str]:
    text = trimmed(_word_text(element))
    style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    number = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    if not text:
        return []
    if number is not None:
        doubts.append(
            Doubt(line, "automatic_number", "这一段的编号由 Word 自动生成，没有写在文字里，请核对", text[:40])
        )
    depth = 0
    if style is not None:
        known = {one.style_id: one.name or "" for one in document.styles}
        name = known.get(style.get(qn("w:val")) or "", "").lower()
        match = re.search(r"(?:heading|标题)\s*(\d)", name)
        depth = 1 if name in ("title", "标题") else int(match[1]) + 1 if match else 0
    parts = [trimmed(part) for part in text.split("\n")]
    if depth and not re.match(r"^第[^章节编]{1,9}条", parts[0]):
        parts[0] = f"{'#' * min(depth, 6)} {parts[0]}"
    return [part for part in parts if part]


def _word_text(element: etree._Element) -> str:
    """The words of a paragraph as they read with all changes accepted."""
    pieces: list[str] = []
    for node in element.iter(qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:noBreakHyphen")):
        if any(above.tag == qn("w:del") for above in node.iterancestors()):
            continue
        if node.tag == qn("w:t"):
            pieces.append(node.text or "")
        else:
            pieces.append({qn("w:tab"): "　", qn("w:br"): "\n"}.get(node.tag, "-"))
    return "".join(pieces)


def _word_table(element: etree._Element, doubts: list[Doubt], line: int) -> list[str]:
    rows: list[str] = []
    merged = False
    for row in element.iter(qn("w:tr")):
        cells = []
        for cell in row.iterchildren(qn("w:tc")):
            properties = cell.find(qn("w:tcPr"))
            if properties is not None:
                merge = properties.find(qn("w:vMerge"))
                merged = merged or properties.find(qn("w:gridSpan")) is not None or merge is not None
            words = " ".join(filter(None, (trimmed(_word_text(p)) for p in cell.iter(qn("w:p")))))
            cells.append(words.replace("\n", " ").replace("|", "｜"))
        rows.append("| " + " | ".join(cells) + " |")
    if merged:
        doubts.append(Doubt(line, "merged_cells", "表格中有合并的单元格，已拆开，请核对", rows[0][:40] if rows else ""))
    return ["<!-- TABLE -->", *rows, "<!-- TABLE END -->"] if rows else []


# --- HTML -----------------------------------------------------------------------------------------------------------------
class _Lines(HTMLParser):
    """Blocks become lines; scripts, styles and heads of pages become nothing."""

    _BLOCKS = frozenset(
        {"p", "div", "br", "li", "tr", "section", "article", "ul", "ol", "table", "blockquote", "dd", "dt", "body"}
    )
    _SILENT = frozenset({"script", "style", "head", "template", "noscript"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._silent = 0
        self._cells: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line."""
        if tag in self._SILENT:
            self._silent += 1
        elif tag == "tr":
            self._cells = []
        elif tag in ("td", "th") and self._cells is not None:
            self._cells.append("")
        elif re.fullmatch(r"h[1-6]", tag):
            self.lines.append("#" * int(tag[1]) + " ")
        elif tag in self._BLOCKS and self._cells is None:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        """End a line or a row."""
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "tr" and self._cells is not None:
            if any(cell.strip() for cell in self._cells):
                self.lines += ["| " + " | ".join(cell.strip().replace("|", "｜") for cell in self._cells) + " |", ""]
            self._cells = None
        elif (tag in self._BLOCKS or re.fullmatch(r"h[1-6]", tag)) and self._cells is None:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        """Words."""
        if self._silent:
            return
        words = re.sub(r"[ \t\r\n]+", " ", data)
        if self._cells:
            self._cells[-1] += words
        elif self._cells is None:
            self.lines[-1] += words


def _from_html(text: str, doubts: list[Doubt]) -> tuple[str, list[Doubt]]:
    reader = _Lines()
    reader.feed(text)
    reader.close()
    lines = [trimmed(line) for line in reader.lines]
    lines = [line for line in lines if line and not re.fullmatch(r"#{1,6}", line)]
    if not lines:
        raise UnreadableSource("网页里没有文字。")
    return _titled(lines), [
        *doubts,
        Doubt(0, "from_html", "由网页转换而来，请核对开头和结尾是否混入了网页上的其他文字。"),
    ]


# --- PDF ------------------------------------------------------------------------------------------------------------------
def _from_pdf(data: bytes) -> tuple[str, list[Doubt]]:
    doubts = [Doubt(0, "from_pdf", "由 PDF 转换而来：换行按标点和条号接续，请核对分段。")]
    pages: list[str]
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableSource("PDF 有密码保护，请去掉密码后再导入。")
        if len(reader.pages) > _MOST_PAGES:
            raise UnreadableSource(f"PDF 超过 {_MOST_PAGES} 页，请拆分后再导入。")
        pages = [page.extract_text() or "" for page in reader.pages]
    except UnreadableSource:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, RecursionError) as error:
        raise UnreadableSource("PDF 已损坏，无法读取，请重新导出后再导入。") from error
    if sum(len(page.strip()) for page in pages) < 10 * max(1, len(pages) // 4):
        pages = _recognised(data)
        doubts.append(Doubt(0, "from_ocr", "扫描件：文字由程序识别（OCR）得来，可能有错字、漏字，请逐条核对原件。"))
    lines: list[str] = []
    for number, page in enumerate(pages, start=1):
        for line in _page_lines(page, number, doubts):
            before = lines[-1] if lines else ""
            if before and not _HEAD.match(line) and not _SENTENCE_END.search(before) and not _is_short_heading(before):
                lines[-1] += line
            else:
                lines.append(line)
    return _titled(lines), doubts


def _recognised(data: bytes) -> list[str]:
    """The pages of a scan, if the operator set up a program that reads them. Raises UnreadableSource."""
    program = recogniser()
    if program is None:
        raise UnreadableSource("PDF 里没有文字，像是扫描件：请先用文字识别（OCR）处理，核对后再导入。")
    try:
        return program.pages(data)
    except RecognitionFailed as error:
        raise UnreadableSource(f"这份 PDF 是扫描件。{error}") from error


def _page_lines(page: str, number: int, doubts: list[Doubt]) -> Iterator[str]:
    lines = [trimmed(line) for line in page.split("\n")]
    lines = [line for line in lines if line]
    for index, line in enumerate(lines):
        if index in (0, len(lines) - 1) and _PAGE_NUMBER.match(line):
            doubts.append(Doubt(0, "page_number", f"第 {number} 页的页码没有导入", line))
            continue
        yield line


def _is_short_heading(line: str) -> bool:
    return (len(line) <= 30 and bool(re.match(r"^第[^条]{1,9}[编章节]|^附\s*则$|^目\s*录$", line))) or (
        len(line) <= 24 and not re.search(r"[，。；]", line)
    )
