"""What the rules of the contract kit share: what an author may override, and how the kit asks the host."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, reverse

from plugins.host import delivery, registry, state
from plugins.host.sources import Source
from plugins.sdk import Event, Plugin
from portal.ground.models import OutboxEntry
from portal.ground.outbox import consumers


class Boom(Exception):
    """What the kit makes contributions raise."""


def switch_on(slug: str) -> None:
    """Switch a plugin and those it requires on for the default site; what is on stays on."""
    if slug in state.active_on_site(state.default_site_id()):
        return
    manifest = registry.found_plugin(slug).manifest
    for other in manifest.requires if manifest else ():
        switch_on(other)
    state.switch(slug, enabled=True, site_id=state.default_site_id())


class ContractBase:
    """Set `plugin` to its slug. Where a rule needs an example that only the author can give, override the method that gives it."""

    plugin: str = ""
    reviewed_operations: tuple[str, ...] = ()
    """Migration operations that could touch anything ("0002_fill: RunPython"), after somebody has read them."""

    for_everybody: tuple[str, ...] = ()
    """Models that belong to an organisation and that everybody may see all the same ("Address"), after somebody has thought so."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("person", "stranger", "outsider"):
            if name in vars(cls):
                setattr(cls, name, _once(vars(cls)[name]))

    def sample_events(self) -> list[Event]:
        """One event for each handler of the plugin, made from existing rows; needed for the rule about repeated delivery."""
        return []

    def make_items(self, count: int) -> None:
        """Make `count` of each thing that the plugin's pages, cards and slots list, visible to everybody. Called again, it makes more.
        Needed by a plugin with pages, cards or slots."""
        raise NotImplementedError("override make_items: make so many of what the plugin's pages list")

    def hidden_pages(self) -> list[str]:
        """Addresses of things made for others, which `outsider` may not see; they must answer as what does not exist."""
        return []

    def subject_for(self, slot: str) -> Any:
        """What the page of a slot is about; None leaves the slot out of the rules that ask it."""
        return None

    def state_to_compare(self) -> Any:
        """What must be the same after handlers were called twice; by default the numbers of rows of the plugin's models."""
        return {model._meta.label: model._default_manager.count() for model in self._app().get_models()}

    def person(self) -> Any:
        """A person who may use everything; override for somebody with a member file. Whoever a rule asks for is made once for it."""
        users = get_user_model()._default_manager
        return users.filter(username="contract").first() or users.create(
            username="contract", is_superuser=True, is_active=True
        )

    def stranger(self) -> Any:
        """A person without any right."""
        users = get_user_model()._default_manager
        return users.filter(username="stranger").first() or users.create(username="stranger", is_active=True)

    def outsider(self) -> Any:
        """A person who may use the plugin's pages, but is none of those for whom `hidden_pages` are."""
        return self.stranger()

    # --- helpers --------------------------------------------------------------------------------------------------------

    @pytest.fixture(autouse=True)
    def _switched_on(self, request: pytest.FixtureRequest) -> None:
        """External plugins are off until somebody switches them on, here for every rule that has a database."""
        if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
            request.getfixturevalue("db")
            switch_on(self.plugin)

    def _plugin(self) -> Plugin:
        return registry.plugin(self.plugin)

    def _source(self) -> Source:
        return next(source for source in registry.sources() if source.name == self.plugin)

    def _app(self) -> Any:
        return apps.get_app_config(self.plugin)

    def _folder(self) -> Path:
        return registry.found_plugin(self.plugin).folder

    def _files(self, *patterns: str) -> list[Path]:
        """Files of the plugin, without its tests."""
        tests = self._folder() / "tests"
        found = (path for pattern in patterns for path in self._folder().rglob(pattern))
        return sorted(path for path in found if tests not in path.parents)

    def _request(self, path: str = "/", user: Any = None) -> Any:
        request = RequestFactory().get(path)
        request.user = user or self.person()
        return request

    def _switch(self, *, enabled: bool) -> None:
        state.switch(self.plugin, enabled=enabled, site_id=state.default_site_id(), actor=self.person())

    def _patterns(self) -> list[URLPattern]:
        """All addresses of the plugin's pages."""
        if not self._plugin().urls:
            return []
        return list(_all_patterns(self._plugin().load(self._plugin().urls).urlpatterns))

    def _pages(self) -> list[str]:
        """Addresses of the plugin that need no argument."""
        return [address for address, _pattern in self._pages_and_patterns()]

    def _pages_and_patterns(self) -> list[tuple[str, URLPattern]]:
        return [
            (reverse(f"{self.plugin}:{pattern.name}"), pattern)
            for pattern in self._patterns()
            if pattern.name
            and not pattern.pattern.converters
            and "GET" in getattr(pattern.callback, "allowed", {"GET"})
        ]

    def _api_lists(self) -> list[str]:
        """Addresses of the API that are read and need no argument."""
        if not self._plugin().api:
            return []
        prefix = f"/api/v1/p/{self.plugin}"
        return [
            f"{prefix}{path if path.startswith('/') else f'/{path}'}"
            for path, view in self._plugin().load(self._plugin().api).path_operations.items()
            if "{" not in path and any("GET" in operation.methods for operation in view.operations)
        ]

    def _listed_or_skip(self, count: int) -> None:
        """Make things to list; a plugin that lists nothing need not say how."""
        plugin = self._plugin()
        if not (plugin.urls or plugin.cards or plugin.slots):
            pytest.skip("nothing is listed")
        self.make_items(count)

    def _deliver(self, event: Event) -> None:
        entry = OutboxEntry(name=event.name, version=event.version, payload=event.to_json())
        for consumer in consumers().values():
            if consumer.name.startswith(f"plugins.{self.plugin}.") and event.name in consumer.events:
                consumer.handle([entry])

    def _run_tasks(self) -> None:
        for task in self._source().tasks:
            delivery._runner(self._source(), task)(None)  # type: ignore[arg-type]

    @contextmanager
    def _raising(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """While open, everything that the host loads from this plugin raises when called."""
        load_as_it_is = Source.load

        def load(source: Source, target: Any) -> Callable[..., Any]:
            if source.name != self.plugin:
                return load_as_it_is(source, target)  # type: ignore[no-any-return]

            def boom(*_args: Any, **_kwargs: Any) -> Any:
                raise Boom("made to fail")

            return boom

        with monkeypatch.context() as patch:
            patch.setattr("plugins.host.sources.Source.load", load)
            yield


def _once(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A method that makes somebody, made to give the same person however often a rule or the author asks."""
    made: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    @functools.wraps(make)
    def once(self: Any) -> Any:
        if self not in made:
            made[self] = make(self)
        return made[self]

    return once


def _all_patterns(patterns: Any) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _all_patterns(pattern.url_patterns)
        else:
            yield pattern
