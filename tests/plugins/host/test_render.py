"""Pages with contributions that fail: the page goes on, readers see nothing of it, staff see the fault."""

import datetime as dt

import pytest
from django.db import connection
from django.template import Context, Template

from plugins.host import faults, render, state
from plugins.host.models import PluginFault
from plugins.sdk import Card, MenuItem, PageSlot, Permission, Plugin
from portal.ground.clock import now
from tests.factories import make_user

pytestmark = pytest.mark.django_db
TEMPLATE = "components/badge.html"


def _badge(context):
    return {"text": f"你好 {context.subject if hasattr(context, 'subject') else 'card'}"}


def _boom(_context):
    raise RuntimeError("geheim: /srv/secret")


def _sql_error(_context):
    with connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column FROM no_such_table")


def _none(_context):
    return None


class Sound(Plugin):
    slots = (PageSlot("trial.slot", TEMPLATE, _badge),)


class Mixed(Plugin):
    slots = (
        PageSlot("trial.slot", TEMPLATE, _boom, order=1),
        PageSlot("trial.slot", TEMPLATE, _badge, order=2),
        PageSlot("trial.other", TEMPLATE, _none),
    )


class Sql(Plugin):
    slots = (PageSlot("trial.slot", TEMPLATE, _sql_error),)


def _points(slug):
    return list(PluginFault.objects.filter(slug=slug).values_list("point", "count"))


def test_slot_shows_what_plugins_put_there_escaped(add_plugin, page):
    add_plugin(Sound)

    html = render.render_slot(page(), "trial.slot", "<b>")

    assert 'data-slot="trial.slot"' in html
    assert "你好 &lt;b&gt;" in html


def test_slot_nobody_uses_is_empty(page):
    assert render.render_slot(page(), "trial.nobody", None) == ""


def test_slot_whose_data_is_none_is_empty(add_plugin, page):
    add_plugin(Mixed)

    assert render.render_slot(page(), "trial.other", None) == ""
    assert _points("trial") == []


def test_slot_that_raises_adds_nothing_others_stay_and_one_fault_is_recorded(add_plugin, page):
    add_plugin(Mixed)

    html = render.render_slot(page(), "trial.slot", "主题")

    assert "你好 主题" in html
    assert "secret" not in html
    fault = PluginFault.objects.get(slug="trial")
    assert (fault.point, fault.count, fault.error) == (
        f"slot:trial.slot:{TEMPLATE}",
        1,
        "RuntimeError: geheim: /srv/secret",
    )
    assert "_boom" in fault.trace


def test_slot_with_an_sql_error_leaves_the_pages_own_queries_working(add_plugin, page):
    add_plugin(Sql)
    request = page()

    html = render.render_slot(request, "trial.slot", None)

    assert html == ""
    assert make_user().pk is not None
    assert _points("trial") == [(f"slot:trial.slot:{TEMPLATE}", 1)]


def test_slot_that_fails_again_and_again_is_left_alone_for_a_while(add_plugin, page, monkeypatch):
    add_plugin(Sql)
    request = page()
    moment = [now()]
    monkeypatch.setattr("plugins.host.faults.now", lambda: moment[0])

    for _ in range(20):
        render.render_slot(request, "trial.slot", None)
    asked_in_a_row = PluginFault.objects.get(slug="trial").count
    moment[0] += dt.timedelta(seconds=faults.OPEN_SECONDS + 1)
    for _ in range(3):
        render.render_slot(request, "trial.slot", None)

    assert asked_in_a_row == faults.FAULTS_TO_OPEN
    assert PluginFault.objects.get(slug="trial").count == faults.FAULTS_TO_OPEN + 1


def test_slow_slot_is_shown_and_counted(add_plugin, page, monkeypatch):
    add_plugin(Sound)
    ticks = iter([0.0])
    monkeypatch.setattr("plugins.host.guard._monotonic", lambda: next(ticks, 3.0))

    html = render.render_slot(page(), "trial.slot", "慢")

    assert "你好 慢" in html
    assert PluginFault.objects.get(slug="trial").error == "TooSlow: 3.0 s"


def test_menu_follows_rights_sign_in_place_order_and_language(add_plugin, page, settings):
    class Menu(Plugin):
        permissions = (Permission("use", "使用", "Use", roles=("editor",)),)
        menu = (
            MenuItem("后", "/later/", "Later", order=-1),
            MenuItem("先", "/earlier/", "Earlier", order=-2),
            MenuItem("有权", "/right/", "Right", needs="use", order=-3),
            MenuItem("坏", "no:such:route", "Broken", order=-4),
            MenuItem("台", "/desk/", "Desk", place="workbench", order=-5),
        )

    add_plugin(Menu)
    boss = make_user(is_superuser=True)

    def labels(request, place="main"):
        return [entry.label for entry in render.menu_of(request, place) if entry.source == "trial"]

    assert labels(page()) == ["先", "后"]
    assert labels(page(user=boss)) == ["有权", "先", "后"]
    assert labels(page(), "workbench") == ["台"]
    from django.utils import translation

    with translation.override("en"):
        assert labels(page()) == ["Earlier", "Later"]
    assert _points("trial") == [("menu:no:such:route", 3)]


def test_cards_are_rendered_with_title_and_left_out_when_they_fail(add_plugin, page):
    class Cards(Plugin):
        cards = (
            Card("好", TEMPLATE, _badge, "Good", order=-2, route="/good/"),
            Card("坏", TEMPLATE, _boom, "Bad", order=-1),
            Card("空", TEMPLATE, _none, "None"),
        )

    add_plugin(Cards)
    request = page()

    cards = [card for card in render.cards_of(request) if card.source == "trial"]

    assert [(card.title, card.url) for card in cards] == [("好", "/good/")]
    assert "你好 card" in cards[0].html


def test_template_tags_show_slots_menu_and_cards(add_plugin, page):
    add_plugin(Sound)
    template = Template(
        "{% load plugins %}{% slot 'trial.slot' subject %}|{% portal_menu as entries %}{{ entries|length }}|"
        "{% plugin_menu as mine %}{{ mine|length }}|{% cards %}{% plugin_cards as c %}{{ c|length }}"
    )

    html = template.render(Context({"request": page(), "subject": "主题"}))

    assert "你好 主题" in html
    entries, mine = html.split("|")[1:3]
    assert int(entries) > int(mine) >= 1


def test_template_tags_without_a_request_show_nothing():
    template = Template("{% load plugins %}{% slot 'trial.slot' %}{% portal_menu %}{% cards %}")

    assert template.render(Context({})).strip() == ""


def test_printed_menu_marks_where_we_are_and_escapes():
    menu = render.Menu(
        [render.MenuEntry("<考试>", "/p/quizzes/", True, "quizzes"), render.MenuEntry("二", "/b/", False, "b")]
    )

    assert str(menu) == (
        '<li><a href="/p/quizzes/" aria-current="page">&lt;考试&gt;</a></li><li><a href="/b/">二</a></li>'
    )


def test_state_is_read_once_a_request(add_plugin, page, django_assert_num_queries):
    add_plugin(Sound)
    request = page()
    state.active_slugs(request)

    with django_assert_num_queries(2):  # the savepoint around the one slot, which only this test's transaction brings
        render.render_slot(request, "trial.slot", "主题")
        state.active(request)
