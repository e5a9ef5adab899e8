"""Rules about failing and about being called twice."""

# ruff: noqa: S101 - these are tests

from __future__ import annotations

import contextlib

import pytest
from django.apps import apps
from django.conf import settings

from plugins.host import explorer, faults, figures, registry, render, validating
from plugins.host.models import PluginFault
from plugins.sdk import Refusal
from plugins.testing.base import ContractBase


class FaultRules(ContractBase):
    """A failing plugin costs the page nothing but itself; a repeated event changes nothing."""

    @pytest.mark.django_db
    def test_contribution_that_raises_leaves_the_page_and_records_one_fault(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plugin = self._plugin()
        faults.forget_breakers()
        PluginFault.objects.all().delete()
        asked = [f"card:{card.template}" for card in plugin.cards]
        asked += [f"slot:{slot.slot}:{slot.template}" for slot in plugin.slots]

        with self._raising(monkeypatch):
            cards = render.cards_of(self._request())
            parts = [render.render_slot(self._request(), slot, object()) for slot in {s.slot for s in plugin.slots}]

        assert all(card.source != self.plugin for card in cards)
        assert all("made to fail" not in part for part in parts)
        found = PluginFault.objects.filter(slug=self.plugin).values_list("point", "count", "error")
        assert sorted(found) == sorted((point, 1, "Boom: made to fail") for point in set(asked))
        faults.forget_breakers()

    @pytest.mark.django_db
    def test_figure_column_action_and_validator_that_raise_are_contained(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plugin, request = self._plugin(), self._request()
        page = apps.get_model(settings.WAGTAIL_PAGE_MODEL)._default_manager.order_by("pk").first()
        faults.forget_breakers()
        PluginFault.objects.filter(slug=self.plugin).delete()

        with self._raising(monkeypatch):
            tiles = [tile for tile in figures.tiles_of(request) if tile.key.startswith(f"{self.plugin}:")]
            columns = [c for c in explorer.columns_for(request, [page.pk]) if c.name.startswith(f"{self.plugin}-")]
            list(explorer.page_actions(page, request.user))
            for action in {validator.action for validator in plugin.validators}:
                with contextlib.suppress(Refusal):  # declared with when_broken="refuse"
                    validating.ask_validators(action, page, request.user)

        assert all(tile.is_broken for tile in tiles)
        assert columns == []
        wanted = {"tile"} if plugin.tiles else set()
        wanted |= {"column"} if plugin.page_columns else set()
        wanted |= {"action"} if any(action.url for action in plugin.page_actions) else set()
        wanted |= {"validator"} if plugin.validators else set()
        points = PluginFault.objects.filter(slug=self.plugin).values_list("point", flat=True)
        assert {point.partition(":")[0] for point in points} == wanted
        faults.forget_breakers()

    @pytest.mark.django_db
    def test_handlers_delivered_twice_leave_the_same_state(self) -> None:
        handled = {event.name for _, event, _ in self._plugin().event_handlers()}
        if any(True for _ in self._plugin().point_handlers()):
            handled |= {rule.event.name for _, rule in registry.point_rules()}
        events = self.sample_events()
        if handled:
            assert events, "override sample_events: the plugin handles events"
        assert {event.name for event in events} <= handled

        for event in events:
            self._deliver(event)
        once = self.state_to_compare()
        for event in reversed(events):
            self._deliver(event)

        assert self.state_to_compare() == once
