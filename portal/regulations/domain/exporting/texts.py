"""One version to take away: Markdown as it can be imported again, DOCX, PDF and Akoma Ntoso; and how it is cited."""

from __future__ import annotations

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Sequence
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from lxml import etree
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate, Paragraph
from reportlab.platypus.tableofcontents import TableOfContents

from portal.ground.clock import today
from portal.regulations.domain.exporting.tables import FONT
from portal.regulations.domain.parsing.tree import HEADING_KINDS
from portal.regulations.models import Provision, Regulation, RegulationVersion

AKN = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
_ELEMENTS = {
    "part": "part",
    "subpart": "subpart",
    "chapter": "chapter",
    "section": "section",
    "subsection": "subsection",
}
_MARKS = {"part": "##", "subpart": "###", "chapter": "##", "section": "###", "subsection": "####", "heading": "##"}
_PDF_FONT = "STSong-Light"


def version_line(version: RegulationVersion) -> str:
    """The line that tells which version a copy is: its key, from when it holds, and when the copy was made."""
    if version.effective_on:
        holds = _("自 %(day)s 起施行") % {"day": version.effective_on.isoformat()}
    else:
        holds = _("施行日期待核")
    parts = {"key": version.key, "holds": holds, "today": today().isoformat()}
    return _("%(key)s 版，%(holds)s；%(today)s 导出") % parts


def citation_of(regulation: Regulation, version: RegulationVersion, url: str, day: dt.date | None = None) -> str:
    """The work as GB/T 7714 cites it: maker. title: version[type]. (date of the text)[date of reading]. address."""
    maker = regulation.issuer or (regulation.owner_organisation.name if regulation.owner_organisation else "")
    made = version.revised_on or version.promulgated_on or version.adopted_on
    number = f": {version.document_number}" if version.document_number else ""
    front = f"{maker}. " if maker else ""
    dated = f"({made.isoformat()})" if made else ""
    return f"{front}{regulation.title}{number}[A/OL]. {dated}[{(day or today()).isoformat()}]. {url}."


# --- Markdown -------------------------------------------------------------------------------------------------------------
def as_markdown(regulation: Regulation, version: RegulationVersion, provisions: Sequence[Provision]) -> str:
    """The text as `import_regulations` takes it: importing it again gives the same articles."""
    header = [line for line in version.header.split("\n") if line and line != regulation.title]
    lines = [f"# {regulation.title}", *header, "<!-- INFO END -->"]
    for provision in provisions:
        if provision.kind in HEADING_KINDS:
            lines.append(f"{_MARKS[provision.kind]} {provision.label} {provision.heading}".replace("  ", " "))
            lines += _lines(provision)
        elif provision.kind == "annex":
            lines += [f"{provision.label}{provision.heading}", *_lines(provision)]
        elif provision.label:
            first, *rest = _lines(provision) or [""]
            blank = "" if provision.kind == "enumeration" else " "
            lines += [f"{provision.label}{blank}{first}".rstrip(), *rest]
        else:
            lines += _lines(provision)
    return "\n\n".join(lines) + "\n"


def _lines(provision: Provision) -> list[str]:
    return provision.text.split("\n") if provision.text else []


# --- DOCX -----------------------------------------------------------------------------------------------------------------
def as_word(regulation: Regulation, version: RegulationVersion, provisions: Sequence[Provision]) -> bytes:
    """A DOCX file with real headings."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    document.core_properties.title = regulation.title
    document.add_heading(regulation.title, level=0).alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(version_line(version)).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for line in version.header.split("\n"):
        if line and line != regulation.title:
            document.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for provision in provisions:
        lines = _lines(provision)
        if provision.kind in HEADING_KINDS or provision.kind == "annex":
            level = min(provision.depth + 1, 4)
            document.add_heading(f"{provision.label} {provision.heading}".strip(), level=level)
        elif provision.kind == "article":
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{provision.label}　").bold = True
            paragraph.add_run(lines.pop(0) if lines else "")
        elif provision.label:
            document.add_paragraph(f"{provision.label}{lines.pop(0) if lines else ''}")
        for line in lines:
            document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


# --- PDF ------------------------------------------------------------------------------------------------------------------
class _Paper(BaseDocTemplate):
    """Tells the table of contents of each heading, and writes the version at the foot of each page."""

    def __init__(self, stream: io.BytesIO, title: str, foot: str) -> None:
        super().__init__(stream, pagesize=A4, title=title, leftMargin=25 * mm, rightMargin=25 * mm)
        self._foot = foot
        frame = Frame(25 * mm, 22 * mm, A4[0] - 50 * mm, A4[1] - 44 * mm)
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self._write_foot))

    def _write_foot(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.setFont(_PDF_FONT, 8)
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
    pdfmetrics.registerFont(UnicodeCIDFont(_PDF_FONT))
    plain = ParagraphStyle(
        "plain", fontName=_PDF_FONT, fontSize=11, leading=19, firstLineIndent=22, wordWrap="CJK", spaceAfter=3
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
        lines = _lines(provision)
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


# --- Akoma Ntoso ----------------------------------------------------------------------------------------------------------
def as_akoma_ntoso(regulation: Regulation, version: RegulationVersion, provisions: Sequence[Provision]) -> bytes:
    """The version as an Akoma Ntoso 3.0 act, valid by its strict schema."""
    root = etree.Element(f"{{{AKN}}}akomaNtoso", nsmap={None: AKN})
    act = _add(root, "act", name="act", contains="singleVersion")
    _meta(act, regulation, version)
    preface = _add(act, "preface")
    _add(_add(preface, "p"), "docTitle").text = regulation.title
    _add(preface, "p").text = version_line(version)
    body = _add(act, "body")
    children: dict[int | None, list[Provision]] = defaultdict(list)
    for provision in provisions:
        children[provision.parent_id].append(provision)
    for provision in children[None]:
        _hang(body, provision, children)
    if not len(body):
        _content(_add(body, "hcontainer", name="text", eId="text"), [])
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{AKN}}}{tag}", **attributes)


def _meta(act: etree._Element, regulation: Regulation, version: RegulationVersion) -> None:
    made = version.promulgated_on or version.adopted_on or version.starts_on
    first, this = (
        (made or dt.date(1900, 1, 1)).isoformat(),
        (version.starts_on or made or dt.date(1900, 1, 1)).isoformat(),
    )
    work = f"/akn/cn/act/{first}/{regulation.code}"
    expression = f"{work}/zho@{this}"
    identification = _add(_add(act, "meta"), "identification", source="#portal")
    levels = (
        ("FRBRWork", work, first),
        ("FRBRExpression", expression, this),
        ("FRBRManifestation", f"{expression}.xml", this),
    )
    for name, address, day in levels:
        level = _add(identification, name)
        _add(level, "FRBRthis", value=f"{address}/!main")
        _add(level, "FRBRuri", value=address)
        if name == "FRBRWork":
            _add(level, "FRBRalias", value=regulation.title, name="title")
        _add(level, "FRBRdate", date=day, name="made")
        _add(level, "FRBRauthor", href="#portal")
        if name == "FRBRWork":
            _add(level, "FRBRcountry", value="cn")
        if name == "FRBRExpression":
            _add(level, "FRBRlanguage", language="zho")
    references = _add(act.find(f"{{{AKN}}}meta"), "references", source="#portal")
    _add(references, "TLCOrganization", eId="portal", href="/ontology/organization/cn/portal", showAs="portal")


def _hang(parent: etree._Element, provision: Provision, children: dict[int | None, list[Provision]]) -> None:
    name = "article" if provision.kind == "article" else _ELEMENTS.get(provision.kind, "hcontainer")
    attributes = {"eId": provision.path.replace("/", "__").replace("~", "_n")}
    if name == "hcontainer":
        attributes["name"] = provision.kind
    element = _add(parent, name, **attributes)
    if provision.label:
        _add(element, "num").text = provision.label
    if provision.heading:
        _add(element, "heading").text = provision.heading
    below = children.get(provision.pk, [])
    if not below:
        _content(element, _lines(provision))
        return
    if provision.text:
        intro = _add(element, "intro")
        for line in _lines(provision):
            _add(intro, "p").text = line
    for child in below:
        _hang(element, child, children)


def _content(element: etree._Element, lines: Sequence[str]) -> None:
    content = _add(element, "content")
    for line in lines or [""]:
        _add(content, "p").text = line
