"""What readers keep: subscriptions that tell them, notes that stay theirs, questions to the owner of a rule."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.ground.jobs import run_due_jobs
from portal.ground.personal import Person
from portal.notices.domain.tasks import tasks_of
from portal.notices.models import Notice
from portal.organisations.domain.audiences import organisation_audience, public_audience
from portal.organisations.models import Organisation
from portal.regulations.domain import asking, following, keeping, personal
from portal.regulations.domain.citations.linking import read_unread
from portal.regulations.domain.importing import ImportResult, Placement, import_regulation
from portal.regulations.domain.since import changes_for, last_look, looked
from portal.regulations.domain.standing import set_repeal
from portal.regulations.models import Citation, Lineage, Question, RegulationVersion, Subscription
from tests.factories import make_branch, make_committee, make_member, make_staff
from tests.portal.regulations.makers import LONG, law_text

BACKEND = "portal.accounts.backends.LoginHandleBackend"
CHANGED = LONG[1].replace("不得", "一律不得")


def _law(day: str, *articles: str, title: str = "检修条例", **more: object) -> ImportResult:
    text = law_text(*articles, title=title, events=(f"{day[:4]}年1月1日 发布",))
    return import_regulation(text, file_name=f"{title}({day}).md", **more)


def _article(result: ImportResult, path: str) -> Lineage:
    return result.version.provisions.get(path=path).lineage


def _told(user: object) -> list[str]:
    run_due_jobs()
    return list(Notice.objects.filter(user=user, kind="regulations.followed").order_by("pk").values_list("title", flat=True))  # fmt: skip


@pytest.fixture
def branch(db: None) -> Organisation:
    return make_branch(make_committee())


@pytest.mark.django_db(transaction=True)
def test_followers_are_told_once_of_what_they_follow_and_of_nothing_else() -> None:
    branch = make_branch(make_committee())
    people = [make_member(branch).user for _ in range(5)]
    whole, changed, unchanged, topic, elsewhere = people
    first = _law("2020-01-01", *LONG)
    run_due_jobs()
    following.follow(whole, first.regulation)
    following.follow(changed, first.regulation, _article(first, "art2"))
    following.follow(unchanged, first.regulation, _article(first, "art3"))
    following.follow_topic(topic, "", "检修")
    following.follow_topic(elsewhere, "", "党费")

    second = _law("2024-01-01", LONG[0], CHANGED, LONG[2])
    run_due_jobs()
    following.tell_of_version(second.version)  # told again, heard once

    assert _told(whole) == ["您订阅的《检修条例》有了 2024-01-01 版"]
    assert _told(changed) == ["您订阅的《检修条例》第二条在 2024-01-01 版中有变更"]
    assert _told(unchanged) == []
    assert _told(topic) == ["您订阅的主题有新的文本：《检修条例》2024-01-01 版"]
    assert _told(elsewhere) == []
    set_repeal(second.regulation, on=dt.date(2025, 1, 1), note="不再执行", actor=None)
    assert [len(_told(person)) for person in people] == [2, 2, 1, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_followers_are_told_of_a_new_citation_that_they_may_see() -> None:
    branch = make_branch(make_committee())
    inside, outside = make_member(branch).user, make_member(make_branch(make_committee("外部党委"))).user
    law = _law("2020-01-01", *LONG)
    run_due_jobs()
    for person in (inside, outside):
        following.follow(person, law.regulation, _article(law, "art2"))
    rule = "第一条 根据《检修条例》第二条，制定本办法。"

    _law("2024-01-01", rule, LONG[2], title="班组办法", placement=Placement(owner=branch, audience=organisation_audience(branch)))  # fmt: skip
    run_due_jobs()
    _law("2025-01-01", rule, CHANGED, title="班组办法", placement=Placement(owner=branch))

    assert _told(inside) == ["您订阅的《检修条例》第二条被《班组办法》引用"]
    assert _told(outside) == []


def test_followers_are_not_told_of_what_a_better_reader_finds_in_texts_read_before(branch: Organisation) -> None:
    person = make_member(branch).user
    law = _law("2020-01-01", *LONG)
    following.follow(person, law.regulation, _article(law, "art2"))
    citing = _law("2024-01-01", "第一条 根据《检修条例》第二条，制定本办法。", title="班组办法")
    assert len(_told(person)) == 1
    for found in (Citation.objects.filter(version=citing.version), Notice.objects.filter(user=person)):
        found.delete()  # as if an earlier reader had not seen the reference
    RegulationVersion.objects.update(read_with=0)

    read_unread()

    assert Citation.objects.filter(version=citing.version, target=law.regulation).count() == 1
    assert _told(person) == []


def test_subscription_is_made_once_and_ended_by_its_owner_alone(branch: Organisation, client: Client) -> None:
    person, other = make_member(branch).user, make_member(branch).user
    work = _law("2020-01-01", *LONG).regulation
    client.force_login(person, backend=BACKEND)

    for _time in range(2):
        assert client.post("/r/mine/follow", {"work": work.code}).status_code == 302
    [kept] = Subscription.objects.all()
    client.force_login(other, backend=BACKEND)
    assert client.post(f"/r/mine/unfollow/{kept.uid}").status_code == 404
    client.force_login(person, backend=BACKEND)
    assert client.post(f"/r/mine/unfollow/{kept.uid}").status_code == 302

    assert Subscription.objects.count() == 0
    assert client.post("/r/mine/follow", {"words": "", "level": "x"}).status_code == 302
    assert Subscription.objects.count() == 0


def test_notes_follow_the_article_and_are_read_by_the_own_branch_alone(branch: Organisation, client: Client) -> None:
    author, colleague = make_member(branch).user, make_member(branch).user
    stranger = make_member(make_branch(branch.get_parent(), name="另一党支部")).user
    old = _law("2020-01-01", *LONG)
    lineage = _article(old, "art2")
    keeping.write_note(author, old.regulation, lineage, "只给自己看")
    keeping.write_note(author, old.regulation, lineage, "给支部看", shared=True)
    keeping.bookmark(author, old.regulation, lineage, wanted=True)

    _law("2024-01-01", LONG[0], "第二条 新增加的一条，讲的是完全不同的事情。", LONG[1].replace("第二条", "第三条"))

    def read(person: object) -> tuple[bool, bool]:
        client.force_login(person, backend=BACKEND)
        html = client.get(f"/r/{old.regulation.code}/{lineage.code}").content.decode()
        return "只给自己看" in html, "给支部看" in html

    assert (read(author), read(colleague), read(stranger)) == ((True, True), (False, True), (False, False))
    client.logout()
    assert "给支部看" not in client.get(f"/r/{old.regulation.code}/{lineage.code}").content.decode()
    assert [place.label for place in keeping.bookmarks_of(author)] == ["第三条"]


def test_note_of_another_is_neither_changed_nor_deleted_and_a_refused_one_is_not_lost(
    branch: Organisation, client: Client
) -> None:
    author, other = make_member(branch).user, make_member(branch).user
    work = _law("2020-01-01", *LONG).regulation
    note = keeping.write_note(author, work, None, "原文", shared=True)
    client.force_login(other, backend=BACKEND)

    assert client.post(f"/r/mine/note/{note.uid}", {"remove": "1"}).status_code == 404
    answer = client.post("/r/mine/note", {"work": work.code, "text": "长" * 4001})

    assert answer.status_code == 422
    assert "长" * 4001 in answer.content.decode()
    note.refresh_from_db()
    assert note.text == "原文"


def test_work_that_may_not_be_seen_takes_nothing_and_shows_nothing(branch: Organisation, client: Client) -> None:
    insider = make_member(branch).user
    stranger = make_member(make_branch(make_committee("外部党委"))).user
    work = _law("2020-01-01", *LONG, placement=Placement(owner=branch, audience=organisation_audience(branch))).regulation  # fmt: skip
    question = asking.ask(insider, work, None, "这条怎么执行？")
    keeping.write_note(stranger, work, None, "从前记下的话")  # kept while it could be seen
    client.force_login(stranger, backend=BACKEND)

    for address in ("follow", "bookmark", "note", "question"):
        assert client.post(f"/r/mine/{address}", {"work": work.code, "text": "有内容的文字"}).status_code == 404
    assert client.get(f"/r/questions/{question.uid}").status_code == 404
    html = client.get("/r/mine").content.decode()
    assert "从前记下的话" in html
    assert work.title not in html


def test_question_becomes_a_task_of_the_owner_and_its_answer_is_shown_without_a_name(
    branch: Organisation, client: Client
) -> None:
    asker = make_member(branch).user
    keeper = make_staff("secretary", branch)
    placement = Placement(owner=branch, audience=public_audience())
    work = _law("2020-01-01", *LONG, placement=placement)
    lineage = _article(work, "art2")
    url = f"/r/{work.regulation.code}/{lineage.code}"
    client.force_login(asker, backend=BACKEND)
    data = {"work": work.regulation.code, "article": lineage.code, "text": "夜间抢修也要工作票吗？"}

    for _time in range(2):  # sent twice, asked once
        client.post("/r/mine/question", data)

    [question] = Question.objects.all()
    [task] = tasks_of(keeper)
    assert task.url == f"/r/questions/{question.uid}"
    client.logout()
    assert "夜间抢修" not in client.get(url).content.decode()
    client.force_login(asker, backend=BACKEND)
    client.post(task.url, {"answer": "自问自答"})
    assert Question.objects.get().answer == ""
    client.force_login(keeper, backend=BACKEND)
    assert client.post(task.url, {"answer": "也要，可以事后补办。"}).status_code == 302
    assert list(tasks_of(keeper)) == []
    client.logout()
    html = client.get(url).content.decode()
    assert "也要，可以事后补办。" in html
    assert asker.display_name not in html


def test_changes_since_the_last_look_are_those_of_what_is_kept(branch: Organisation) -> None:
    person = make_member(branch).user
    first = _law("2020-01-01", *LONG)
    other = _law("2020-01-01", *LONG, title="另一条例")
    assert last_look(person) is None
    keeping.bookmark(person, first.regulation, _article(first, "art2"), wanted=True)
    keeping.bookmark(person, first.regulation, _article(first, "art3"), wanted=True)
    looked(person)

    _law("2024-01-01", LONG[0], CHANGED, LONG[2])
    _law("2024-01-01", LONG[0], CHANGED, LONG[2], title=other.regulation.title)

    titles = [change.title for change in changes_for(person, last_look(person))]
    assert titles == ["《检修条例》第二条在 2024-01-01 版中有变更"]
    looked(person)
    assert changes_for(person, last_look(person)) == []


def test_erasing_a_person_leaves_answers_without_the_name(branch: Organisation) -> None:
    person = make_member(branch).user
    keeper = make_staff("secretary", branch)
    work = _law("2020-01-01", *LONG, placement=Placement(owner=branch)).regulation
    keeping.write_note(person, work, None, "我的话", shared=True)
    keeping.bookmark(person, work, None, wanted=True)
    following.follow(person, work)
    open_one = asking.ask(person, work, None, "没人答的问题")
    answered = asking.answer(asking.ask(person, work, None, "有人答的问题"), "这样办。", actor=keeper)
    me = Person(user_uid=person.uid, user_id=person.pk)
    held = {table.name: len(list(table.rows)) for table in personal.export(me)}

    erased = personal.erase(me)

    assert held == {"bookmarks": 1, "notes": 1, "questions": 2, "subscriptions": 1, "answers": 0}
    assert {table.name: len(list(table.rows)) for table in personal.export(me)} == dict.fromkeys(held, 0)
    assert not Question.objects.filter(pk=open_one.pk).exists()
    answered.refresh_from_db()
    assert (answered.user_id, answered.answer, bool(erased.kept)) == (None, "这样办。", True)
    assert list(tasks_of(keeper)) == []


def test_own_page_costs_the_same_queries_for_one_and_three(branch: Organisation, client: Client) -> None:
    person = make_member(branch).user
    client.force_login(person, backend=BACKEND)

    def keep(number: int) -> None:
        law = _law("2020-01-01", *LONG, title=f"规定{number}")
        lineage = _article(law, "art2")
        keeping.write_note(person, law.regulation, lineage, "话")
        keeping.bookmark(person, law.regulation, lineage, wanted=True)
        following.follow(person, law.regulation, lineage)
        asking.ask(person, law.regulation, lineage, "怎么办才好？")

    def queries() -> int:
        client.get("/r/mine")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/r/mine").status_code == 200
        return len(captured.captured_queries)

    keep(1)
    one = queries()
    keep(2)
    keep(3)
    assert queries() == one
