"""Two texts side by side: pages, marks by characters, the table to take away."""

import io

import pytest
from django.core.cache import cache
from django.test import Client
from docx import Document

from portal.organisations.domain.audiences import organisation_audience
from portal.regulations.domain.comparing import compare, marked
from portal.regulations.domain.importing import Placement, import_regulation
from portal.regulations.models import RegulationVersion
from tests.factories import make_branch
from tests.portal.regulations.makers import LONG, law_text

pytestmark = pytest.mark.django_db

NEWER = (
    LONG[0],
    "第二条 作业人员应当经过培训，考试合格，方可上岗，培训记录保存三年以上。",
    LONG[2],
    LONG[1].replace("第二条", "第四条").replace("未经签发不得开工", "未经签发一律不得开工"),
)
OLDER = (*LONG, "第四条 旧版独有的临时用电管理要求，由动力车间另行制定细则并报公司备案。")


def _version(day: str, *articles: str, title: str = "检修条例", **more: object) -> RegulationVersion:
    text = law_text(*articles, title=title)
    return import_regulation(text, file_name=f"{title}({day}).md", **more).version  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


def test_rows_follow_the_lineage_not_the_number() -> None:
    old, new = _version("2020-01-01", *OLDER), _version("2024-01-01", *NEWER)

    rows = compare(old, new).rows

    assert [(r.kind, r.old.label if r.old else "", r.new.label if r.new else "") for r in rows] == [
        ("same", "第一条", "第一条"), ("new", "", "第二条"), ("same", "第三条", "第三条"),
        ("amended", "第二条", "第四条"), ("removed", "第四条", ""),
    ]  # fmt: skip


def test_marks_show_the_characters_that_changed_and_keep_both_texts() -> None:
    left, right, similarity = marked("未经签发不得开工。", "未经许可一律不得开工。")

    assert "".join(mark.text for mark in left) == "未经签发不得开工。"
    assert [mark.text for mark in right if mark.changed] == ["许可一律"]
    assert 0.5 < similarity < 1


def test_page_shows_counts_filters_and_marks_and_the_second_time_asks_no_provisions(client: Client) -> None:
    old = _version("2020-01-01", *OLDER)
    _version("2024-01-01", *NEWER)
    address = f"/r/{old.regulation.code}/compare"

    page = client.get(address).content.decode()
    only = client.get(address + "?only=removed").content.decode()

    assert "<ins>一律</ins>" in page
    assert ("只看" in page, '有变化的 <span class="count">3</span>' in page) == (True, True)
    assert "临时用电" in only
    assert "培训记录" not in only


def test_two_works_are_compared_by_wording(client: Client) -> None:
    law = _version("2020-01-01", *LONG)
    rule = _version("2021-01-01", NEWER[3].replace("第四条", "第一条"), title="班组检修办法")

    page = client.get(f"/r/{rule.regulation.code}/compare?with={law.regulation.code}").content.decode()

    assert "《班组检修办法》与《检修条例》" in page
    assert "<del>一律</del>" in page


def test_table_as_word_holds_every_article_of_both_sides(client: Client) -> None:
    old = _version("2020-01-01", *OLDER)
    _version("2024-01-01", *NEWER)

    answer = client.get(f"/r/{old.regulation.code}/compare.docx")

    [table] = Document(io.BytesIO(answer.content)).tables
    text = "\n".join(cell.text for row in table.rows for cell in row.cells)
    assert len(table.rows) == 6
    assert all(article.split(" ", 1)[1] in text for article in (*OLDER, *NEWER))


def test_what_a_reader_may_not_see_is_not_compared(client: Client) -> None:
    branch = make_branch()
    hidden = _version(
        "2020-01-01", *LONG, title="内部办法", placement=Placement(owner=branch, audience=organisation_audience(branch))
    )
    law = _version("2020-01-01", *LONG)

    assert client.get(f"/r/{hidden.regulation.code}/compare").status_code == 404
    assert client.get(f"/r/{law.regulation.code}/compare?with={hidden.regulation.code}").status_code == 404
    assert client.get(f"/r/{law.regulation.code}/compare?from=no&to=no").status_code == 200
