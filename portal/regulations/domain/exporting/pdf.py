"""A version as PDF: title, contents, the version line on every page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate, Paragraph
from reportlab.platypus.tableofcontents import TableOfContents

from portal.regulations.domain.exporting.fonts import chinese_font
from portal.regulations.domain.exporting.texts import lines_of, version_line
from portal.regulations.domain.parsing.tree import HEADING_KINDS
from portal.regulations.models import Provision, Regulation, RegulationVersion


class _Paper(BaseDocTemplate):
    """Tells the table of contents of each heading, and writes the version at the foot of each page."""

    def __init__(self, stream: io.BytesIO, title: str, foot: str) -> None:
        super().__init__(stream, pagesize=A4, title=title, leftMargin=25 * mm, rightMargin=25 * mm)
        self._foot = foot
        frame = Frame(25 * mm, 22 * mm, A4[0] - 50 * mm, A4[1] - 44 * mm)
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self._write_foot))

    def _write_foot(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.setFont(chinese_font(), 8)
        canvas.drawString(25 * mm, 12 * mm, self._foot)
        canvas.drawRightString(A4[0] - 25 * mm, 12 * mm, str(canvas.getPageNumber()))

    def afterFlowable(self, flowable: Flowable) -> None:
        """Called by reportlab when something is placed."""
        level = getattr(flowable, "contents_level", None)
        if level is not None:
            key = f"h{self.seq.nextf('heading')}"
            self.canv.bookmarkPage(key)
            text = flowable.getPlainText()
            self.canv.addOutlineEntry(text, key, level=0, closed=True)
            self.notify("TOCEntry", (level, text, self.page, key))


def as_pdf(regulation: Regulation, version: RegulationVersion, provisions: Sequence[Provision]) -> bytes:
    """A PDF file with title, contents and the version line on every page."""
    font = chinese_font()
    plain = ParagraphStyle(
        "plain", fontName=font, fontSize=11, leading=19, firstLineIndent=22, wordWrap="CJK", spaceAfter=3
    )
    middle = ParagraphStyle("middle", parent=plain, alignment=TA_CENTER, firstLineIndent=0)
    title = ParagraphStyle("title", parent=middle, fontSize=19, leading=30, spaceAfter=12)
    heading = ParagraphStyle("heading", parent=middle, fontSize=13, leading=24, spaceBefore=10, keepWithNext=True)
    line = version_line(version)
    story: list[Flowable] = [Paragraph(escape(regulation.title), title), Paragraph(escape(line), middle)]
    story += [
        Paragraph(escape(text), middle) for text in version.header.split("\n") if text and text != regulation.title
    ]
    contents = TableOfContents(
        levelStyles=[ParagraphStyle(f"toc{n}", parent=plain, leftIndent=16 * n, firstLineIndent=0) for n in range(3)]
    )
    headings = [p for p in provisions if p.kind in HEADING_KINDS or p.kind == "annex"]
    if headings:
        story += [contents, PageBreak()]
    for provision in provisions:
        lines = lines_of(provision)
        if provision.kind in HEADING_KINDS or provision.kind == "annex":
            made = Paragraph(escape(f"{provision.label} {provision.heading}".strip()), heading)
            made.contents_level = min(provision.depth, 2)
            story.append(made)
        elif provision.label:
            story.append(Paragraph(escape(f"{provision.label}　{lines.pop(0) if lines else ''}"), plain))
        story += [Paragraph(escape(text), plain) for text in lines]
    stream = io.BytesIO()
    _Paper(stream, regulation.title, f"{regulation.short_title[:40]}　{line}").multiBuild(story)
    return stream.getvalue()
