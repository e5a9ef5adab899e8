"""Events reach handlers after commit, once more when they fail, and never while the plugin is off."""

import dataclasses
import sys
import types
import uuid

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import translation

from plugins.host import delivery, state
from plugins.host.models import PluginFault
from plugins.host.sources import source_of_app, source_of_plugin
from plugins.sdk import Event, Plugin, PointRule, Task, event_class, on, on_point_rules, publish
from portal.ground import outbox
from portal.ground.clock import now
from portal.ground.jobs import claim_due, enqueue, execute, run_due_jobs
from portal.ground.jobs.kinds import kinds, periods
from portal.ground.models import Delivery, Job, OutboxEntry
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rang(Event):
    name = "tests.rang"
    member_uid: uuid.UUID
    times: int = 1


def _plugin(seen, fails=()):
    fails = list(fails)

    class Listening(Plugin):
        points = (PointRule("trial.rang", Rang, 1, "响了", ("member_uid",), "Rang"),)

        @on(Rang)
        def hear(self, event):
            if fails:
                raise fails.pop()
            seen.append(event)

        @on_point_rules
        def keep(self, rule, event):
            seen.append((rule.code, event))

    return Listening


def _ring(times=1):
    event = Rang(member_uid=uuid.uuid4(), times=times)
    with transaction.atomic():
        publish(event)
    return event


def _drain(handler):
    return outbox.drain(delivery.consumer_name("trial", handler))


def test_event_reaches_the_handler_whole(add_plugin):
    seen = []
    add_plugin(_plugin(seen))
    event = _ring(times=3)

    assert _drain("hear") == 1
    assert seen == [event]


def test_event_of_a_point_rule_reaches_who_keeps_points_with_the_rule(add_plugin):
    seen = []
    add_plugin(_plugin(seen))
    event = _ring()

    _drain("keep")

    assert seen == [("trial.rang", event)]


def test_handler_that_fails_is_tried_again_and_the_fault_is_shown(add_plugin):
    seen = []
    add_plugin(_plugin(seen, fails=[RuntimeError("noch nicht")]))
    event = _ring()

    assert _drain("hear") == 0
    waiting = Delivery.objects.get(consumer="plugins.trial.hear")
    assert (waiting.state, waiting.attempts, waiting.last_error) == ("waiting", 1, "RuntimeError: noch nicht")
    assert PluginFault.objects.get(slug="trial").point == "event:hear"
    Delivery.objects.update(due_at=waiting.entry.created_at)
    _drain("hear")

    assert seen == [event]


def test_handler_of_a_plugin_that_is_off_is_not_called_and_nothing_waits(add_plugin):
    seen = []
    add_plugin(_plugin(seen))
    state.switch("trial", enabled=False, site_id=state.default_site_id())
    _ring()

    _drain("hear")
    _drain("keep")

    assert seen == []
    assert not Delivery.objects.filter(consumer__startswith="plugins.trial.", state="waiting").exists()


def test_event_of_another_version_is_left_alone(add_plugin):
    seen = []
    add_plugin(_plugin(seen))
    with transaction.atomic():
        outbox.emit("tests.rang", {"anything": 1}, version=2)

    _drain("hear")

    assert seen == []


def test_event_is_delivered_by_the_worker_after_commit(add_plugin, django_capture_on_commit_callbacks):
    seen = []
    add_plugin(_plugin(seen))
    with django_capture_on_commit_callbacks(execute=True):
        event = _ring()

    run_due_jobs()

    assert event in seen


def test_handler_of_a_core_app_is_subscribed_too(request):
    seen = []

    @on(Rang)
    def note(event):
        seen.append(event)

    contributions = types.SimpleNamespace(note=note)
    delivery.register_handlers_of_app("trialapp", contributions)
    request.addfinalizer(lambda: outbox.unregister_consumer("plugins.trialapp.note"))
    event = _ring()

    outbox.drain("plugins.trialapp.note")

    assert seen == [event]


def test_task_runs_while_on_and_is_skipped_while_off(add_plugin, monkeypatch):
    ran = []

    def tick():
        ran.append(1)

    class Ticking(Plugin):
        tasks = (Task(tick, every_minutes=5),)

    plugin = add_plugin(Ticking)
    delivery.register_tasks(source_of_plugin(plugin))
    kind = kinds()["plugins.trial.tick"]
    try:
        assert periods()["plugins.trial.tick"] == 300
        kind.run(None)
        state.switch("trial", enabled=False, site_id=state.default_site_id())
        kind.run(None)
    finally:
        declared = sys.modules["portal.ground.jobs.kinds"]
        declared._kinds.pop("plugins.trial.tick")
        declared._periods.pop("plugins.trial.tick")

    assert ran == [1]


def test_contributions_of_the_wrong_kind_are_refused_by_name():
    class Contributions:
        menu = ["no menu item"]

    with pytest.raises(TypeError, match=r"menu must hold MenuItem, not str"):
        source_of_app("trialapp", "portal.trialapp", Contributions)


def test_point_rule_with_an_unknown_field_is_refused_when_declared():
    with pytest.raises(ValueError, match=r"x.y: tests.rang has no field person_uid"):
        PointRule("x.y", Rang, 1, "响了", ("member_uid",), member="person_uid")


# --- versions, duplicates, payloads -----------------------------------------------------------------------------------
@dataclasses.dataclass(frozen=True, kw_only=True)
class Sang(Event):
    name = "tests.sang"
    song: str
    loud: bool = False
    verses: int = 0
    note: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class SangTwo(Event):
    name = "tests.sang"
    version = 2
    song: str
    singers: tuple[str, ...]


def test_both_versions_of_an_event_stand_beside_each_other(add_plugin):
    old, new = [], []

    class Choir(Plugin):
        @on(Sang)
        def hear_old(self, event):
            old.append(event)

        @on(SangTwo)
        def hear_new(self, event):
            new.append(event)

    add_plugin(Choir)
    first, second = Sang(song="国际歌"), SangTwo(song="国际歌", singers=("甲", "乙"))
    with transaction.atomic():
        publish(first)
        publish(second)

    _drain("hear_old")
    _drain("hear_new")

    assert (old, new) == ([first], [second])


def test_false_zero_empty_and_none_are_values_and_not_missing(add_plugin):
    seen = []

    class Choir(Plugin):
        @on(Sang)
        def hear(self, event):
            seen.append(event)

    add_plugin(Choir)
    event = Sang(song="", loud=False, verses=0, note=None)
    with transaction.atomic():
        publish(event)

    assert _drain("hear") == 1
    assert seen == [event]


@pytest.mark.parametrize(
    "payload", [{}, {"song": 3}, {"song": None}, {"song": "x", "loud": "yes"}, {"song": "x", "verses": True}]
)
def test_payload_that_does_not_fit_is_put_back_and_the_handler_never_sees_it(add_plugin, payload):
    seen = []

    class Choir(Plugin):
        @on(Sang)
        def hear(self, event):
            seen.append(event)

    add_plugin(Choir)
    with transaction.atomic():
        outbox.emit("tests.sang", payload)

    assert _drain("hear") == 0
    assert seen == []
    assert Delivery.objects.get(consumer="plugins.trial.hear").last_error.startswith("EventNotReadable: tests.sang")


def test_bundled_ledger_gives_once_for_an_event_delivered_many_times():
    from plugins.bundled.points.models import Transfer
    from portal.events.school import UnitCompleted

    event = UnitCompleted(member_uid=uuid.uuid4(), unit_uid=uuid.uuid4(), course_uid=uuid.uuid4(), unit_title="第一讲")
    with transaction.atomic():
        publish(event)
    for _ in range(3):
        outbox.drain("plugins.points.credit")
        Delivery.objects.filter(consumer="plugins.points.credit").update(state="waiting")

    assert Transfer.objects.count() == 1


# --- handlers that misbehave ------------------------------------------------------------------------------------------
def _hearing(function):
    class Hearing(Plugin):
        @on(Rang)
        def hear(self, event):
            function()

    return Hearing


def _sql_error():
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM no_such_table")


def _leave_language():
    translation.activate("en")
    raise RuntimeError("kaputt")


@pytest.mark.parametrize(
    ("wrong", "error"), [(_sql_error, "Error"), (_leave_language, "RuntimeError: kaputt"), (sys.exit, "Leak: it tried")]
)
def test_handler_that_fails_harms_no_other_and_leaves_nothing_behind(add_plugin, wrong, error):
    seen = []
    add_plugin(_hearing(wrong))
    add_plugin(_plugin(seen), slug="other")
    event = _ring()

    with translation.override("zh-hans"):
        assert _drain("hear") == 0
        assert translation.get_language() == "zh-hans"
    outbox.drain(delivery.consumer_name("other", "hear"))

    assert seen == [event]
    assert error in Delivery.objects.get(consumer="plugins.trial.hear").last_error
    assert PluginFault.objects.get(slug="trial").point == "event:hear"


def test_slow_handler_counts_as_a_fault_and_is_not_repeated(add_plugin, monkeypatch):
    clock = iter([0.0, 11.0])
    monkeypatch.setattr("plugins.host.guard._monotonic", lambda: next(clock))
    add_plugin(_hearing(lambda: None))
    _ring()

    assert _drain("hear") == 1
    assert PluginFault.objects.get(slug="trial").error == "TooSlow: 11.0 s of 10 s"


def _park(add_plugin, wrong):
    add_plugin(_hearing(wrong))
    _ring()
    pauses = []
    for _ in range(outbox.MAX_ATTEMPTS):
        before = now()
        _drain("hear")
        row = Delivery.objects.get(consumer="plugins.trial.hear")
        pauses.append((row.due_at - before).total_seconds())
        Delivery.objects.filter(pk=row.pk).update(due_at=now())
    return row, pauses


def test_handler_that_always_fails_is_tried_with_growing_pauses_then_parked(add_plugin):
    def broken():
        raise RuntimeError("kaputt")

    row, pauses = _park(add_plugin, broken)

    assert (row.state, row.attempts) == ("parked", outbox.MAX_ATTEMPTS)
    waits = [round(pause) for pause in pauses[:-1]]
    assert waits == [2, 4, 8, 16, 32, 64, 128]


def test_staff_see_what_is_parked_and_try_it_again_by_a_button(add_plugin, client):
    errors = [RuntimeError("kaputt")] * outbox.MAX_ATTEMPTS
    done = []

    def broken():
        if errors:
            raise errors.pop()
        done.append(1)

    _park(add_plugin, broken)
    client.force_login(make_user(is_superuser=True))

    page = client.get(reverse("plugins_one", args=["trial"])).content.decode()
    answer = client.post(
        reverse("plugins_again", args=["trial"]), {"delivery": str(Delivery.objects.get(state="parked").pk)}
    )
    run_due_jobs()

    assert "RuntimeError: kaputt" in page
    assert "全部重试" in page
    assert answer.status_code == 302
    assert done == [1]
    assert not Delivery.objects.filter(state="parked").exists()
    assert OutboxEntry.objects.filter(name="audit.line", payload__action="plugins.tried_again").exists()


@pytest.mark.parametrize("delivery", ["", "0", "-1", "x", "9" * 30])
def test_trying_again_takes_only_what_is_parked_and_of_this_plugin(add_plugin, client, delivery):
    add_plugin(_hearing(lambda: None))
    with transaction.atomic():
        entry = outbox.emit("tests.other", {})
    other = Delivery.objects.create(entry=entry, consumer="plugins.other.hear", state="parked")
    client.force_login(make_user(is_superuser=True))

    answer = client.post(reverse("plugins_again", args=["trial"]), {"delivery": delivery or str(other.pk)})

    assert answer.status_code == 302
    other.refresh_from_db()
    assert other.state == "parked"


def test_trying_again_needs_the_right_to_manage_plugins(add_plugin, client):
    add_plugin(_hearing(lambda: None))
    client.force_login(make_user())

    assert client.post(reverse("plugins_again", args=["trial"])).status_code in (302, 403)
    client.force_login(make_user(is_superuser=True))
    assert client.get(reverse("plugins_again", args=["trial"])).status_code == 405
    assert client.post(reverse("plugins_again", args=["nosuch"])).status_code == 404


# --- timed work -------------------------------------------------------------------------------------------------------
@pytest.fixture
def ticking(add_plugin):
    """A plugin with a task every five minutes; `tick` is what it does."""
    tick = []

    def run():
        tick[-1]()

    class Ticking(Plugin):
        tasks = (Task(run, every_minutes=5),)

    plugin = add_plugin(Ticking)
    delivery.register_tasks(source_of_plugin(plugin))
    yield tick
    declared = sys.modules["portal.ground.jobs.kinds"]
    declared._kinds.pop("plugins.trial.run")
    declared._periods.pop("plugins.trial.run")


def _due():
    enqueue("plugins.trial.run", key="periodic")
    for claim in claim_due("inline", only={"plugins.trial.run"}):
        execute(claim, heartbeat=False)
    return list(Job.objects.filter(kind="plugins.trial.run").order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize("wrong", [_sql_error, _leave_language, sys.exit])
def test_failing_run_is_recorded_as_failed_and_the_next_goes_on(ticking, wrong):
    ran = []
    ticking.append(wrong)
    first = _due()
    ticking.append(lambda: ran.append(1))

    second = _due()

    assert (first, second, ran) == (["failed"], ["failed", "done"], [1])
    assert PluginFault.objects.get(slug="trial").point == "task:plugins.trial.run"
    assert Job.objects.filter(state="failed").exclude(error="").count() == 1


def test_run_that_takes_longer_than_its_pause_is_recorded(ticking, monkeypatch):
    clock = iter([0.0, 301.0])
    ticking.append(lambda: None)
    monkeypatch.setattr("plugins.host.guard._monotonic", lambda: next(clock))

    assert _due() == ["done"]
    assert PluginFault.objects.get(slug="trial").error == "TooSlow: 301.0 s of 300 s"


def test_task_of_a_plugin_that_is_off_does_not_run_and_comes_back_with_it(ticking):
    ran = []
    ticking.append(lambda: ran.append(1))
    state.switch("trial", enabled=False, site_id=state.default_site_id())
    _due()
    off = list(ran)
    state.switch("trial", enabled=True, site_id=state.default_site_id())

    _due()

    assert (off, ran) == ([], [1])


def test_failed_runs_stand_on_the_page_of_the_plugin(ticking, client):
    ticking.append(_leave_language)
    _due()
    client.force_login(make_user(is_superuser=True))

    page = client.get(reverse("plugins_one", args=["trial"])).content.decode()

    assert "失败的定时任务" in page
    assert "RuntimeError: kaputt" in page


def test_another_plugin_can_keep_the_points_in_place_of_the_bundled_one(add_plugin):
    """It hears the rules of every other plugin through the SDK alone."""
    kept = []

    class Ledger(Plugin):
        @on_point_rules
        def keep(self, rule, event):
            kept.append((rule.code, rule.points, [str(getattr(event, name)) for name in rule.once_by]))

    add_plugin(Ledger)
    state.switch("points", enabled=False, site_id=state.default_site_id())
    event = event_class("quizzes.passed")(member_uid=uuid.uuid4(), paper_uid=uuid.uuid4())
    with transaction.atomic():
        publish(event)

    _drain("keep")

    assert kept == [("quizzes.passed", 5, [str(event.member_uid), str(event.paper_uid)])]
