"""Documents as people have them: read with every character, or refused with a sentence."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from portal.regulations.domain.parsing import ParsedLaw, UnreadableSource, parse
from portal.regulations.domain.sources import pasted_text, text_of
from portal.regulations.models import RegulationVersion
from tests.portal.regulations.makers import LONG


def _law(text: str) -> ParsedLaw:
    law = parse(text, fallback_title="无题")
    assert law.balance.even
    return law


def _bytes(document: object) -> bytes:
    stream = io.BytesIO()
    document.save(stream)  # type: ignore[attr-defined]
    return stream.getvalue()


def _word() -> bytes:
    document = Document()
    document.add_heading("检修作业管理规定", level=0)
    document.add_heading("第一章 总则", level=1)
    for article in LONG:
        document.add_paragraph(article)
    changed = document.add_paragraph("第四条 工作负责人")
    changed._p.append(parse_xml(f'<w:ins {nsdecls("w")} w:id="1" w:author="a"><w:r><w:t>应当</w:t></w:r></w:ins>'))
    changed._p.append(
        parse_xml(f'<w:del {nsdecls("w")} w:id="2" w:author="a"><w:r><w:delText>可以</w:delText></w:r></w:del>')
    )
    changed.add_run("在场。")
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "工种"
    table.cell(1, 0).text, table.cell(1, 1).text = "电工", "焊工"
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    picture.seek(0)
    document.add_picture(picture)
    return _bytes(document)


def _pdf(*lines: str) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.setFont("STSong-Light", 12)
    for number, line in enumerate(lines):
        canvas.drawString(50, 780 - 20 * number, line)
    canvas.save()
    return stream.getvalue()


def test_word_document_keeps_headings_articles_accepted_changes_and_tables() -> None:
    text, doubts = text_of(_word(), "规定.docx")

    law = _law(text)
    assert (law.title, law.articles) == ("检修作业管理规定", 4)
    last = next(unit for unit in law.units if unit.path == "art4")
    assert last.text == "工作负责人应当在场。\n| 工种 |\n| 电工 | 焊工 |"
    assert [unit.heading for unit in law.units if unit.kind == "chapter"] == ["总则"]
    assert {doubt.code for doubt in doubts} == {"tracked_changes", "merged_cells", "image"}


def test_html_page_loses_scripts_and_keeps_words_and_tables() -> None:
    page = (
        "<html><head><title>x</title><style>p{}</style></head><body><h1>检修作业管理规定</h1><script>alert(1)</script>"
        + "".join(f"<p>{article}</p>" for article in LONG)
        + "<table><tr><td>甲</td><td>乙</td></tr></table></body></html>"
    )

    text, doubts = text_of(page.encode("gb18030"), "规定.html")

    law = _law(text)
    assert (law.title, law.articles) == ("检修作业管理规定", 3)
    assert "alert" not in text
    assert "| 甲 | 乙 |" in text
    assert {doubt.code for doubt in doubts} == {"encoding", "from_html"}


def test_pdf_with_text_joins_wrapped_lines_and_leaves_page_numbers() -> None:
    text, doubts = text_of(_pdf("检修作业管理规定", LONG[0][:30], LONG[0][30:], LONG[1], "- 1 -"), "规定.pdf")

    law = _law(text)
    assert (law.title, law.articles) == ("检修作业管理规定", 2)
    assert law.units[-2].text == LONG[0].split(" ", 1)[1]
    assert {doubt.code for doubt in doubts} == {"from_pdf", "page_number"}


def test_pasted_text_needs_no_marks() -> None:
    law = _law(pasted_text("检修作业管理规定\r\n\r\n" + "\r\n".join(LONG)))

    assert (law.title, law.articles) == ("检修作业管理规定", 3)


def _encrypted_pdf() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(_pdf("甲"))))
    writer.encrypt("secret")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 30_000_000)
    return stream.getvalue()


def _other_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "甲")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("make", "name", "sentence"),
    [
        (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "规定.docx", "密码保护"),
        (lambda: b"PK\x03\x04" + b"x" * 100, "规定.docx", "已损坏"),
        (lambda: _word()[:-400], "规定.docx", "已损坏"),
        (_bomb, "规定.docx", "解压后过大"),
        (_other_zip, "规定.docx", "不是 Word 文档"),
        (lambda: _bytes(Document()), "规定.docx", "没有文字"),
        (_encrypted_pdf, "规定.pdf", "密码"),
        (lambda: b"%PDF-1.4\n" + b"garbage" * 30, "规定.pdf", "已损坏"),
        (lambda: _pdf(), "规定.pdf", "扫描件"),
        (lambda: b"x" * (50 * 1024 * 1024 + 1), "规定.docx", "超过 50 MB"),
        (lambda: b"<script>1</script>", "规定.html", "没有文字"),
        (lambda: b"  \n", "规定.txt", "文件是空的"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_sentence(make: object, name: str, sentence: str) -> None:
    with pytest.raises(UnreadableSource, match=sentence):
        text_of(make(), name)  # type: ignore[operator]


@pytest.mark.django_db
def test_folder_with_documents_of_all_kinds_is_imported(tmp_path: Path) -> None:
    (tmp_path / "甲.docx").write_bytes(_word())
    (tmp_path / "乙.html").write_text(
        "<h1>乙</h1>" + "".join(f"<p>{article}</p>" for article in LONG), encoding="utf-8"
    )
    (tmp_path / "丙.pdf").write_bytes(_pdf("丙规定", *LONG))

    call_command("import_regulations", str(tmp_path), stdout=io.StringIO())

    assert set(RegulationVersion.objects.values_list("regulation__title", "article_count")) == {
        ("检修作业管理规定", 4), ("乙", 3), ("丙规定", 3),
    }  # fmt: skip
