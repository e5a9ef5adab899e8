"""Events reach handlers after commit, once more when they fail, and never while the plugin is off."""

import dataclasses
import sys
import types
import uuid

import pytest
from django.db import transaction

from plugins.host import delivery, state
from plugins.host.models import PluginFault
from plugins.host.sources import source_of_app, source_of_plugin
from plugins.sdk import Event, Plugin, PointRule, Task, on, on_point_rules, publish
from portal.ground import outbox
from portal.ground.jobs import run_due_jobs
from portal.ground.jobs.kinds import kinds, periods
from portal.ground.models import Delivery

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
