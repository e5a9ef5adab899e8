"""What people see and do around the results page."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.finding.domain import saving, using
from portal.finding.domain.policy import Settings, change_policy
from portal.finding.models import Click, Pin, RecentSearch, SavedSearch, Synonym
from portal.ground import suppliers
from portal.ground.models import OutboxEntry
from portal.ground.suppliers import Viewer
from portal.shared.sheets import open_table
from search.service import search
from tests.factories import make_branch, make_committee, make_staff, make_user
from tests.search.shelf import VISITOR, make, uids

pytestmark = pytest.mark.django_db
BACKEND = "portal.accounts.backends.LoginHandleBackend"


@pytest.fixture
def person(client):
    user = make_user()
    client.force_login(user, backend=BACKEND)
    return user


def _token(html: str) -> str:
    return re.search(r'data-clicks="([^"]+)"', html)[1]


def test_saved_search_from_the_page_is_listed_renamed_and_removed(client, shelf, person):
    shelf.put(make("a", "党费", "党费"))
    added = client.post("/search/saved/add/", {"q": "党费", "type": "news", "sort": "date"})
    row = SavedSearch.objects.get()

    assert added.url == "/search/?q=%E5%85%9A%E8%B4%B9&type=news&sort=date"
    assert "党费" in client.get("/search/saved/").content.decode()
    assert client.get(f"/search/saved/{row.uid}/").url == added.url
    client.post(f"/search/saved/{row.uid}/change/", {"act": "rename", "name": " 我的党费 "})
    client.post(f"/search/saved/{row.uid}/change/", {"act": "off"})
    row.refresh_from_db()
    assert (row.name, row.alerts) == ("我的党费", False)
    stranger = Client()
    stranger.force_login(make_user(), backend=BACKEND)
    assert stranger.get(f"/search/saved/{row.uid}/").status_code == 404
    assert stranger.post(f"/search/saved/{row.uid}/change/", {"act": "remove"}).status_code == 404
    client.post(f"/search/saved/{row.uid}/change/", {"act": "remove"})
    assert not SavedSearch.objects.exists()
    assert client.post("/search/saved/add/", {"q": " "}).status_code == 302


def test_recent_searches_stand_on_the_empty_page_until_they_are_cleared(client, shelf, person):
    shelf.put(make("a", "党费", "党费"))
    client.get("/search/", {"q": "党费"})
    client.get("/search/", {"q": "党费", "page": "2"})

    assert ">党费</a>" in client.get("/search/").content.decode()
    assert "最近的搜索" not in Client().get("/search/").content.decode()
    client.post("/search/recent/", {"act": "off"})
    client.get("/search/", {"q": "党日"})
    assert RecentSearch.objects.count() == 0
    assert "您选择了不保留" in client.get("/search/").content.decode()


def test_recent_searches_the_oldest_gives_its_place_and_an_older_one_comes_first_again(person, monkeypatch):
    monkeypatch.setattr(saving, "MOST_RECENT", 3)
    for query in ("党费", "党课", "党日", "党课", "党小组"):
        saving.note_recent(person, query)
    before = RecentSearch.objects.get(query="党小组").asked_at
    saving.note_recent(person, " 党小组 ")

    assert saving.recent_searches(person) == ["党小组", "党课", "党日"]
    assert RecentSearch.objects.get(query="党小组").asked_at == before


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_export_holds_what_the_person_may_see_and_no_formula(client, shelf, person, monkeypatch, file_format):
    monkeypatch.setattr(suppliers, "_viewer_of", lambda user: Viewer(frozenset({"public", "member"}), 0))
    shelf.put(
        make("a", "=HYPERLINK(1)党费", "党费"),
        make("unit", "党费台账", "党费", tokens=frozenset({"ou:7"})),
        *(make(f"d{n:03}", f"党费通知{n}", "党费") for n in range(60)),
    )

    answer = client.post("/search/export/", {"q": "党费", "format": file_format})

    content = answer.content
    if file_format == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        rows = [cells for _, cells in open_table(content).rows()]
    titles = [row[1] for row in rows[1:]]
    assert len(titles) == len(set(titles)) == 61
    assert "'=HYPERLINK(1)党费" in titles
    assert "党费台账" not in titles
    assert rows[1][-1].startswith("http://testserver/a/")
    line = OutboxEntry.objects.get(name="audit.line", payload__action="search.exported").payload
    assert line["detail"] == {"rows": 61, "format": file_format}
    assert "no-store" in answer["Cache-Control"]
    assert client.post("/search/export/", {"q": "党费", "format": "exe"}).status_code == 302
    assert client.post("/search/export/", {"q": "羽毛球", "format": "csv"}).status_code == 302
    assert Client().post("/search/export/", {"q": "党费", "format": "csv"}).status_code == 302


def test_clicks_are_counted_once_a_page_without_who_and_lift_what_was_opened(client, shelf, person):
    shelf.put(make("a", "党费收缴", "党费收缴标准"), make("b", "党费收缴", "党费收缴标准"))
    first, second = uids(search("党费收缴", VISITOR))
    for _visit in range(3):
        shown = _token(client.get("/search/", {"q": "党费收缴"}).content.decode())
        for _again in range(3):
            assert client.post("/search/clicked/", {"shown": shown, "hit": "1"}).status_code == 204

    using.forget()
    [row] = Click.objects.all()
    assert (row.row, row.times) == (f"thing:{second}", 3)
    assert {field.name for field in Click._meta.fields} == {"id", "key", "text", "row", "group", "times", "last_on"}
    assert uids(search("党费 收缴", VISITOR)) == [second, first]
    change_policy(Settings(False, True, 3, 90, ""), actor=person)
    assert uids(search("党费收缴", VISITOR)) == [first, second]


@pytest.mark.parametrize(
    "values", [{}, {"shown": "x", "hit": "1"}, {"hit": "-1"}, {"hit": "99"}, {"hit": "党"}, {"shown": "好" * 30000}]
)
def test_clicks_that_were_made_up_count_nothing(client, shelf, values):
    shelf.put(make("a", "党费", "党费"))
    shown = _token(client.get("/search/", {"q": "党费"}).content.decode())

    assert client.post("/search/clicked/", {"shown": shown, **values} if "hit" in values else values).status_code == 204
    assert Click.objects.count() == 0


def test_page_without_results_helps_on(client, shelf):
    shelf.put(make("a", "党费", "党费收缴"), make("old", "旧办法", "公务用车", valid_to=20191231))

    phrase = client.get("/search/", {"q": "“党费 羽毛球”"}).content.decode()
    past = client.get("/search/", {"q": "公务用车"}).content.decode()

    assert "换成下面的说法可以找到" in phrase
    assert "找“党费”：1 条" in phrase
    assert "在“已失效”的内容里有 1 条" in past
    assert "f.status=held&amp;f.status=past" in past
    assert "可以向所在支部的书记或本站编辑询问。" in phrase


def test_results_page_costs_the_same_queries_for_one_and_three_hits_signed_in(client, shelf, person):
    counts = []
    for total in (1, 3):
        shelf.put(*(make(f"d{number}", "党费怎么交", "党费") for number in range(total)))
        client.get("/search/", {"q": "党费怎么交"})
        with CaptureQueriesContext(connection) as queries:
            client.get("/search/", {"q": "党费怎么交"})
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 15


def test_words_and_pins_are_kept_in_the_administration_by_those_who_may_site_wide(client, shelf):
    committee = make_committee()
    keeper, of_branch = make_staff("admin", committee), make_staff("admin", make_branch(committee))
    shelf.put(make("a", "党费", "党费"))
    client.force_login(of_branch, backend=BACKEND)
    assert client.get("/admin/synonyms/").status_code in (302, 403)
    assert client.get("/admin/search-explain/").status_code == 403
    client.force_login(keeper, backend=BACKEND)

    bad = client.post("/admin/synonyms/new/", {"kind": "same", "word": "党", "others": "党费", "is_on": "on"})
    made = client.post("/admin/synonyms/new/", {"kind": "same", "word": "会费", "others": "党费", "is_on": "on"})
    explained = client.get("/admin/search-explain/", {"q": "会费"}).content.decode()
    wrong = client.post("/admin/pins/new/", {"query": "交钱", "group": "thing:zzz", "place": "1"})
    pinned = client.post("/admin/pins/new/", {"query": "交钱", "group": "thing:a", "place": "1"})
    listed = client.get("/admin/pins/").content.decode()
    settings = client.post(
        "/admin/search-settings/", {"learns": "on", "minimum": "0", "keep_days": "90", "where_to_ask": ""}
    )

    assert "应有 2 到 40 个字" in bad.content.decode()
    assert (made.status_code, Synonym.objects.get().others) == (302, "党费")
    assert "近义词：会费 → 党费" in explained
    assert "?query=%E4%BC%9A%E8%B4%B9&amp;group=thing%3Aa" in explained
    assert "没有找到这份内容" in wrong.content.decode()
    assert (pinned.status_code, Pin.objects.get().key) == (302, "交钱")
    assert "党费" in listed
    assert settings.status_code == 200
    client.post(f"/admin/synonyms/delete/{Synonym.objects.get().pk}/")
    assert not Synonym.objects.exists()
