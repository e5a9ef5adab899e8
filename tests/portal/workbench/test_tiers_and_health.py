"""What leaders and operators see: the organisations below in figures, and how the installation runs."""

from __future__ import annotations

import datetime as dt
import re
import shutil

import pytest

from portal.ground import health as ground_health
from portal.ground.clock import now, today
from portal.ground.jobs import enqueue, fire_periodic, job_kind, run_due_jobs
from portal.ground.models import Delivery, Job, OutboxEntry, PeriodicJob
from portal.notices.domain import Holders, open_task
from portal.organisations.models import Member
from portal.workbench.domain import health
from portal.workbench.domain.tiers import tier_at
from tests.factories import make_branch, make_committee, make_member, make_staff
from tests.factories.counting import queries_of

pytestmark = pytest.mark.django_db
MANAGE = "organisations.manage"


def cells(response) -> list[list[str]]:
    rows = re.findall(r"<tr.*?</tr>", response.content.decode(), re.DOTALL)[1:]
    strip = lambda cell: re.sub(r"<span class=\"visually-hidden\">.*?</span>|<[^>]+>", "", cell).strip()  # noqa: E731
    return [[strip(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


@pytest.fixture
def tree():
    """A committee with two branches: one with members and tasks, one empty."""

    class Tree:
        committee = make_committee()
        busy = make_branch(committee, "甲支部")
        calm = make_branch(committee, "乙支部")

    for stage in ("full", "probationary", "applicant", "left"):
        Member.objects.create(name="林晓", organisation=Tree.busy, stage=stage)
    open_task("late", Holders(MANAGE, Tree.busy), "逾期的", "/x/", today() - dt.timedelta(days=1))
    open_task("missing", Holders(MANAGE, Tree.busy), "缺的", "/x/", kind="notices.missing")
    open_task("not-mine", Holders("regulations.edit", Tree.busy), "别人的", "/x/")
    Tree.committee.refresh_from_db()
    return Tree


def test_leader_sees_each_tier_in_figures(client, tree):
    client.force_login(make_staff("admin", tree.committee))

    answer = client.get(f"/workbench/tiers/{tree.committee.uid}/")

    expected_tasks = tier_at(make_staff("admin", tree.committee), tree.committee).top.task_count
    assert cells(answer) == [
        ["合计", "2", "2", str(expected_tasks), "1", "1"],
        ["甲支部", "1", "2", str(expected_tasks), "1", "1"],
        ["乙支部", "1", "0", "0", "0", "0"],
    ]


def test_figures_count_only_tasks_that_the_leader_may_see(tree):
    secretary = make_staff("secretary", tree.committee)

    tier = tier_at(secretary, tree.committee)

    assert (tier.top.member_count, tier.top.overdue_count) == (2, 0)


def test_tier_of_a_foreign_organisation_is_absent(client, tree):
    client.force_login(make_staff("admin", tree.busy))

    seen = [client.get(f"/workbench/tiers/{one.uid}/").status_code for one in (tree.busy, tree.calm, tree.committee)]

    assert seen == [200, 404, 404]


def test_member_sees_no_tiers(client):
    client.force_login(make_member().user)

    assert client.get("/workbench/tiers/").status_code == 403
    assert "cards/tiers" not in client.get("/workbench/?all=1").content.decode()


def test_single_top_is_entered_at_once_and_the_card_fetches_a_part(client, tree):
    client.force_login(make_staff("admin", tree.committee))
    address = f"/workbench/tiers/{tree.committee.uid}/"

    assert client.get("/workbench/tiers/").url == address
    assert f'hx-get="{address}"' in client.get("/workbench/?all=1").content.decode()
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert (part.lstrip().startswith("<div"), "<html" in part) == (True, False)
    assert "甲支部" in part  # it has something overdue
    assert "乙支部" not in part


def test_tier_takes_a_fixed_number_of_queries():
    committee, counts = make_committee(), []
    for size in (1, 3):
        for _ in range(size):
            make_member(make_branch(committee))
        committee.refresh_from_db()
        leader = make_staff("admin", committee)
        counts.append(len(queries_of(lambda user=leader: tier_at(user, committee))))

    assert counts[0] == counts[1] <= 10, counts


@job_kind("tests.hopeless", max_attempts=1)
def _hopeless(context) -> None:
    raise RuntimeError("nothing helps")


def parked_job() -> Job:
    enqueue("tests.hopeless")
    run_due_jobs()
    return Job.objects.get(kind="tests.hopeless")


def operator(client):
    user = make_staff("system_admin", make_committee())
    client.force_login(user)
    return user


def test_operator_sees_what_was_given_up_and_tries_it_again(client):
    operator(client)
    job = parked_job()
    before = client.get("/workbench/health/").content.decode()

    client.post(f"/workbench/health/job/{job.pk}/again/")
    again = client.post(f"/workbench/health/job/{job.pk}/again/", follow=True).content.decode()

    assert "RuntimeError: nothing helps" in before
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)
    assert "这一项已经不在搁置状态" in again
    assert OutboxEntry.objects.filter(name="audit.line", payload__action="workbench.tried_again").count() == 1


def test_parked_delivery_is_tried_again(client):
    operator(client)
    entry = OutboxEntry.objects.create(name="x.y")
    row = Delivery.objects.create(entry=entry, consumer="tests.x", state="parked", attempts=8, last_error="no")

    client.post(f"/workbench/health/delivery/{row.pk}/again/")

    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == ("waiting", 0, "")


def test_trying_again_is_for_operators(client):
    job = parked_job()
    client.force_login(make_staff("admin", make_committee()))

    assert client.post(f"/workbench/health/job/{job.pk}/again/").status_code == 403
    operator(client)
    assert client.post(f"/workbench/health/nonsense/{job.pk}/again/").status_code == 404


def test_health_card_is_on_the_operators_workbench_only(client):
    operator(client)
    seen = "workbench/cards/health.html" in client.get("/workbench/?all=1").content.decode()
    client.force_login(make_staff("admin", make_committee()))

    assert (seen, "workbench/cards/health.html" in client.get("/workbench/?all=1").content.decode()) == (True, False)


def test_worker_that_fires_nothing_is_told():
    PeriodicJob.objects.all().delete()
    never = health.worker_reading()
    fire_periodic()
    alive = health.worker_reading()
    PeriodicJob.objects.update(next_due_at=now() - dt.timedelta(minutes=10))

    assert [one.state for one in (never, alive, health.worker_reading())] == ["bad", "good", "bad"]


def test_search_and_jobs_that_lag_are_told():
    entry = OutboxEntry.objects.create(name="content.changed", created_at=now() - dt.timedelta(minutes=20))
    Delivery.objects.create(entry=entry, consumer="search.index")
    enqueue("tests.hopeless", due_at=now() - dt.timedelta(seconds=30))

    assert (health.search_reading().state, health.search_reading().value) == ("warning", "20 分钟")
    assert (health.waiting_reading().state, health.waiting_reading().value) == ("good", "30 秒")


@pytest.mark.parametrize(("free", "state"), [(0.5, "bad"), (8, "warning"), (50, "good")])
def test_full_disk_is_told(monkeypatch, free, state):
    usage = shutil.disk_usage("/")._replace(total=100 * 1024**3, free=int(free * 1024**3))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)

    assert health.disk_reading().state == state


def test_check_that_fails_is_shown_as_bad_and_the_others_go_on(monkeypatch):
    def broken():
        raise OSError("secret path")

    monkeypatch.setattr(ground_health, "_checks", dict(ground_health._checks))
    ground_health.register_check("tests.broken", lambda: "坏的", broken, order=1)

    first, *others = ground_health.readings()

    assert (first[1].state, first[1].value) == ("bad", "OSError")
    assert len(others) >= 5
