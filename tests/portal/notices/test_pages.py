"""The pages of notices and to-dos."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse

from portal.ground.clock import today
from portal.ground.jobs import run_due_jobs
from portal.notices.domain import Holders, close_task, notify, open_task
from portal.notices.models import Message, Notice, Preferences, Task
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user
from tests.factories.counting import queries_of

pytestmark = pytest.mark.django_db
GENERAL = "notices.general"
REVIEW = "pages.review"


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def tell(user, number=1, kind=GENERAL, url="/school/"):
    for index in range(number):
        notify(f"{kind}:{uuid.uuid4()}", user, kind, f"通知{index}", url)
    for _ in range(4):
        run_due_jobs()


def titles(response) -> list[str]:
    return re.findall(r'list-row-title"><a href="[^"]+">([^<]+)</a>', response.content.decode())


@pytest.mark.parametrize("name", ["list", "settings", "tasks", "sent", "send"])
def test_pages_need_signing_in(client, name):
    address = reverse(f"notices:{name}")

    assert client.get(address).url == f"/account/login/?next={address}"


def test_list_shows_own_notices_and_the_masthead_counts_the_unread(client):
    user = make_user()
    tell(user, 2)
    tell(make_user())
    client.force_login(user)

    answer = client.get("/notices/")

    assert titles(answer) == ["通知1", "通知0"]
    assert "通知 2 条未读" in text_of(answer)


def test_opening_a_notice_is_the_receipt_and_leads_on(client):
    user = make_user()
    tell(user)
    notice = Notice.objects.get()
    client.force_login(user)

    answer = client.get(f"/notices/{notice.uid}/")
    first = Notice.objects.get().read_at
    client.get(f"/notices/{notice.uid}/")

    assert (answer.url, first is not None) == ("/school/", True)
    assert Notice.objects.get().read_at == first
    assert "条未读" not in text_of(client.get("/notices/"))


def test_notice_of_another_person_answers_as_an_absent_one(client):
    tell(make_user())
    client.force_login(make_user())

    seen, absent = client.get(f"/notices/{Notice.objects.get().uid}/"), client.get(f"/notices/{uuid.uuid4()}/")

    assert (seen.status_code, absent.status_code) == (404, 404)
    assert Notice.objects.get().read_at is None


def test_filters_and_marking_all_read(client):
    user = make_user()
    tell(user, 2)
    tell(user, kind="notices.task")
    Notice.objects.filter(title="通知1").update(read_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    client.force_login(user)

    unread = titles(client.get("/notices/?show=unread"))
    of_kind = titles(client.get("/notices/?kind=notices.task"))
    strange = titles(client.get("/notices/?kind=%00&show=x&page=abc"))
    answer = client.post("/notices/read/", {"next": "https://evil.example.org/"})

    assert (unread, of_kind, len(strange)) == (["通知0", "通知0"], ["通知0"], 3)
    assert (answer.url, Notice.objects.filter(read_at=None).count()) == ("/notices/", 0)
    assert "没有符合条件的通知" in text_of(client.get("/notices/?show=unread"))


def test_lists_take_a_fixed_number_of_queries(client):
    branch = make_branch()
    user = make_staff("reviewer", branch)
    client.force_login(user)
    counts = {"/notices/": [], "/notices/tasks/": []}
    for size in (1, 3):
        tell(user, size)
        for number in range(size):
            open_task(f"{size}.{number}", Holders(REVIEW, branch), "审核", "/x/")
        for address, found in counts.items():
            client.get(address)
            found.append(len(queries_of(lambda at=address: client.get(at))))

    assert all(one == three <= 12 for one, three in counts.values()), counts


def test_masthead_costs_no_query_of_its_own(client):
    user = make_user()
    tell(user)
    client.force_login(user)
    client.get("/school/")

    asked = [sql for sql in queries_of(lambda: client.get("/school/")) if "notices_notice" in sql]

    assert len(asked) == 1
    assert asked[0].startswith('SELECT "accounts_user"."id"')


def test_tasks_by_hand_are_ticked_off_by_their_own_people_only(client):
    one, other = make_user(), make_user()
    task = open_task("t", one, "交思想汇报", "/x/", today() - dt.timedelta(days=1), by_hand=True)
    fixed = open_task("u", one, "审核", "/y/")
    client.force_login(other)
    foreign = client.post(f"/notices/tasks/{task.uid}/done/").status_code
    client.force_login(one)
    not_by_hand = client.post(f"/notices/tasks/{fixed.uid}/done/").status_code
    shown = text_of(client.get("/notices/tasks/?due=overdue"))
    answer = client.post(f"/notices/tasks/{task.uid}/done/", follow=True)

    assert (foreign, not_by_hand) == (404, 404)
    assert "交思想汇报" in shown
    assert "审核" not in shown.partition("已逾期")[2].partition("办结")[0]
    assert (Task.objects.get(key="t").closed_by, titles(answer)) == (one, ["审核"])
    assert titles(client.get("/notices/tasks/?show=done")) == ["交思想汇报"]


def test_task_leads_to_its_place_for_its_people_and_those_above_only(client):
    committee = make_committee()
    branch = make_branch(committee)
    task = open_task("t", Holders(REVIEW, branch), "审核", "/there/")
    people = {
        "own": make_staff("reviewer", branch),
        "above": make_staff("reviewer", committee),
        "other": make_staff("reviewer", make_branch(committee)),
    }

    seen = {}
    for name, user in people.items():
        client.force_login(user)
        answer = client.get(f"/notices/tasks/{task.uid}/")
        seen[name] = (answer.status_code, getattr(answer, "url", ""))

    assert seen == {"own": (302, "/there/"), "above": (302, "/there/"), "other": (404, "")}


def test_leader_looks_over_what_is_being_done_below(client):
    committee = make_committee()
    branch = make_branch(committee)
    make_staff("reviewer", branch)
    open_task("t", Holders(REVIEW, branch), "审核甲", "/there/")
    close_task("absent")
    client.force_login(make_staff("reviewer", committee))

    assert titles(client.get("/notices/tasks/")) == []
    assert titles(client.get("/notices/tasks/?show=below")) == ["审核甲"]


def test_settings_are_saved_and_wrong_times_lose_nothing(client):
    user = make_user(email="a@example.org")
    client.force_login(user)
    good = {"quiet_from": "21:30", "quiet_to": "06:30", "digest": "on", "digest_at": "09:00", "language": "en"}
    ticked = {"wanted": [f"{GENERAL}|email", "no.such|email", "x"]}

    bad = client.post("/notices/settings/", {**good, **ticked, "digest_at": "25:99"})
    client.post("/notices/settings/", {**good, **ticked})

    assert (bad.status_code, 'value="21:30"' in bad.content.decode()) == (200, True)
    saved = Preferences.objects.get(user=user)
    assert (saved.quiet_from, saved.digest, saved.digest_at, saved.language) == (
        dt.time(21, 30),
        True,
        dt.time(9),
        "en",
    )
    assert list(user.channel_choices.filter(wanted=True).values_list("kind", "channel")) == [(GENERAL, "email")]


def send(client, organisation, **fields):
    data = {
        "organisation": organisation.code,
        "title": "周五党员大会",
        "text": "请带笔记本。",
        "uid": uuid.uuid4(),
        **fields,
    }
    answer = client.post("/notices/sent/new/", data)
    for _ in range(4):
        run_due_jobs()
    return answer


def test_secretary_tells_the_branch_and_sees_who_has_not_read(client):
    branch = make_branch()
    secretary = make_staff("secretary", branch)
    reads, not_yet, elsewhere = make_member(branch), make_member(branch), make_member()
    reads.user.display_name, not_yet.user.display_name = "赵一", "钱二"
    for member in (reads, not_yet):
        member.user.save()
    client.force_login(secretary)
    answer = send(client, branch)
    client.force_login(reads.user)
    read = client.get(f"/notices/{Notice.objects.get(user=reads.user).uid}/")
    client.force_login(secretary)

    unread, seen = text_of(client.get(answer.url)), text_of(client.get(f"{answer.url}?show=read"))

    assert ("请带笔记本。" in text_of(read), "发送人可以看到您是否已读" in text_of(read)) == (True, True)
    assert ("钱二" in unread, "赵一" in unread, "赵一" in seen) == (True, False, True)
    assert Notice.objects.filter(user=elsewhere.user).count() == 0
    assert "已读 1 / 2 人" in text_of(client.get("/notices/sent/"))


def test_sending_the_same_form_twice_is_one_message(client):
    branch = make_branch()
    make_member(branch)
    client.force_login(make_staff("secretary", branch))
    uid = uuid.uuid4()

    assert send(client, branch, uid=uid).url == send(client, branch, uid=uid).url
    assert (Message.objects.count(), Notice.objects.count()) == (1, 1)


def test_secretary_cannot_tell_another_branch_nor_see_its_receipts(client):
    branch, other = make_branch(), make_branch()
    client.force_login(make_staff("secretary", other))
    theirs = send(client, other).url
    client.force_login(make_staff("secretary", branch))

    answer = send(client, other, title="越权")

    assert (answer.status_code, Message.objects.filter(title="越权").count()) == (200, 0)
    assert (
        client.get(theirs).status_code,
        client.get(reverse("notices:receipts", args=[uuid.uuid4()])).status_code,
    ) == (
        404,
        404,
    )


@pytest.mark.parametrize("url", ["https://x.example.org/", "javascript:alert(1)", "//x"])
def test_sending_a_foreign_address_is_refused_and_keeps_what_was_typed(client, url):
    branch = make_branch()
    client.force_login(make_staff("secretary", branch))

    answer = send(client, branch, url=url)

    assert ("只能填写本站内的地址" in text_of(answer), "请带笔记本。" in answer.content.decode()) == (True, True)
    assert Message.objects.count() == 0


def test_member_may_not_send(client):
    client.force_login(make_member().user)

    assert client.get("/notices/sent/new/").status_code == 403


def test_receipts_take_a_fixed_number_of_queries(client):
    branch, counts = make_branch(), []
    client.force_login(make_staff("secretary", branch))
    for size in (1, 3):
        for _ in range(size):
            make_member(branch)
        url = send(client, branch, title=f"第{size}次").url
        client.get(url)
        counts.append(len(queries_of(lambda at=url: client.get(at))))

    assert counts[0] == counts[1] <= 12, counts


def test_personal_data_holds_notices_and_receipts_and_can_be_erased():
    from portal.ground.personal import Person
    from portal.notices.domain.personal import erase, export

    user = make_user()
    tell(user, 2)
    open_task("t", user, "办理", "/x/")
    person = Person(user_uid=user.uid, user_id=user.pk)

    tables = {table.name: [row["title"] for row in table.rows] for table in export(person)}
    erased = erase(person)

    assert tables == {"notices": ["通知0", "通知1"], "tasks": ["办理"]}
    assert (erased.rows, next(iter(export(person))).rows, Task.objects.count()) == (3, [], 1)
