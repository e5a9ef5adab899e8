"""The words inside documents: read from each format, refused with a sentence, found by those who may fetch the file."""

from __future__ import annotations

import io
import zipfile

import docx
import openpyxl
import pytest
from django.core.files.base import ContentFile
from pypdf import PdfReader, PdfWriter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from portal.files.domain import texts
from portal.files.models import DocumentText, PortalDocument
from portal.ground.jobs import run_due_jobs
from portal.ground.models import Job
from portal.ground.suppliers import ANONYMOUS, viewer_of
from portal.organisations.domain.audiences import organisation_audience
from search import registry
from search.contracts import SearchSource
from search.service import search
from search.suggest import suggest
from tests.factories import make_branch, make_committee, make_member, make_staff
from tests.search.conftest import engine, shelf

__all__ = ["engine", "shelf"]
pytestmark = pytest.mark.django_db

WORDS = "检修作业应当两人以上进行"
BACKEND = "portal.accounts.backends.LoginHandleBackend"
DRAWN = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def _saved(thing: object) -> bytes:
    stream = io.BytesIO()
    thing.save(stream)
    return stream.getvalue()


def _packed(**parts: str | bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return stream.getvalue()


def _word() -> bytes:
    document = docx.Document()
    document.add_paragraph(WORDS)
    document.add_table(1, 1).cell(0, 0).text = "表中一格"
    return _saved(document)


def _sheet(words: str = WORDS) -> bytes:
    book = openpyxl.Workbook()
    book.active["C400"] = words
    hidden = book.create_sheet("藏")
    hidden["A1"], hidden.sheet_state = "藏起来的字", "hidden"
    return _saved(book)


def _slides() -> bytes:
    slide = f"<p {DRAWN}><a:p><a:r><a:t>{WORDS[:5]}</a:t></a:r><a:r><a:t>{WORDS[5:]}</a:t></a:r></a:p></p>"
    return _packed(ppt__presentation="<p/>", ppt__slides__slide1=slide, ppt__slides__slide10=f"<p {DRAWN}/>")


def _pdf(words: str = WORDS, password: str = "") -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.setFont("STSong-Light", 12)
    canvas.drawString(50, 780, words)
    canvas.save()
    if not password:
        return stream.getvalue()
    writer = PdfWriter(clone_from=PdfReader(stream))
    writer.encrypt(password)
    locked = io.BytesIO()
    writer.write(locked)
    return locked.getvalue()


def _put(data: bytes, name: str, title: str = "附表", **fields: object) -> DocumentText:
    document = PortalDocument.objects.create(title=title, file=ContentFile(data, name=name), **fields)
    run_due_jobs()
    return DocumentText.objects.get(document=document)


@pytest.fixture
def shelved(shelf):
    """Documents are the only thing there is to find, beside the shelf."""
    types = {"document": ("文档", "Documents")}
    registry.register(SearchSource("document", "文档", "Documents", texts.documents, types))
    yield shelf
    registry.unregister("document")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (_word, "a.docx"),
        (_sheet, "a.xlsx"),
        (_slides, "a.pptx"),
        (_pdf, "a.PDF"),
        (lambda: WORDS.encode("gb18030"), "a.txt"),
        (lambda: WORDS.encode("utf-16"), "a.csv"),
    ],
)
def test_words_of_each_format_are_read(make, name):
    words = _put(make(), name)

    assert (words.state, words.reason, len(words.digest)) == ("ready", "", 64)
    assert WORDS in words.text
    assert "藏起来" not in words.text


_ENTITIES = '<!DOCTYPE a [<!ENTITY b "字字字字">]><a>&b;</a>'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "name", "state", "reason"),
    [
        (lambda: _word()[:-400], "a.docx", "failed", "broken"),
        (lambda: b"PK\x03\x04" + b"x" * 90, "a.xlsx", "failed", "broken"),
        (lambda: _packed(ppt__presentation="<p/>", ppt__slides__slide1="<p><q"), "a.pptx", "failed", "broken"),
        (lambda: _packed(word__document=_ENTITIES), "a.docx", "failed", "broken"),
        (lambda: _packed(other="甲"), "a.docx", "failed", "broken"),
        (lambda: b"%PDF-1.4\n" + b"garbage" * 30, "a.pdf", "failed", "broken"),
        (lambda: b"\0\1\2\3" * 50, "a.txt", "failed", "broken"),
        (lambda: _pdf(password="secret"), "a.pdf", "failed", "encrypted"),
        (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.docx", "failed", "encrypted"),
        (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.doc", "failed", "encrypted"),
        (lambda: _packed(word__document=b"0" * 30_000_000), "a.docx", "failed", "bomb"),
        (lambda: _pdf(""), "a.pdf", "empty", "scan"),
        (lambda: _saved(docx.Document()), "a.docx", "empty", "no_words"),
        (lambda: b"anything", "a.zip", "empty", "kind"),
        (lambda: (WORDS * 20_000).encode(), "a.txt", "ready", "cut"),
    ],
)
def test_what_cannot_be_read_ends_with_its_reason_and_no_job_is_left(make, name, state, reason):
    words = _put(make(), name)

    assert (words.state, words.reason) == (state, reason)
    assert len(words.text) <= texts.MOST_CHARACTERS
    assert not Job.objects.exclude(state=Job.State.DONE).exists()


@pytest.mark.slow
def test_file_of_a_hundred_megabytes_is_not_opened(monkeypatch):
    monkeypatch.setattr(texts, "_copy", None)  # would fail if it were called

    words = _put(b"\0" * 100 * 1024 * 1024, "a.pdf")

    assert (words.state, words.reason) == ("failed", "large")


@pytest.mark.slow
def test_reading_beyond_its_memory_is_ended(monkeypatch):
    monkeypatch.setattr(texts, "BOUNDS", texts.Bounds(wall_seconds=60, cpu_seconds=45, memory_bytes=48 * 1024**2))

    words = _put(b"x" * 40_000_000, "a.txt")

    assert (words.state, words.reason) == ("failed", "heavy")


@pytest.mark.slow
@pytest.mark.parametrize(("wall", "processor"), [(1, 45), (60, 1)])
def test_endless_reading_is_ended(monkeypatch, tmp_path, wall, processor):
    endless = tmp_path / "endless.py"
    endless.write_text("while True: pass")
    monkeypatch.setattr(texts, "_CHILD", str(endless))
    monkeypatch.setattr(texts, "BOUNDS", texts.Bounds(wall_seconds=wall, cpu_seconds=processor))

    words = _put(b"one", "a.txt")

    assert (words.state, words.reason) == ("failed", "heavy")


@pytest.mark.slow
def test_lost_file_and_lost_jobs_come_to_an_end():
    words = _put(b"one", "a.txt")
    words.document.file.storage.delete(words.document.file.name)
    texts.read_again(words.document)
    run_due_jobs()
    words.refresh_from_db()
    assert (words.state, words.reason) == ("failed", "missing")

    DocumentText.objects.update(state="waiting", tries=texts.MOST_TRIES)
    assert texts.queue_unread() == 1
    run_due_jobs()
    words.refresh_from_db()
    assert (words.state, words.reason, texts.queue_unread()) == ("failed", "heavy", 0)

    words.delete()
    assert texts.queue_unread() == 1  # a document of before this existed
    run_due_jobs()
    assert DocumentText.objects.get().reason == "missing"


def test_words_are_found_only_by_those_who_may_fetch_the_file(shelved):
    committee = make_committee()
    mine, theirs = make_branch(committee), make_branch(committee)
    insider, outsider = (viewer_of(make_member(branch).user) for branch in (mine, theirs))
    audience = organisation_audience(mine)
    words = _put(_word(), "a.docx", "羽毛球比赛安排", audience=audience, owner_organisation=mine)
    _put(WORDS.encode(), "b.txt", "羽毛球保密安排", audience=audience, secrecy=3)

    results = search(WORDS, insider)
    assert [(hit.type, hit.title) for hit in results.hits] == [("document", "羽毛球比赛安排")]
    assert results.hits[0].url == words.document.url
    assert results.total == 1
    for viewer in (outsider, ANONYMOUS):
        for query in (WORDS, "羽毛球", "表中一格"):
            found = search(query, viewer)
            assert (found.total, list(found.hits)) == (0, [])
            assert not any(choice.count for facet in found.facets for choice in getattr(facet, "choices", ()))
    _put(b"one", "c.txt", "羽毛球场地")  # for everybody
    for viewer in (insider, outsider, ANONYMOUS):  # suggestions are the same for all
        assert [one.title for one in suggest("羽毛", viewer)] == ["羽毛球场地"]


def test_replaced_file_is_read_anew_and_a_deleted_one_is_gone(shelved):
    words = _put(_word(), "a.docx")
    document = PortalDocument.objects.get(pk=words.document_id)
    assert search(WORDS, ANONYMOUS).total == 1

    document.title = "改名的附表"
    document.save()
    assert DocumentText.objects.get().text == words.text  # nothing to read anew
    document.file = ContentFile("足球联赛的规则".encode(), name="a.txt")
    document.save()
    assert DocumentText.objects.get().state == "waiting"
    run_due_jobs()

    assert search(WORDS, ANONYMOUS).total == 0
    assert [hit.title for hit in search("足球联赛", ANONYMOUS).hits] == ["改名的附表"]
    PortalDocument.objects.filter(pk=document.pk).delete()
    run_due_jobs()
    assert search("足球联赛", ANONYMOUS).total == 0


def test_reading_of_a_file_that_was_replaced_meanwhile_writes_nothing(monkeypatch):
    words = _put(b"one", "a.txt")
    texts.read_again(words.document)
    before = texts._result

    def replaced(row, tick):
        result = before(row, tick)
        texts.read_again(words.document)
        return result

    monkeypatch.setattr(texts, "_result", replaced)
    texts.read_text(str(words.document.uid))

    assert DocumentText.objects.get().state == "waiting"


def test_same_bytes_are_read_once(monkeypatch):
    first = _put(_word(), "a.docx")
    monkeypatch.setattr(texts, "_read_apart", None)  # would fail if it were called
    with first.document.file.open() as file:
        data = file.read()

    assert _put(data, "b.docx").text == first.text


def test_editor_sees_the_reason_and_tries_again(client):
    committee = make_committee()
    mine, theirs = make_branch(committee), make_branch(committee)
    words = _put(b"\xd0\xcf\x11\xe0" * 99, "a.docx", owner_organisation=mine)
    address = f"/admin/documents/{words.document_id}/text/"
    client.force_login(make_staff("editor", mine), backend=BACKEND)

    page = client.get(f"/admin/documents/edit/{words.document_id}/").content.decode()
    assert "文件有密码保护" in page
    assert address in page
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 302
    words.refresh_from_db()
    assert (words.state, words.turn) == ("waiting", 1)

    client.force_login(make_staff("editor", theirs), backend=BACKEND)
    assert client.post(address).status_code == 404
