from __future__ import annotations

import datetime as dt

import pytest

from portal.finding.domain import saving
from portal.finding.domain.alerting import tell_of_changes
from portal.finding.models import AskedQuery, Click, RecentSearch, SavedSearch
from portal.ground import personal, suppliers
from portal.ground.clock import today
from portal.ground.content import CONTENT_CHANGED
from portal.ground.jobs import enqueue, run_due_jobs
from portal.ground.models import OutboxEntry
from portal.ground.suppliers import Viewer
from portal.notices.models import Notice
from tests.factories import make_user
from tests.search.shelf import make

PUBLIC = frozenset({"public"})


def _titles(user) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("title", flat=True))


@pytest.fixture
def viewers(monkeypatch):
    """Tokens by the name of a person; asked anew each time."""
    tokens = {}
    monkeypatch.setattr(
        suppliers, "_viewer_of", lambda user: Viewer(frozenset({"public", *tokens.get(user.username, ())}), 0)
    )
    return tokens


@pytest.mark.django_db(transaction=True)
def test_alert_comes_once_for_what_is_new_and_only_to_those_who_may_see_it_then(shelf, viewers):
    member, other = make_user("member"), make_user("other")
    viewers["member"] = {"ou:7"}
    shelf.put(make("old", "党费收缴旧通知", "党费"))
    for user in (member, other):
        saving.save_search(user, {"q": ["党费收缴"]})

    shelf.put(make("old", "党费收缴旧通知", "党费，改了一个字"))
    shelf.put(make("new", "党费收缴新通知", "党费", published=today()))
    shelf.put(make("unit", "党费收缴台账", "内部", published=today(), tokens=frozenset({"ou:7"})))
    shelf.put(make("far", "党费", "收支", published=today()))
    shelf.put(make("new", "党费收缴新通知", "党费，又改", published=today()))
    run_due_jobs()

    assert _titles(member) == ["“党费收缴”有 1 条新内容", "“党费收缴”有 1 条新内容"]
    assert _titles(other) == ["“党费收缴”有 1 条新内容"]
    texts = Notice.objects.order_by("pk").values_list("message__text", flat=True)
    assert "台账" not in "".join(texts)
    assert "《党费收缴新通知》" in "".join(texts)


@pytest.mark.django_db(transaction=True)
def test_alert_that_was_switched_off_or_lost_its_right_is_silent(shelf, viewers):
    off, gone, left = (make_user(name) for name in ("off", "gone", "left"))
    viewers["gone"] = {"ou:7"}
    for user in (off, gone, left):
        saving.save_search(user, {"q": ["党费"]})
    saving.change_saved(off, SavedSearch.objects.get(user=off).uid, alerts=False)
    viewers["gone"] = set()
    left.is_active = False
    left.save()

    shelf.put(make("unit", "党费台账", "内部", published=today(), tokens=frozenset({"ou:7"})))
    shelf.put(make("open", "党费", "公开", published=today()))
    run_due_jobs()

    assert (_titles(off), _titles(gone), _titles(left)) == ([], ["“党费”有 1 条新内容"], [])


@pytest.mark.django_db(transaction=True)
def test_alert_finds_imported_documents_with_old_dates_facets_and_rules_to_come(shelf, viewers):
    user = make_user("p")
    shelf.put(make("known", "党费通知", "党费", published=dt.date(2020, 1, 1)))
    saving.save_search(user, {"q": ["党费"], "type": ["news"], "f.column": ["要闻"]})

    shelf.put(make("a", "党费通知", "旧日期的新材料", published=dt.date(2020, 1, 1), facets={"column": "要闻"}))
    shelf.put(make("b", "党费通知", "别的栏目", published=today(), facets={"column": "通知"}))
    shelf.put(make("c", "党费通知", "别的种类", published=today(), type="course", facets={"column": "要闻"}))
    shelf.put(make("d", "党费规定", "以后施行", published=today(), valid_from=20990101, facets={"column": "要闻"}))
    run_due_jobs()

    assert len(_titles(user)) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("told_first", [False, True])
def test_alert_tells_once_of_an_older_draft_that_is_published_now(shelf, viewers, told_first):
    user = make_user("p")
    old = {"published": dt.date(2020, 1, 1)}
    shelf.put(make("seen", "党费通知", "早就公开", **old))
    shelf.remove("draft")  # a page that is no more than a draft: read by search, and without rows
    shelf.remove("draft")
    saving.save_search(user, {"q": ["党费"]})

    shelf.put(make("draft", "党费通知", "早写的，现在发布", **old), index=not told_first)
    if told_first:  # alerts and the index each take an event when they come to it
        tell_of_changes(list(OutboxEntry.objects.filter(name=CONTENT_CHANGED)))
        run_due_jobs()
    shelf.put(make("draft", "党费通知", "改了一个字", **old))
    shelf.put(make("seen", "党费通知", "也改了", **old))
    run_due_jobs()

    assert _titles(user) == ["“党费”有 1 条新内容"]


@pytest.mark.django_db
def test_what_was_asked_and_opened_goes_after_the_days_that_are_set():
    before = today() - dt.timedelta(days=91)
    AskedQuery.objects.create(key="old", text="旧", empty=9, last_on=before)
    AskedQuery.objects.create(key="new", text="新", empty=9, last_on=before + dt.timedelta(days=1))
    Click.objects.create(key="old", text="旧", row="a", group="a", times=9, last_on=before)
    Click.objects.create(key="new", text="新", row="a", group="a", times=9, last_on=before + dt.timedelta(days=1))

    enqueue("finding.remove_old")
    run_due_jobs()

    assert [row.key for row in AskedQuery.objects.all()] == ["new"]
    assert [row.key for row in Click.objects.all()] == ["new"]


@pytest.mark.django_db
def test_saved_search_is_kept_once_and_up_to_a_number(monkeypatch):
    user = make_user()
    first = saving.save_search(user, {"q": ["党费"], "page": ["3"]})
    again = saving.save_search(user, {"q": ["党费"]}, name=" 我的  党费 ")

    assert (first.pk, again.name, first.name) == (again.pk, "我的 党费", "党费")
    with pytest.raises(saving.NothingAsked):
        saving.save_search(user, {"q": ["  "]})
    monkeypatch.setattr(saving, "MOST_SAVED", 1)
    with pytest.raises(saving.TooMany):
        saving.save_search(user, {"q": ["别的"]})


@pytest.mark.django_db
def test_recent_searches_are_few_own_and_can_be_switched_off(monkeypatch):
    monkeypatch.setattr(saving, "MOST_RECENT", 3)
    user, other = make_user(), make_user()
    for query in ("一", "二", "三", "二", "四", "  "):
        saving.note_recent(user, query)

    assert saving.recent_searches(user) == ["四", "二", "三"]
    assert saving.recent_searches(other) == []
    saving.set_keeps_recent(user, False)
    saving.note_recent(user, "五")
    assert (saving.recent_searches(user), RecentSearch.objects.count()) == ([], 0)
    saving.set_keeps_recent(user, True)
    saving.note_recent(user, "六")
    assert saving.recent_searches(user) == ["六"]


@pytest.mark.django_db
def test_what_is_kept_is_shown_to_the_person_and_erased():
    user = make_user()
    saving.save_search(user, {"q": ["党费"]})
    saving.note_recent(user, "党日")
    person = personal.Person(user_uid=user.uid, user_id=user.pk)
    [holder] = [one for one in personal.holders() if one.name == "finding"]

    checked = [personal.checked_table("finding", table) for table in holder.export(person)]
    tables = {table.name: [dict(row) for row in table.rows] for table in checked}

    assert tables["saved"][0]["query"] == "党费"
    assert tables["recent"][0]["query"] == "党日"
    assert holder.erase(person).rows == 2
    assert (SavedSearch.objects.count(), RecentSearch.objects.count()) == (0, 0)
