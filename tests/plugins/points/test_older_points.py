"""The points that were there from the start, each by its name: there while on, gone while off."""

import pytest

from plugins.host import registry, render, state
from plugins.sdk import NoticeType, PageSlot, Permission, Plugin, SearchSource
from portal.ground import suppliers
from portal.ground.rights import declared
from tests.plugins.points.probes import TEMPLATE

pytestmark = pytest.mark.django_db


def _off(slug="trial"):
    state.switch(slug, enabled=False, site_id=state.default_site_id())


def test_page_slot_gets_the_subject_of_the_page_and_follows_the_switch(add_plugin, page):
    class Slotted(Plugin):
        slots = (PageSlot("trial.slot", TEMPLATE, lambda context: {"text": f"关于{context.subject}"}),)

    add_plugin(Slotted)
    on = render.render_slot(page(), "trial.slot", "主题")
    _off()

    assert "关于主题" in on
    assert render.render_slot(page(), "trial.slot", "主题") == ""


def test_permission_is_declared_under_the_slug_of_its_plugin(add_plugin):
    plugin = add_plugin(type("Righted", (Plugin,), {"permissions": (Permission("look", "看", "Look"),)}), "righted")

    assert plugin.right("look") == "righted.look"
    assert declared()["righted.look"].label == "看"


def test_search_source_of_a_plugin_that_is_off_is_inactive(add_plugin):
    class Found(Plugin):
        search = (SearchSource("trial", "试验", lambda uids: ()),)

    add_plugin(Found)
    on = suppliers.inactive_kinds(state.default_site_id())
    _off()

    assert "trial" not in on
    assert "trial" in suppliers.inactive_kinds(state.default_site_id())


def test_notice_type_is_known_under_the_slug_of_its_plugin(add_plugin):
    class Telling(Plugin):
        notice_types = (NoticeType("due", "到期", "Due"),)

    add_plugin(Telling)

    assert ("trial", "due") in {(slug, item.code) for slug, item in registry.notice_types()}


def test_exchange_records_of_the_bundled_plugins_are_known_by_kind():
    kinds = {(found.slug, found.declared.kind) for found in registry.exchange_records()}

    assert any(slug == "disclosure" and kind.startswith("disclosure") for slug, kind in kinds)
