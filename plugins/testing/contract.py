"""The contract kit: one class, each rule a test with its name. Needs pytest-django, a database and the plugin installed."""

# ruff: noqa: S101 - these are tests

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel, RunPython, RunSQL, SeparateDatabaseAndState
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, reverse

from plugins.host import delivery, faults, personal, registry, render, state
from plugins.host.manifest import read_manifest
from plugins.host.models import PluginFault
from plugins.host.offers import offered
from plugins.host.searching import documents_of
from plugins.sdk import Event, Person, Plugin, new_uid
from portal.ground import suppliers
from portal.ground.models import OutboxEntry
from portal.ground.outbox import consumers
from portal.ground.personal import checked_table

FORBIDDEN_IN_TEMPLATES = ("http://", "https://", "|safe", "autoescape off", "<script>", "style=")


class Boom(Exception):
    """What the kit makes contributions raise."""


class PluginContract:
    """Every rule for one plugin. Set `plugin` to its slug. Where a rule needs an example that only the author can give,
    override the method that gives it."""

    plugin: str = ""
    reviewed_operations: tuple[str, ...] = ()
    """Migration operations that could touch anything ("0002_fill: RunPython"), after somebody has read them."""

    def sample_events(self) -> list[Event]:
        """One event for each handler of the plugin, made from existing rows; needed for the rule about repeated delivery."""
        return []

    def state_to_compare(self) -> Any:
        """What must be the same after handlers were called twice; by default the numbers of rows of the plugin's models."""
        return {model._meta.label: model._default_manager.count() for model in self._app().get_models()}

    def person(self) -> Any:
        """A person who may use everything; override for somebody with a member file."""
        users = get_user_model()._default_manager
        return users.filter(username="contract").first() or users.create(
            username="contract", is_superuser=True, is_active=True
        )

    # --- helpers --------------------------------------------------------------------------------------------------------

    def _plugin(self) -> Plugin:
        return registry.plugin(self.plugin)

    def _app(self) -> Any:
        return apps.get_app_config(self.plugin)

    def _folder(self) -> Path:
        return registry.found_plugin(self.plugin).folder

    def _request(self, path: str = "/") -> Any:
        request = RequestFactory().get(path)
        request.user = self.person()
        return request

    def _switch(self, *, enabled: bool) -> None:
        state.switch(self.plugin, enabled=enabled, site_id=state.default_site_id(), actor=self.person())

    def _pages(self) -> list[str]:
        """Addresses of the plugin that need no argument."""
        if not self._plugin().urls:
            return []
        patterns = self._plugin().load(self._plugin().urls).urlpatterns
        return [reverse(f"{self.plugin}:{name}") for name in _names_without_arguments(patterns)]

    @contextmanager
    def _raising(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """While open, everything that the host loads from the plugin raises when called."""

        def load(_plugin: Plugin, _target: Any) -> Callable[..., Any]:
            def boom(*_args: Any, **_kwargs: Any) -> Any:
                raise Boom("made to fail")

            return boom

        with monkeypatch.context() as patch:
            patch.setattr("plugins.host.sources.Source.load", load)
            yield

    # --- the manifest and the class -------------------------------------------------------------------------------------

    def test_manifest_is_valid_and_readable_without_importing_code(self) -> None:
        manifest = read_manifest(self._folder() / "plugin.toml")

        assert manifest.slug == self.plugin

    def test_every_dotted_path_resolves(self) -> None:
        registry.import_everything(self._plugin())

    def test_plugin_class_imports_no_models(self) -> None:
        package = self._plugin().package
        code = (
            "import sys, django\n"
            "from django.conf import settings\n"
            "settings.configure(INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth', 'portal.ground'], USE_TZ=True)\n"
            "django.setup()\n"
            f"import {package}.plugin\n"
            f"own = {{'{package}.plugin', '{package}.events'}}\n"
            f"print([name for name in sys.modules if name.startswith('{package}.') and name not in own])\n"
        )
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
        )

        assert done.returncode == 0, done.stderr[-2000:]
        assert done.stdout.strip() == "[]"

    def test_bundled_plugin_imports_only_the_sdk_and_the_public_part_of_the_portal(self) -> None:
        package = self._plugin().package
        if registry.found_plugin(self.plugin).origin != "bundled":
            pytest.skip("for bundled plugins")
        own = ("plugins.sdk", "portal.public", package)
        foreign = {
            f"{path.relative_to(self._folder())}: {name}"
            for path in self._folder().rglob("*.py")
            for name in _imported_names(path)
            if name.startswith(("plugins.", "portal.", "search", "media_pipeline")) and not name.startswith(own)
        }

        assert foreign == set()

    # --- switched off ---------------------------------------------------------------------------------------------------

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
    def test_off_means_no_menu_no_card_no_slot(self) -> None:
        self._switch(enabled=False)
        request = self._request()

        still_offered = [
            source.name
            for point in ("menu", "cards", "slots")
            for source, _item in offered(request, point)
            if source.name == self.plugin
        ]

        assert still_offered == []
        assert all(entry.source != self.plugin for entry in render.menu_of(request))
        assert all(card.source != self.plugin for card in render.cards_of(request))

    @pytest.mark.django_db
    def test_off_means_its_search_kinds_are_inactive_and_on_means_they_are_not(self) -> None:
        kinds = {source.kind for source in self._plugin().search}
        on = suppliers.inactive_kinds(state.default_site_id())
        self._switch(enabled=False)

        off = suppliers.inactive_kinds(state.default_site_id())

        assert kinds & on == set()
        assert kinds <= off

    @pytest.mark.django_db
    def test_off_means_events_and_tasks_do_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._switch(enabled=False)
        before = self.state_to_compare()

        for event in self.sample_events():
            self._deliver(event)
        with self._raising(monkeypatch):
            self._run_tasks()

        assert self.state_to_compare() == before

    # --- failing --------------------------------------------------------------------------------------------------------

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
            parts = [render.render_slot(self._request(), slot.slot, object()) for slot in plugin.slots]

        assert all(card.source != self.plugin for card in cards)
        assert all("made to fail" not in part for part in parts)
        found = PluginFault.objects.filter(slug=self.plugin).values_list("point", "count", "error")
        assert sorted(found) == sorted((point, 1, "Boom: made to fail") for point in set(asked))
        faults.forget_breakers()

    # --- events ---------------------------------------------------------------------------------------------------------

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

    def _deliver(self, event: Event) -> None:
        entry = OutboxEntry(name=event.name, version=event.version, payload=event.to_json())
        for consumer in consumers().values():
            if consumer.name.startswith(f"plugins.{self.plugin}.") and event.name in consumer.events:
                consumer.handle([entry])

    def _run_tasks(self) -> None:
        source = next(source for source in registry.sources() if source.name == self.plugin)
        for task in source.tasks:
            delivery._runner(source, task)(None)  # type: ignore[arg-type]

    # --- tables, search, templates --------------------------------------------------------------------------------------

    @pytest.mark.django_db
    def test_migrations_touch_only_own_tables_and_all_are_there(self) -> None:
        loader = MigrationLoader(connection)
        own = {key for key in loader.disk_migrations if key[0] == self.plugin}
        created = {
            operation.name.lower()
            for key in own
            for operation in loader.disk_migrations[key].operations
            if isinstance(operation, CreateModel)
        }
        tables = [model._meta.db_table for model in self._app().get_models(include_auto_created=True)]

        assert all(table.startswith(f"{self.plugin}_") for table in tables)
        assert {model._meta.model_name for model in self._app().get_models()} <= created
        opaque = [
            f"{name}: {type(operation).__name__}"
            for (_, name) in own
            for operation in loader.disk_migrations[(self.plugin, name)].operations
            if isinstance(operation, RunSQL | RunPython | SeparateDatabaseAndState)
        ]
        assert sorted(opaque) == sorted(self.reviewed_operations)

    @pytest.mark.django_db
    def test_every_search_document_belongs_to_the_plugin_and_says_who_may_find_it(self) -> None:
        source = next(source for source in registry.sources() if source.name == self.plugin)
        for item in self._plugin().search:
            for document in documents_of(source, item)(None):
                assert document.kind == item.kind
                assert document.tokens, f"{document.title} could be found by nobody"
                assert document.type in item.types

    def test_models_that_name_a_person_have_their_personal_data_declared(self) -> None:
        users = get_user_model()
        naming = [
            f"{model.__name__}.{field.name}"
            for model in self._app().get_models()
            for field in model._meta.get_fields()
            if field.name.startswith(("member_uid", "user_uid")) or getattr(field, "related_model", None) is users
        ]

        assert not naming or self._plugin().personal_data, f"{naming}: declare personal_data"

    @pytest.mark.django_db
    def test_personal_data_answers_for_a_stranger_and_erasing_may_be_repeated(self) -> None:
        person = self.person()
        known = Person(new_uid(), person.uid, person.pk)
        for asked in (Person(), known):
            for holder in personal.holders():
                if holder.name.split(".")[1] == self.plugin:
                    tables = [checked_table(holder.name, table) for table in holder.export(asked)]
                    assert all(set(row) <= set(table.columns) for table in tables for row in table.rows)
                    holder.erase(asked)
                    assert holder.erase(asked).rows == 0

    def test_templates_escape_data_and_load_nothing_from_outside(self) -> None:
        found = [
            f"{path.relative_to(self._folder())}: {mark}"
            for path in self._folder().glob("templates/**/*.html")
            for mark in FORBIDDEN_IN_TEMPLATES
            if mark in path.read_text(encoding="utf-8")
        ]

        assert found == []

    def test_templates_lie_in_a_folder_of_the_slug(self) -> None:
        top = self._folder() / "templates"

        assert {path.name for path in top.glob("*")} <= {self.plugin}

    def test_every_page_declares_its_right(self) -> None:
        if not self._plugin().urls:
            return
        patterns = self._plugin().load(self._plugin().urls).urlpatterns

        undeclared = [str(p.pattern) for p in _all_patterns(patterns) if not hasattr(p.callback, "required_right")]

        assert undeclared == []

    def test_every_label_has_an_english_text(self) -> None:
        plugin = self._plugin()
        labelled = [*plugin.menu, *plugin.cards, *plugin.search, *plugin.points, *plugin.permissions]

        assert [str(item.label) for item in labelled if not item.label_en] == []


def _all_patterns(patterns: Any) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _all_patterns(pattern.url_patterns)
        else:
            yield pattern


def _names_without_arguments(patterns: Any) -> list[str]:
    return [
        pattern.name
        for pattern in _all_patterns(patterns)
        if pattern.name and not pattern.pattern.converters and "GET" in getattr(pattern.callback, "allowed", {"GET"})
    ]


def _imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
