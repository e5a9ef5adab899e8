"""The table of comparison (对照表) as a DOCX file."""

from __future__ import annotations

import io

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph

from portal.regulations.domain.comparing import Comparison, Side
from portal.regulations.models import Regulation, RegulationVersion

_NEW = RGBColor(0xA8, 0x1C, 0x1C)
_GONE = RGBColor(0x6B, 0x6B, 0x6B)
FONT = "SimSun"


def comparison_table(
    found: Comparison,
    old: RegulationVersion,
    new: RegulationVersion,
    work: Regulation,
    other: Regulation,
    only: str = "",
) -> bytes:
    """Two columns; what was taken out is struck through, what was put in is bold. `only` narrows down as on the page."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    title = f"《{work.title}》修改前后对照表" if work.pk == other.pk else f"《{work.title}》与《{other.title}》对照表"
    document.add_heading(title, level=1)
    rows = [row for row in found.rows if not only or row.kind == only or (only == "changed" and row.kind != "same")]
    table = document.add_table(rows=len(rows) + 1, cols=2)
    table.style = "Table Grid"
    cells = [row.cells for row in table.rows]
    for cell, text in zip(cells[0], (f"{work.title}（{old.key}）", f"{other.title}（{new.key}）"), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for (left, right), row in zip(cells[1:], rows, strict=True):
        _fill(left.paragraphs[0], row.old, gone=True, whole=row.new is None)
        _fill(right.paragraphs[0], row.new, gone=False, whole=row.old is None)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _fill(paragraph: Paragraph, side: Side | None, *, gone: bool, whole: bool) -> None:
    if side is None:
        return
    paragraph.add_run(f"{side.label}　").bold = True
    for mark in side.marks:
        run = paragraph.add_run(mark.text)
        if not (mark.changed or whole):
            continue
        if gone:
            run.font.strike = True
            run.font.color.rgb = _GONE
        else:
            run.bold = True
            run.font.color.rgb = _NEW
