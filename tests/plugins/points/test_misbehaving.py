"""Whatever a contribution does, the page goes on without it, and staff see one fault."""

import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.utils import translation

from plugins.host import faults, guard, render, state
from plugins.host.models import PluginFault
from plugins.sdk import PageSlot, Plugin
from tests.factories import make_user
from tests.plugins.points.probes import BEHAVIOURS, PROBES, TEMPLATE, misbehave

pytestmark = pytest.mark.django_db
EVERY = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.point)


@EVERY
def test_contribution_is_there_while_on_and_gone_while_off(probe, add_plugin, page):
    add_plugin(probe.make(misbehave("", probe.good)))

    on = probe.seen(page())
    state.switch("trial", enabled=False, site_id=state.default_site_id())
    off = probe.seen(page())

    assert on
    assert not off
    assert not PluginFault.objects.exists()


@EVERY
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_contribution_that_misbehaves_is_left_out_and_recorded_once(probe, behaviour, add_plugin, page):
    if (probe.point, behaviour) == ("validator", "garbage"):
        pytest.skip("below: what a validator returns is no refusal, and counts as none")
    add_plugin(probe.make(misbehave(behaviour, probe.good)))
    request = page()

    seen = probe.seen(request)

    assert not seen
    assert "secret" not in seen
    fault = PluginFault.objects.get()
    assert (fault.slug, fault.count, fault.point.partition(":")[0]) == ("trial", 1, probe.point)
    assert fault.trace
    assert make_user().pk is not None  # the page's own queries go on


def test_validator_that_returns_something_is_a_fault_and_no_refusal(add_plugin, page):
    probe = next(probe for probe in PROBES if probe.point == "validator")
    add_plugin(probe.make(misbehave("garbage", None)))

    assert probe.seen(page()) == ""
    assert PluginFault.objects.get().error.startswith("Garbage")


@EVERY
def test_slow_contribution_is_used_and_recorded(probe, add_plugin, page, monkeypatch):
    add_plugin(probe.make(misbehave("", probe.good)))
    request = page()
    ticks = iter(range(0, 10_000, 5))
    monkeypatch.setattr(guard, "_monotonic", lambda: next(ticks))

    assert probe.seen(request)
    assert PluginFault.objects.get(slug="trial", point__startswith=f"{probe.point}:").error == "TooSlow: 5.0 s"


class Speaker(Plugin):
    """Leaves another language and an open transaction behind."""

    slots = (PageSlot("trial.slot", TEMPLATE, lambda context: _leave(context)),)


def _leave(_context):
    translation.activate("en")
    if not connection.in_atomic_block:
        transaction.atomic().__enter__()
    return {"text": "gone astray"}


def test_language_that_a_contribution_leaves_behind_does_not_reach_the_page(add_plugin, page):
    add_plugin(Speaker)
    before = translation.get_language()

    render.render_slot(page(), "trial.slot", None)

    assert translation.get_language() == before


@pytest.mark.django_db(transaction=True)
def test_transaction_that_a_contribution_leaves_open_is_closed_and_recorded(add_plugin, page):
    add_plugin(Speaker)
    request = page(user=AnonymousUser())

    html = render.render_slot(request, "trial.slot", None)

    assert "gone astray" in html
    assert (connection.in_atomic_block, connection.get_autocommit()) == (False, True)
    assert PluginFault.objects.get().error.startswith("Leak")


def test_html_that_does_not_close_its_elements_is_left_out(add_plugin, page, settings, tmp_path):
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]
    (tmp_path / "open.html").write_text("<div><section>{{ text }}</div>", encoding="utf-8")

    class Open(Plugin):
        slots = (PageSlot("trial.slot", "open.html", lambda context: {"text": "x"}),)

    add_plugin(Open)

    assert render.render_slot(page(), "trial.slot", None) == ""
    assert "does not close" in PluginFault.objects.get().error


def test_template_that_fails_or_is_not_there_is_left_out(add_plugin, page):
    class Absent(Plugin):
        slots = (PageSlot("trial.slot", "trial/not-there.html", lambda context: {}),)

    add_plugin(Absent)

    assert render.render_slot(page(), "trial.slot", None) == ""
    assert PluginFault.objects.get().error.startswith("TemplateDoesNotExist")


def test_breaker_opens_for_every_process_and_one_of_them_tries_again(add_plugin, page, monkeypatch):
    calls = []

    def boom(_context):
        calls.append(1)
        raise RuntimeError("again")

    class Again(Plugin):
        slots = (PageSlot("trial.slot", TEMPLATE, boom),)

    add_plugin(Again)
    for _ in range(20):
        render.render_slot(page(), "trial.slot", None)
    here = len(calls)
    faults.forget_breakers()  # another process: it knows nothing yet
    state._on.clear()
    for _ in range(20):
        render.render_slot(page(), "trial.slot", None)
    elsewhere = len(calls) - here

    moment = PluginFault.objects.get().open_until + faults.dt.timedelta(seconds=1)
    monkeypatch.setattr(faults, "now", lambda: moment)
    for _ in range(3):
        render.render_slot(page(), "trial.slot", None)

    row = PluginFault.objects.get()
    assert (here, elsewhere, len(calls)) == (faults.FAULTS_TO_OPEN, 0, faults.FAULTS_TO_OPEN + 1)
    assert row.trips == 2
    assert (row.open_until - moment).total_seconds() == 2 * faults.OPEN_SECONDS


def test_breaker_closes_when_the_point_works_again(add_plugin, page, monkeypatch):
    behaviour = ["raises"]

    class Mended(Plugin):
        slots = (PageSlot("trial.slot", TEMPLATE, lambda context: misbehave(behaviour[0], {"text": "好了"})(context)),)

    add_plugin(Mended)
    for _ in range(6):
        render.render_slot(page(), "trial.slot", None)
    behaviour[0] = ""
    skipped = render.render_slot(page(), "trial.slot", None)
    moment = PluginFault.objects.get().open_until + faults.dt.timedelta(seconds=1)
    monkeypatch.setattr(faults, "now", lambda: moment)

    first, second = (render.render_slot(page(), "trial.slot", None) for _ in range(2))

    row = PluginFault.objects.get()
    assert skipped == ""
    assert "好了" in first
    assert "好了" in second
    assert (row.in_a_row, row.trips, row.open_until) == (0, 0, None)


def test_reset_by_staff_asks_the_point_again_at_once(add_plugin, page):
    behaviour = ["raises"]

    class Mended(Plugin):
        slots = (PageSlot("trial.slot", TEMPLATE, lambda context: misbehave(behaviour[0], {"text": "好了"})(context)),)

    add_plugin(Mended)
    for _ in range(6):
        render.render_slot(page(), "trial.slot", None)
    behaviour[0] = ""

    faults.clear_faults("trial")

    assert "好了" in render.render_slot(page(), "trial.slot", None)
    assert not PluginFault.objects.exists()


def test_error_whose_own_text_fails_is_recorded_all_the_same(add_plugin):
    class Nasty(Exception):
        def __str__(self):
            raise RuntimeError("no text either")

    faults.record("trial", "slot:x", Nasty())

    assert PluginFault.objects.get().error == "Nasty"


def test_points_with_long_names_are_kept(add_plugin):
    faults.record("t" * 200, "p" * 500, ValueError("x" * 5000))
    faults.record("t" * 200, "p" * 500, ValueError("\x00"))

    assert PluginFault.objects.get().count == 2


@pytest.mark.django_db(transaction=True)
def test_faults_from_many_threads_are_all_counted():
    def work():
        try:
            for _ in range(3):
                faults.record("trial", "slot:x", ValueError("x"))
        finally:
            connection.close()

    faults.record("trial", "slot:x", ValueError("x"))
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert PluginFault.objects.get().count == 13
