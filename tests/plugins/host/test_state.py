"""Switching: data, not code; seen by the next request; refused where others depend on it."""

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import Site

from plugins.host import registry, state
from plugins.host.models import PluginState
from plugins.host.state import CannotSwitch
from plugins.sdk import Plugin, SearchSource
from portal.ground import suppliers
from portal.ground.generation import current_generation
from portal.ground.models import OutboxEntry
from tests.factories import make_user

pytestmark = pytest.mark.django_db


class Small(Plugin):
    search = (SearchSource("trial", "试验", lambda uids: [], "Trial"),)


class Other(Plugin):
    pass


def _switch(slug, enabled, actor=None):
    return state.switch(slug, enabled=enabled, site_id=state.default_site_id(), actor=actor)


def test_bundled_plugin_is_on_and_external_one_off_until_somebody_switches(add_plugin, page):
    add_plugin(Small)
    add_plugin(Other, "extern", origin="external")

    assert "trial" in state.active_slugs(page())
    assert "extern" not in state.active_slugs(page())


def test_switch_is_seen_by_the_next_request_and_written_with_who_and_audited(add_plugin, page):
    add_plugin(Small)
    actor = make_user()
    before, running = current_generation(), page()
    assert "trial" in state.active_slugs(running)

    row = _switch("trial", False, actor)

    assert "trial" in state.active_slugs(running)
    assert "trial" not in state.active_slugs(page())
    assert (row.changed_by, row.enabled) == (actor, False)
    assert current_generation() > before
    line = OutboxEntry.objects.get(name="audit.line").payload
    assert (line["action"], line["target_uid"], line["actor"]) == ("plugins.disable", "trial", str(actor.uid))
    assert OutboxEntry.objects.get(name="plugins.switched").payload["slug"] == "trial"
    _switch("trial", True, actor)
    assert "trial" in state.active_slugs(page())
    assert PluginState.objects.count() == 1


def test_switch_on_one_site_leaves_the_other_alone(add_plugin):
    add_plugin(Small)
    first = Site.objects.get(is_default_site=True)
    second = Site.objects.create(hostname="other.example", root_page=first.root_page)

    state.switch("trial", enabled=False, site_id=second.pk)

    assert "trial" in state.active_on_site(first.pk)
    assert "trial" not in state.active_on_site(second.pk)
    assert "trial" in state.active_anywhere()
    state.switch("trial", enabled=False, site_id=first.pk)
    assert "trial" not in state.active_anywhere()


def test_search_kinds_of_a_plugin_follow_its_switch(add_plugin):
    add_plugin(Small)

    assert "trial" not in suppliers.inactive_kinds()
    _switch("trial", False)
    assert "trial" in suppliers.inactive_kinds()


def test_switching_off_what_another_needs_is_refused_and_named(add_plugin):
    add_plugin(Small)
    add_plugin(Other, "upper", requires={"trial": ">=1.0"})

    with pytest.raises(CannotSwitch, match=r"请先停用：upper"):
        _switch("trial", False)
    _switch("upper", False)
    _switch("trial", False)
    with pytest.raises(CannotSwitch, match=r"请先启用它需要的插件：trial"):
        _switch("upper", True)


def test_plugin_that_is_left_out_cannot_be_switched_and_says_why(add_plugin):
    add_plugin(Other, "broken", reason="plugin.py 第 1 行有语法错误")

    with pytest.raises(CannotSwitch, match=r"插件 broken 没有载入：plugin.py 第 1 行有语法错误"):
        _switch("broken", True)
    with pytest.raises(registry.NoSuchPlugin):
        _switch("ghost", True)


def test_command_lists_switches_and_names_unknown_ones(add_plugin, capsys):
    add_plugin(Small)
    add_plugin(Other, "broken", reason="坏了")

    call_command("plugins", "disable", "trial")
    call_command("plugins", "list")

    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "停用 off" in lines["trial:"] if "trial:" in lines else "停用 off" in lines["trial"]
    assert "未载入 left out" in lines["broken"]
    assert "坏了" in lines["broken"]
    assert "启用 on" in lines["points"]
    assert "trial" not in state.active_on_site(state.default_site_id())
    call_command("plugins", "enable", "trial")
    assert "trial" in state.active_on_site(state.default_site_id())
    with pytest.raises(CommandError, match=r"没有名为 ghost 的插件"):
        call_command("plugins", "enable", "ghost")
    with pytest.raises(CommandError, match=r"没有编号为 999 的站点"):
        call_command("plugins", "enable", "trial", "--site", "999")


def test_plugin_whose_search_kind_is_not_its_own_is_refused(add_plugin):
    class Thief(Plugin):
        search = (SearchSource("page", "页面", lambda uids: [], "Pages"),)

    with pytest.raises(ValueError, match=r'the search kind "page" must be "thief"'):
        add_plugin(Thief, "thief")
