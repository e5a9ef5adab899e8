"""Rules about failing and about being called twice."""

# ruff: noqa: S101 - these are tests

from __future__ import annotations

import pytest

from plugins.host import faults, registry, render
from plugins.host.models import PluginFault
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
