"""Rules about being off: gone from everywhere, on the site where it is off and only there."""

# ruff: noqa: S101 - these are tests

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.test import Client

from plugins.host import delivery, offers, registry, render, state
from plugins.host.sources import Source
from plugins.testing.base import ContractBase, switch_on
from portal.ground import suppliers
from portal.ground.models import OutboxEntry
from portal.ground.outbox import consumers


class SwitchRules(ContractBase):
    """Off means off."""

    @pytest.mark.django_db
    def test_off_means_every_page_answers_404(self) -> None:
        client = Client()
        client.force_login(self.person())
        before = {url: client.get(url).status_code for url in self._pages()}
        self._switch(enabled=False)

        after = {url: client.get(url).status_code for url in self._pages()}

        assert set(before.values()) <= {200, 302}, before
        assert set(after.values()) <= {404}, after

    @pytest.mark.django_db
    def test_off_means_every_api_route_answers_404(self) -> None:
        client = Client()
        client.force_login(self.person())
        before = {url: client.get(url).status_code for url in self._api_lists()}
        self._switch(enabled=False)

        after = {url: client.get(url).status_code for url in self._api_lists()}

        assert set(before.values()) <= {200}, before
        assert set(after.values()) <= {404}, after

    @pytest.mark.django_db
    def test_off_means_no_menu_no_card_no_slot(self) -> None:
        self._switch(enabled=False)
        request = self._request()

        assert all(entry.source != self.plugin for entry in render.menu_of(request))
        assert all(card.source != self.plugin for card in render.cards_of(request))

    @pytest.mark.django_db
    def test_off_means_it_is_asked_nowhere(self) -> None:
        """Whatever points there are: the host finds nothing of the plugin at any of them."""
        points = [field.name for field in dataclasses.fields(Source) if str(field.type).startswith("tuple")]
        self._switch(enabled=False)

        offered = [
            point
            for point in points
            for source, _item in offers.offered(self._request(), point)
            if source.name == self.plugin
        ]

        assert points
        assert offered == []

    @pytest.mark.django_db
    def test_off_on_one_site_leaves_the_other_alone(self) -> None:
        site_model = apps.get_model("wagtailcore", "Site")
        first = site_model._default_manager.get(is_default_site=True)
        second = site_model._default_manager.create(hostname="other.example", root_page_id=first.root_page_id)
        state.switch(self.plugin, enabled=True, site_id=second.pk)
        self._switch(enabled=False)
        client = Client()
        client.force_login(self.person())

        here = {client.get(url).status_code for url in self._pages()}
        there = {client.get(url, headers={"host": "other.example"}).status_code for url in self._pages()}

        assert self.plugin not in state.active_on_site(first.pk)
        assert self.plugin in state.active_on_site(second.pk)
        assert here <= {404}
        assert there <= {200, 302}

    @pytest.mark.django_db
    def test_off_means_its_search_kinds_are_inactive_and_on_means_they_are_not(self) -> None:
        kinds = {source.kind for source in self._plugin().search}
        on = suppliers.inactive_kinds(state.default_site_id())
        self._switch(enabled=False)

        off = suppliers.inactive_kinds(state.default_site_id())

        assert kinds & on == set()
        assert kinds <= off

    @pytest.mark.django_db
    def test_off_means_none_of_its_point_rules_counts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        declared = {rule.event.name: rule for rule in self._plugin().points}
        keepers = [
            (plugin.slug, delivery.consumer_name(plugin.slug, name))
            for plugin in registry.plugins()
            for name, _handler in plugin.point_handlers()
        ]
        if not declared or not keepers:
            pytest.skip("it declares no point rules, or nobody keeps points")
        for keeper, _consumer in keepers:
            switch_on(keeper)
        asked: list[object] = []
        monkeypatch.setattr(delivery, "_call", lambda _slug, _point, _keep, rule, _event: asked.append(rule))
        monkeypatch.setattr(delivery, "event_class", lambda *_: SimpleNamespace(from_json=lambda payload: payload))

        def happen() -> list[object]:
            asked.clear()
            for rule in declared.values():
                entry = OutboxEntry(name=rule.event.name, version=rule.event.version, payload={})
                for _keeper, consumer in keepers:
                    consumers()[consumer].handle([entry])
            return [rule for rule in asked if rule in self._plugin().points]

        on = happen()
        self._switch(enabled=False)

        assert on
        assert happen() == []

    @pytest.mark.django_db
    def test_off_means_events_and_tasks_do_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        events = self.sample_events()
        self._switch(enabled=False)
        before = self.state_to_compare()

        for event in events:
            self._deliver(event)
        with self._raising(monkeypatch):
            self._run_tasks()

        assert self.state_to_compare() == before
