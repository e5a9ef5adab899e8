"""Rules about the plugin's tables, what it puts into others', and that all of it can go again."""

# ruff: noqa: S101 - these are tests

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel, RunPython, RunSQL, SeparateDatabaseAndState

from plugins.host import leftovers, personal
from plugins.host.searching import documents_of
from plugins.sdk import Person, new_uid
from plugins.testing.base import ContractBase
from portal.ground.personal import checked_table


class DataRules(ContractBase):
    """Own tables, search documents, personal data, settings, removal."""

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

    def test_migrations_can_be_unapplied(self) -> None:
        loader = MigrationLoader(None)
        fixed = [
            f"{name}: {type(operation).__name__}"
            for (label, name), migration in loader.disk_migrations.items()
            if label == self.plugin
            for operation in migration.operations
            if not operation.reversible
        ]

        assert fixed == []

    @pytest.mark.django_db
    def test_models_and_migrations_agree_here_and_in_the_core(self) -> None:
        said = StringIO()
        try:
            call_command("makemigrations", check_changes=True, dry_run=True, stdout=said, stderr=said)
        except SystemExit:
            pytest.fail(said.getvalue())

    def test_no_table_of_another_app_points_to_its_tables(self) -> None:
        own = set(self._app().get_models(include_auto_created=True))
        pointing = [
            f"{model._meta.label}.{field.name}"
            for model in apps.get_models(include_auto_created=True)
            if model not in own
            for field in model._meta.local_fields
            if field.is_relation and field.related_model in own
        ]

        assert pointing == []

    @pytest.mark.django_db
    def test_removal_leaves_no_row_behind(self) -> None:
        plugin = self._plugin()
        if plugin.urls or plugin.cards or plugin.slots:
            self.make_items(1)  # what it makes in the core for itself (people, audiences) is there then
        before = self._rows_elsewhere()
        for event in self.sample_events():
            self._deliver(event)

        leftovers.delete_leftovers(self.plugin)

        assert [left.what for left in leftovers.leftovers_of(self.plugin, with_types=False) if left.count] == []
        after = self._rows_elsewhere()
        assert {table: count for table, count in after.items() if count > before.get(table, 0)} == {}

    def _rows_elsewhere(self) -> dict[str, int]:
        """Numbers of rows of all tables but the plugin's own and those that tell what was done."""
        own = {model._meta.db_table for model in self._app().get_models(include_auto_created=True)}
        lasting = leftovers.LASTING_TABLES | {"ground_outboxentry", "ground_delivery"}
        return {
            model._meta.db_table: model._base_manager.count()
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed and not model._meta.proxy and model._meta.db_table not in own | lasting
        }

    @pytest.mark.django_db
    def test_every_search_document_belongs_to_the_plugin_and_says_who_may_find_it(self) -> None:
        for item in self._plugin().search:
            for document in documents_of(self._source(), item)(None):
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

    @pytest.mark.django_db
    def test_settings_survive_a_round_trip(self) -> None:
        declared = self._plugin().settings_form
        if declared is None:
            pytest.skip("it has no settings")
        form_class = self._plugin().load(declared.form)
        defaults = {
            name: form_class().get_initial_for_field(field, name) for name, field in form_class().fields.items()
        }
        bound = form_class(data=_as_posted(form_class, defaults))

        assert bound.is_valid(), bound.errors
        again = form_class(data=_as_posted(form_class, json.loads(json.dumps(bound.cleaned_data))))
        assert again.is_valid(), again.errors
        assert again.cleaned_data == bound.cleaned_data


def _as_posted(form_class: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Values as a browser would send them: what is off is not sent."""
    return {
        name: value
        for name, value in values.items()
        if value is not None and value is not False and name in form_class.base_fields
    }
