"""What search finds of a regulation, through outbox, index and both engines."""

import datetime as dt
import math
import os
import secrets
from collections.abc import Iterator

import pytest

from portal.ground.jobs import run_due_jobs
from portal.ground.suppliers import ANONYMOUS, viewer_of
from portal.organisations.domain.audiences import organisation_audience
from portal.regulations.domain.importing import Placement, import_regulation
from portal.regulations.domain.indexing import documents
from portal.regulations.domain.publishing import withdraw
from portal.regulations.domain.standing import set_repeal
from portal.regulations.models import Citation
from search.engines import current_engine
from search.service import search, suggest
from tests.factories import make_branch, make_committee, make_member
from tests.portal.regulations.makers import LONG, law_text

pytestmark = pytest.mark.django_db

NEWER = (
    LONG[0],
    "第二条 公司党委统一领导检修作业安全工作，各支部书记负首要责任。",
    LONG[1].replace("第二条", "第三条"),
)


@pytest.fixture(params=["embedded", pytest.param("elastic", marks=pytest.mark.cluster)])
def index(request: pytest.FixtureRequest, settings, tmp_path, db) -> Iterator[None]:
    if request.param == "embedded":
        settings.ELASTICSEARCH_URL = ""
        settings.SEARCH_INDEX_DIR = tmp_path / "search"
        yield
        return
    settings.ELASTICSEARCH_URL = os.environ["ELASTICSEARCH_URL"]
    settings.ELASTICSEARCH_INDEX_PREFIX = f"test-{secrets.token_hex(4)}"
    yield
    current_engine().drop_all()


def _import(*body: str, day: str = "2020-01-01", **more: object):
    return import_regulation(
        law_text(*body, title="中华人民共和国检修作业法"), file_name=f"检修作业法({day}).md", **more
    )


def _found(query: str, viewer=ANONYMOUS, **more: object) -> list[tuple[str, str]]:
    return [(hit.label, hit.url) for hit in search(query, viewer, **more).hits]


def test_search_reference_finds_the_article_by_short_title_on_a_date(index) -> None:
    old = _import(*LONG)
    new = _import(*NEWER, day="2024-06-01")
    run_due_jobs()

    def url(result, path: str) -> str:
        return f"/r/{result.regulation.code}/{result.version.provisions.get(path=path).lineage.code}"

    assert _found("检修作业法第二条")[0] == ("第二条", url(new, "art2"))
    assert _found("检修作业法第二条", as_of=dt.date(2021, 1, 1))[0] == ("第二条", url(old, "art2"))
    assert _found("值班负责人签发")[0] == ("第三条", url(old, "art2"))


@pytest.mark.parametrize("query", [{"q": "检修作业", "on": "2021-01-01"}, {"q": "检修作业 截至:2021-01-01"}])
def test_results_page_on_a_day_leads_to_the_texts_of_that_day_and_back_to_today(index, client, query) -> None:
    old = _import(*LONG)
    _import(*NEWER, day="2024-06-01")
    run_due_jobs()

    page = client.get("/search/", query)

    html = page.content.decode()
    hits = page.context["results"].hits
    then = client.get(hits[0].url)
    assert {hit.url.partition("?")[2] for hit in hits} == {"on=2021-01-01"}
    assert ("只显示" in html, page.context["today_url"]) == (True, "?q=%E6%A3%80%E4%BF%AE%E4%BD%9C%E4%B8%9A")
    assert 'name="on" value="2021-01-01"' in html
    assert then.context["version"].key == old.version.key
    today = client.get("/search/" + page.context["today_url"]).context["results"].hits
    assert all("?" not in hit.url for hit in today)


def test_suggested_title_leads_to_the_regulation_whatever_the_age_of_its_articles(index) -> None:
    _import(*LONG)
    made = _import(*NEWER, day="2024-06-01")
    run_due_jobs()

    assert [s.url for s in suggest("检修作业", ANONYMOUS)] == [f"/r/{made.regulation.code}"]


def test_search_finds_an_internal_rule_only_for_its_organisation(index) -> None:
    committee = make_committee()
    own, other = make_branch(committee), make_branch(committee)
    _import(*LONG, placement=Placement(owner=own, audience=organisation_audience(own)))
    run_due_jobs()

    seen = [bool(_found("工作票", viewer)) for viewer in (
        ANONYMOUS, viewer_of(make_member(other).user), viewer_of(make_member(own).user),
    )]  # fmt: skip

    assert seen == [False, False, True]


def test_search_forgets_a_withdrawn_text_and_keeps_a_repealed_one_for_its_time(index) -> None:
    result = _import(*LONG)
    set_repeal(result.regulation, on=dt.date(2022, 1, 1), note="不再执行", actor=None)
    run_due_jobs()
    repealed = (bool(_found("工作票")), bool(_found("工作票", as_of=dt.date(2021, 1, 1))))

    withdraw(result.version, reason="误发布")
    run_due_jobs()

    assert repealed == (False, True)
    assert _found("工作票", as_of=dt.date(2021, 1, 1)) == []


def test_documents_join_versions_with_the_same_wording_into_one_row() -> None:
    old = _import(*LONG)
    _import(*NEWER, day="2024-06-01")

    rows = sorted(
        (row.label, row.reference_path, row.valid_from, row.valid_to) for row in documents([str(old.regulation.uid)])
    )

    assert rows == [
        ("第一条", "art1", 20200101, 99999999),
        ("第三条", "art3", 20200101, 20240531),
        ("第三条", "art3", 20240601, 99999999),
        ("第二条", "art2", 20200101, 20240531),
        ("第二条", "art2", 20240601, 99999999),
    ]


def test_documents_carry_text_that_stands_right_under_a_heading() -> None:
    result = import_regulation(law_text("## 第一章 罪名", "1．甲罪 2．乙罪", title="意见"))

    [row] = documents([str(result.regulation.uid)])

    assert (row.label, row.body) == ("第一章", "罪名\n1．甲罪 2．乙罪")


def test_works_that_others_name_weigh_more_and_restricted_ones_do_not_count(db) -> None:
    named = _import(*LONG).regulation
    citing = import_regulation(law_text(*LONG, title="检修作业细则"), file_name="检修作业细则(2020-01-01).md")
    inside = import_regulation(
        law_text(*LONG, title="内部检修细则"),
        file_name="内部检修细则(2020-01-01).md",
        placement=Placement(audience=organisation_audience(make_branch())),
    )

    def weight() -> float:
        return next(documents([str(named.uid)])).authority

    plain = weight()
    for number, result in enumerate([inside, citing, _import(*NEWER, day="2024-06-01")]):
        for lineage in result.regulation.lineages.all():
            Citation.objects.create(
                version=result.version, source=lineage, source_path=f"art{number}", start=0, end=1, quote="《检修作业法》",
                title_key="检修作业法", target=named, drawn_by=Citation.DrawnBy.PERSON,
            )  # fmt: skip
        if result is inside:
            assert weight() == plain

    assert weight() == round(plain * (1 + 0.1 * math.log1p(3)), 2)
