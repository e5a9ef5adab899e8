"""Rules about queries: a list of three asks the database as often as a list of one."""

# ruff: noqa: S101 - these are tests

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plugins.host import render
from plugins.host.searching import documents_of
from plugins.testing.base import ContractBase


class SpeedRules(ContractBase):
    """Constant numbers of queries."""

    @pytest.mark.django_db
    def test_pages_ask_the_database_as_often_for_three_as_for_one(self) -> None:
        self._compare({url: self._page(url) for url in self._pages()})

    @pytest.mark.django_db
    def test_cards_and_slots_ask_the_database_as_often_for_three_as_for_one(self) -> None:
        plugin = self._plugin()
        calls: dict[str, Callable[[], Any]] = {}
        if plugin.cards:
            calls["cards"] = lambda: [c for c in render.cards_of(self._request()) if c.source == self.plugin]
        for slot in sorted({slot.slot for slot in plugin.slots}):
            subject = self.subject_for(slot)
            if subject is not None:
                calls[slot] = lambda slot=slot, subject=subject: render.render_slot(self._request(), slot, subject)
        self._compare(calls)

    @pytest.mark.django_db
    def test_search_documents_ask_the_database_as_often_for_three_as_for_one(self) -> None:
        source = self._source()
        self._compare(
            {item.kind: lambda item=item: list(documents_of(source, item)(None)) for item in self._plugin().search}
        )

    def _page(self, url: str) -> Callable[[], Any]:
        client = Client()
        client.force_login(self.person())
        return lambda: client.get(url)

    def _compare(self, calls: dict[str, Callable[[], Any]]) -> None:
        if not calls:
            pytest.skip("there is nothing to ask")
        self._listed_or_skip(1)
        one = {name: _queries(call) for name, call in calls.items()}
        self.make_items(2)
        three = {name: _queries(call) for name, call in calls.items()}

        more = {name: (len(one[name]), len(three[name])) for name in calls if len(three[name]) > len(one[name])}
        assert more == {}, [three[name] for name in more]


def _queries(call: Callable[[], Any]) -> list[str]:
    """The queries of a call, after one that warms what is kept between requests."""
    call()
    cache.clear()
    call()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        call()
    return [query["sql"] for query in captured.captured_queries]
