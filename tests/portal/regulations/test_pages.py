"""The pages of the library."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.ground.generation import raise_generation
from portal.organisations.domain.audiences import organisation_audience
from portal.regulations.domain.importing import EnteredDates, ImportResult, Placement, import_regulation
from portal.regulations.domain.publishing import withdraw
from portal.regulations.domain.standing import set_repeal
from portal.regulations.models import Regulation, RegulationVersion
from tests.factories import make_branch, make_committee, make_member
from tests.portal.regulations.makers import LONG, law_text

pytestmark = pytest.mark.django_db

FIRST = (
    "## 第一章 总则",
    LONG[0],
    LONG[1],
    "## 第二章 附则",
    LONG[2],
    "签发人应当：",
    "（一）核对内容；",
    "（二）现场交底。",
)
SECOND = (
    LONG[0],
    "第二条 公司党委统一领导检修作业安全工作，各支部书记负首要责任。",
    LONG[1].replace("第二条", "第三条"),
)


def _import(*body: str, day: str = "2020-01-01", title: str = "检修作业管理规定", **more: object) -> ImportResult:
    year, month, date = (int(part) for part in day.split("-"))
    events = (f"{year}年{month}月{date}日 发布",)
    return import_regulation(law_text(*body, title=title, events=events), file_name=f"{title}({day}).md", **more)


def _queries(client: Client, url: str) -> int:
    client.get(url)
    raise_generation()  # or the page cache would answer without asking
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return sum("regulations_" in query["sql"] for query in captured.captured_queries)  # the frame around has its own


def test_work_page_shows_contents_articles_and_status(client: Client) -> None:
    work = _import(*FIRST, entered=EnteredDates(effective=dt.date(2020, 3, 1))).regulation

    response = client.get(f"/r/{work.code}")

    html = response.content.decode()
    assert response.status_code == 200
    assert [piece.label for piece in response.context["contents"]] == ["第一章", "第二章"]
    assert (response.context["status"].label, response.context["status"].reason) == ("有效", "自 2020-03-01 起施行。")
    assert '<section class="law-article" id="art3">' in html
    assert '<p class="law-item" id="art3.p2.i1">（一）核对内容；</p>' in html


def test_article_page_on_a_day_shows_the_words_of_that_day_and_the_way_to_today(client: Client) -> None:
    old = _import(*FIRST, day="2020-01-01")
    new = _import(*SECOND, day="2024-06-01")
    kept = old.version.provisions.get(path="art2").lineage  # art3 of the newer one
    added = new.version.provisions.get(path="art2").lineage
    url = f"/r/{old.regulation.code}/{kept.code}"

    then, today, absent, bad = (
        client.get(address)
        for address in (
            f"{url}?on=2021-05-01",
            url,
            f"/r/{old.regulation.code}/{added.code}?on=2021-05-01",
            f"{url}?on=kein",
        )
    )

    assert [page.context["label"] for page in (then, today, absent, bad)] == ["第二条", "第三条", "第二条", "第三条"]
    html = then.content.decode()
    assert ("截至 2021年5月1日" in html, f'href="{url}"' in html, 'value="2021-05-01"' in html) == (True, True, True)
    assert then.context["previous"]["url"].endswith("?on=2021-05-01")
    assert "2021年5月1日 的文本中没有这一条" in absent.content.decode()
    assert "日期没有看懂" in bad.content.decode()


def test_work_page_on_a_date_shows_the_text_of_that_day(client: Client) -> None:
    old = _import(*FIRST, day="2020-01-01")
    _import(*SECOND, day="2024-06-01")
    url = f"/r/{old.regulation.code}"

    found = {
        on: client.get(url, {"on": on}).context["version"].key
        for on in ("", "2021-05-01", "2025-01-01", "kein", "1999-01-01")
    }

    assert found == {
        "": "2024-06-01", "2021-05-01": "2020-01-01", "2025-01-01": "2024-06-01", "kein": "2024-06-01", "1999-01-01": "2020-01-01",
    }  # fmt: skip
    assert client.get(url, {"on": "kein"}).context["date_is_bad"]
    assert client.get(url, {"on": "1999-01-01"}).context["before_all"]


def test_old_version_opens_with_a_warning_and_the_way_to_the_current_text(client: Client) -> None:
    old = _import(*FIRST, day="2020-01-01")
    _import(*SECOND, day="2024-06-01")

    response = client.get(f"/r/{old.regulation.code}@2020-01-01")

    html = response.content.decode()
    assert (response.context["status"].label, response.context["badge_state"]) == ("已修改", "warning")
    assert f'<a href="/r/{old.regulation.code}">查看现行文本（2024-06-01 版）</a>' in html


def test_article_permalink_follows_the_article_to_its_new_number(client: Client) -> None:
    old = _import(*FIRST, day="2020-01-01")
    _import(*SECOND, day="2024-06-01")
    lineage = old.version.provisions.get(path="art2").lineage

    response = client.get(f"/r/{old.regulation.code}/{lineage.code}")

    assert (response.status_code, response.context["label"]) == (200, "第三条")
    assert [(row["label"], row["item"].changed) for row in response.context["history"]] == [
        ("第三条", "same"), ("第二条", "first"),
    ]  # fmt: skip


def test_article_that_is_gone_shows_its_last_text_and_says_so(client: Client) -> None:
    old = _import(*FIRST, day="2020-01-01")
    _import(*SECOND, day="2024-06-01")
    lineage = old.version.provisions.get(path="art3").lineage

    response = client.get(f"/r/{old.regulation.code}/{lineage.code}")

    assert (response.context["version"].key, response.context["is_gone"]) == ("2020-01-01", True)
    assert "现行文本中已没有这一条" in response.content.decode()


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("art3", 200),
        ("art3/p2/i2", 200),
        ("art3/p9", 404),
        ("art99", 404),
        ("ch2", 302),
        ("art3/x", 404),
        ("a\0b", 404),
    ],
)
def test_place_in_a_version(client: Client, place: str, status: int) -> None:
    work = _import(*FIRST).regulation

    response = client.get(f"/r/{work.code}@2020-01-01/{place}")

    assert response.status_code == status
    if place == "ch2":
        assert response["Location"] == f"/r/{work.code}@2020-01-01#ch2"
    if place == "art3/p2/i2":
        assert '<p class="law-item law-marked" id="t.p2.i2">（二）现场交底。</p>' in response.content.decode()


def _all_addresses(result: ImportResult) -> list[str]:
    work, version = result.regulation, result.version
    lineage = version.provisions.get(path="art1").lineage
    return [
        f"/r/{work.code}", f"/r/{work.code}@{version.key}", f"/r/{work.code}@{version.key}/art1", f"/r/{work.code}/{lineage.code}",
    ]  # fmt: skip


def test_internal_rule_is_absent_for_others_and_open_to_the_own_members(client: Client) -> None:
    committee = make_committee()
    own, other = make_branch(committee), make_branch(committee)
    rule = _import(*FIRST, placement=Placement(owner=own, audience=organisation_audience(own)))
    addresses = _all_addresses(rule)
    absent = client.get("/r/zzzzzzzz")

    for person, expected in ((None, 404), (make_member(other).user, 404), (make_member(own).user, 200)):
        client.logout()
        if person:
            client.force_login(person, backend="portal.accounts.backends.LoginHandleBackend")
        answers = [client.get(address) for address in addresses]
        assert [answer.status_code for answer in answers] == [expected] * 4
        listed = [row.work.pk for row in client.get("/r/").context["rows"]]
        assert listed == ([rule.regulation.pk] if expected == 200 else [])
        if person is None:
            assert answers[0].content == absent.content


def test_draft_and_withdrawn_versions_are_absent(client: Client) -> None:
    draft = _import(*FIRST, publish=False)
    gone = _import(*FIRST, title="误发规定")
    withdraw(gone.version, reason="误发布")

    answers = [client.get(address).status_code for result in (draft, gone) for address in _all_addresses(result)]

    assert answers == [404] * 8
    assert client.get("/r/").context["rows"] == []


def test_list_narrows_by_level_status_year_and_words(client: Client) -> None:
    one = _import(*FIRST, title="检修规定", placement=Placement(level="internal")).regulation
    two = _import(*FIRST, title="值班条例", day="2021-01-01", placement=Placement(level="administrative")).regulation
    three = _import(*FIRST, title="未来办法", entered=EnteredDates(effective=dt.date(2090, 1, 1))).regulation
    set_repeal(two, on=dt.date(2022, 1, 1), note="不再执行", actor=None)

    def seen(**query: str) -> set[int]:
        return {row.work.pk for row in client.get("/r/", query).context["rows"]}

    assert seen() == {one.pk, two.pk, three.pk}
    assert seen(level="internal") == {one.pk}
    assert seen(status="repealed") == {two.pk}
    assert seen(status="in_force") == {one.pk}
    assert seen(status="not_yet") == {three.pk}
    assert seen(year="2021") == {two.pk}
    assert seen(q="值班") == {two.pk}
    assert seen(level="nonsense", status="x", year="x", page="x") == {one.pk, two.pk, three.pk}
    facets = {
        title: [(c.label, c.count) for c in choices]
        for title, choices in client.get("/r/", {"page": "1"}).context["groups"]
    }
    assert facets == {
        "效力级别": [("行政法规", 1), ("内部制度", 1), ("其他", 1)],
        "时效": [("有效", 1), ("尚未生效", 1), ("已废止", 1)],
        "年份": [("2090", 1), ("2021", 1), ("2020", 1)],
    }


def test_list_and_pages_cost_the_same_queries_for_one_and_three(client: Client) -> None:
    first = _import(*FIRST, title="规定1")
    one = [_queries(client, "/r/"), *(_queries(client, address) for address in _all_addresses(first))]

    for number in (2, 3):
        _import(*FIRST, title=f"规定{number}")
    for day in ("2021-01-01", "2022-01-01"):
        _import(*SECOND, title="规定1", day=day)
    three = [_queries(client, "/r/"), *(_queries(client, address) for address in _all_addresses(first))]

    assert three == one
    assert one == [2, 9, 9, 8, 7]  # an article page may ask ten times


def test_address_with_slash_leads_to_the_one_without(client: Client) -> None:
    work = _import(*FIRST).regulation

    response = client.get(f"/r/{work.code}/")

    assert (response.status_code, response["Location"]) == (301, f"/r/{work.code}")


def test_title_and_text_are_escaped(client: Client) -> None:
    work = _import("第一条 <script>alert(1)</script>", title="规定<b>粗</b>").regulation

    html = client.get(f"/r/{work.code}").content.decode()

    assert "<script>alert" not in html
    assert "<b>粗</b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_only_published_versions_count_for_the_list(client: Client) -> None:
    work = _import(*FIRST).regulation
    RegulationVersion.objects.create(regulation=work, key="2030-01-01", starts_on=dt.date(2030, 1, 1))

    [row] = client.get("/r/").context["rows"]

    assert (row.work.version_count, row.work.latest_on) == (1, dt.date(2020, 1, 1))
    assert Regulation.objects.count() == 1
