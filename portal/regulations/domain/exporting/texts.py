"""One version to take away: Markdown as it can be imported again, DOCX; and how it is cited."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence

from django.utils.translation import gettext as _
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from portal.ground.clock import today
from portal.regulations.domain.exporting.tables import FONT
from portal.regulations.domain.parsing.tree import HEADING_KINDS
from portal.regulations.models import Provision, Regulation, RegulationVersion

_MARKS = {"part": "##", "subpart": "###", "chapter": "##", "section": "###", "subsection": "####", "heading": "##"}


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
            lines += lines_of(provision)
        elif provision.kind == "annex":
            lines += [f"{provision.label}{provision.heading}", *lines_of(provision)]
        elif provision.label:
            first, *rest = lines_of(provision) or [""]
            blank = "" if provision.kind == "enumeration" else " "
            lines += [f"{provision.label}{blank}{first}".rstrip(), *rest]
        else:
            lines += lines_of(provision)
    return "\n\n".join(lines) + "\n"


def lines_of(provision: Provision) -> list[str]:
    """The lines of a piece; none for an empty one."""
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
        lines = lines_of(provision)
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
