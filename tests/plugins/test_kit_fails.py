"""Every rule of the contract kit can fail: each is tried against a plugin, or a host, that breaks it."""

import inspect
from dataclasses import replace
from types import SimpleNamespace

import pytest
from django import forms
from django.db.migrations.operations import RunSQL
from django.db.models import Q
from django.http import HttpResponse
from django.urls import path

from plugins.bundled.quizzes.domain import queries as quizzes_queries
from plugins.bundled.quizzes.models import Paper
from plugins.bundled.quizzes.web import urls as quizzes_urls
from plugins.bundled.quizzes.web import views as quizzes_views
from plugins.host import faults, leftovers, registry, render
from plugins.sdk import MenuItem
from plugins.testing import PluginContract, rules_data
from portal.organisations.models import Organisation
from portal.public import facts
from tests.plugins import test_contract

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PLUGINS = {
    "points": test_contract.TestPoints,
    "quizzes": test_contract.TestQuizzes,
    "disclosure": test_contract.TestDisclosure,
}
TOO_SLOW_TO_TRY = {
    "test_manifest_is_valid_and_readable_without_importing_code",
    "test_plugin_class_imports_no_models",
    "test_models_and_migrations_agree_here_and_in_the_core",
}
"""Each starts a process or looks through all models; that they can fail is seen whenever a plugin is written."""


def _fails(kit, rule, monkeypatch):
    """The rule runs to its end neither in peace nor by skipping."""
    wanted = {"monkeypatch": monkeypatch, "db": None}
    method = getattr(kit, rule)
    with pytest.raises((AssertionError, AttributeError)):
        method(**{name: wanted[name] for name in inspect.signature(method).parameters})


# --- a host whose switch does nothing, whose faults are not seen -------------------------------------------------------

SWITCH = [
    ("quizzes", "test_off_means_every_page_answers_404"),
    ("quizzes", "test_off_means_every_api_route_answers_404"),
    ("quizzes", "test_off_means_no_menu_no_card_no_slot"),
    ("disclosure", "test_off_means_it_is_asked_nowhere"),
    ("quizzes", "test_off_on_one_site_leaves_the_other_alone"),
    ("quizzes", "test_off_means_its_search_kinds_are_inactive_and_on_means_they_are_not"),
    ("quizzes", "test_off_means_none_of_its_point_rules_counts"),
    ("points", "test_off_means_events_and_tasks_do_nothing"),
]


@pytest.mark.parametrize(("plugin", "rule"), SWITCH)
def test_rule_about_being_off_fails_when_the_switch_does_nothing(plugin, rule, monkeypatch):
    kit = PLUGINS[plugin]()
    monkeypatch.setattr(kit, "_switch", lambda **_: None)

    _fails(kit, rule, monkeypatch)


FAULTS = [
    ("quizzes", "test_contribution_that_raises_leaves_the_page_and_records_one_fault"),
    ("quizzes", "test_figure_column_action_and_validator_that_raise_are_contained"),
]


@pytest.mark.parametrize(("plugin", "rule"), FAULTS)
def test_rule_about_faults_fails_when_none_is_recorded(plugin, rule, monkeypatch):
    kit = PLUGINS[plugin]()
    monkeypatch.setattr(faults, "record", lambda *_: None)

    _fails(kit, rule, monkeypatch)


# --- plugins that break one rule ---------------------------------------------------------------------------------------


def _unmarked_page(kit, monkeypatch):
    bare = path("bare/", lambda _request: HttpResponse(), name="bare")
    monkeypatch.setattr(quizzes_urls, "urlpatterns", [*quizzes_urls.urlpatterns, bare])


def _unmarked_route(kit, monkeypatch):
    operation = next(iter(kit._plugin().load(kit._plugin().api).path_operations.values())).operations[0]
    monkeypatch.delattr(operation.view_func, "required_right")


def _page_open_to_more_than_it_says(kit, monkeypatch):
    monkeypatch.setattr(quizzes_views.papers, "required_right", "quizzes.manage")


def _shows_everything_to_everybody(kit, monkeypatch):
    monkeypatch.setattr(facts, "visible_filter", lambda *_: Q())


def _asks_for_no_right(kit, monkeypatch):
    monkeypatch.setattr(render, "allowed", lambda *_: True)


def _counts_every_delivery(kit, monkeypatch):
    told = iter(range(9))
    monkeypatch.setattr(kit, "state_to_compare", lambda: next(told))


def _asks_for_each_row(kit, monkeypatch):
    as_it_is = quizzes_queries.states_for

    def asking(papers, member_uid):
        for paper in papers:
            Paper.objects.filter(pk=paper.pk).exists()
        return as_it_is(papers, member_uid)

    monkeypatch.setattr(quizzes_queries, "states_for", asking)


def _asks_for_each_row_of_its_card(kit, monkeypatch):
    as_it_is = render.render_piece

    def asking(request, template, data):
        for paper in Paper.objects.all():
            paper.questions.count()
        return as_it_is(request, template, data)

    monkeypatch.setattr(render, "render_piece", asking)


def _documents(change):
    def break_it(kit, monkeypatch):
        as_it_is = rules_data.documents_of
        rows = lambda *of: lambda uids: [change(document) for document in as_it_is(*of)(uids)]  # noqa: E731
        for module in ("rules_data", "rules_speed"):
            monkeypatch.setattr(f"plugins.testing.{module}.documents_of", rows)

    return break_it


def _asking(document):
    Paper.objects.count()
    return document


def _stays_behind(kit, monkeypatch):
    faults.record("quizzes", "slot:x", ValueError("x"))
    monkeypatch.setattr(leftovers, "delete_leftovers", lambda _slug: {})


def _declares(**attributes):
    def break_it(kit, monkeypatch):
        for name, value in attributes.items():
            monkeypatch.setattr(type(kit._plugin()), name, value)

    return break_it


def _has(**attributes):
    def break_it(kit, monkeypatch):
        for name, value in attributes.items():
            monkeypatch.setattr(kit, name, value)

    return break_it


def _nobody_to_erase(kit, monkeypatch):
    monkeypatch.setattr("plugins.host.personal.holders", lambda: [_Restless()])


class _Restless:
    name = "plugins.quizzes.0"

    @staticmethod
    def export(_person):
        return []

    @staticmethod
    def erase(_person):
        return type("Erased", (), {"rows": 1})


def _form_that_forgets(kit, monkeypatch):
    class Forgetful(forms.Form):
        goal = forms.IntegerField(initial=1)

        def clean_goal(self):
            return self.cleaned_data["goal"] + 1

    load = type(kit._plugin()).load
    monkeypatch.setattr(
        type(kit._plugin()),
        "load",
        lambda self, target: Forgetful if "Settings" in str(target) else load(self, target),
    )


def _points_at_it(kit, monkeypatch):
    monkeypatch.setattr(kit, "_app", lambda: SimpleNamespace(get_models=lambda **_: [Organisation]))


def _without_english_name(kit, monkeypatch):
    found = registry.found_plugin("quizzes")
    manifest = replace(found.manifest, name_en="考试")
    monkeypatch.setattr(registry, "found_plugin", lambda _slug: replace(found, manifest=manifest))


RULES = {
    "test_every_dotted_path_resolves": _declares(urls=".nowhere"),
    "test_every_page_declares_its_right": _unmarked_page,
    "test_every_api_route_declares_its_right": _unmarked_route,
    "test_page_that_needs_a_right_answers_403_without_it_and_leads_to_the_login_page": _page_open_to_more_than_it_says,
    "test_what_one_may_not_see_answers_404_as_what_does_not_exist": _shows_everything_to_everybody,
    "test_things_of_another_organisation_are_shown_nowhere": _shows_everything_to_everybody,
    "test_pages_ask_the_database_as_often_for_three_as_for_one": _asks_for_each_row,
    "test_cards_and_slots_ask_the_database_as_often_for_three_as_for_one": _asks_for_each_row_of_its_card,
    "test_search_documents_ask_the_database_as_often_for_three_as_for_one": _documents(_asking),
    "test_every_search_document_belongs_to_the_plugin_and_says_who_may_find_it": _documents(
        lambda document: replace(document, tokens=frozenset())
    ),
    "test_removal_leaves_no_row_behind": _stays_behind,
    "test_models_that_name_a_person_have_their_personal_data_declared": _declares(personal_data=()),
    "test_personal_data_answers_for_a_stranger_and_erasing_may_be_repeated": _nobody_to_erase,
    "test_migrations_touch_only_own_tables_and_all_are_there": _has(reviewed_operations=("0001_initial: RunSQL",)),
    "test_no_table_of_another_app_points_to_its_tables": _points_at_it,
    "test_every_label_has_an_english_text": _declares(menu=(MenuItem("栏", "/"),)),
    "test_name_and_description_are_in_both_languages": _without_english_name,
}


@pytest.mark.parametrize("rule", RULES)
def test_rule_fails_for_a_plugin_that_breaks_it(rule, monkeypatch):
    kit = PLUGINS["quizzes"]()
    RULES[rule](kit, monkeypatch)

    _fails(kit, rule, monkeypatch)


OF_POINTS = {
    "test_without_a_right_nothing_is_shown_that_needs_it": _asks_for_no_right,
    "test_handlers_delivered_twice_leave_the_same_state": _counts_every_delivery,
    "test_settings_survive_a_round_trip": _form_that_forgets,
}


@pytest.mark.parametrize("rule", OF_POINTS)
def test_rule_fails_for_a_ledger_that_breaks_it(rule, monkeypatch):
    kit = PLUGINS["points"]()
    OF_POINTS[rule](kit, monkeypatch)

    _fails(kit, rule, monkeypatch)


FILES = [
    ("test_templates_escape_data_and_load_nothing_from_outside", "templates/quizzes/a.html", "{{ body|safe }}"),
    ("test_browser_assets_load_nothing_from_outside", "static/quizzes/a.js", 'import "//cdn.example.com/x.js"'),
    ("test_templates_lie_in_a_folder_of_the_slug", "templates/base.html", ""),
    ("test_templates_extend_only_public_blocks", "templates/quizzes/a.html", '{% extends "pages/home.html" %}'),
    ("test_every_text_has_an_english_one_that_is_compiled", "a.py", 'text = _("没有译文")'),
    ("test_code_imports_only_the_sdk_and_the_public_part_of_the_portal", "a.py", "from portal.news import models"),
    ("test_it_brings_no_hooks_or_middleware", "wagtail_hooks.py", ""),
]


@pytest.mark.parametrize(("rule", "name", "text"), FILES)
def test_rule_fails_for_a_file_that_breaks_it(rule, name, text, monkeypatch, tmp_path):
    kit = PLUGINS["quizzes"]()
    for file, content in (("locale/en/LC_MESSAGES/django.po", 'msgid ""\nmsgstr ""\n'), (name, text)):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(content, encoding="utf-8")
    monkeypatch.setattr(kit, "_folder", lambda: tmp_path)

    _fails(kit, rule, monkeypatch)


def test_rule_fails_for_a_migration_that_cannot_be_unapplied(monkeypatch):
    fixed = SimpleNamespace(operations=[RunSQL("SELECT 1")])
    loader = SimpleNamespace(disk_migrations={("quizzes", "0009_fixed"): fixed})
    monkeypatch.setattr(rules_data, "MigrationLoader", lambda _connection: loader)

    _fails(PLUGINS["quizzes"](), "test_migrations_can_be_unapplied", monkeypatch)


def test_every_rule_is_tried():
    tried = {rule for _plugin, rule in (*SWITCH, *FAULTS)} | set(RULES) | set(OF_POINTS) | {rule for rule, *_ in FILES}
    tried |= {"test_migrations_can_be_unapplied", *TOO_SLOW_TO_TRY}

    assert {name for name in dir(PluginContract) if name.startswith("test_")} - tried == set()


def test_whoever_a_rule_asks_for_is_made_once(django_user_model):
    class Author(PluginContract):
        def outsider(self):
            return django_user_model._default_manager.create(username="only-once")

    kit = Author()

    assert kit.outsider() == kit.outsider()
    assert django_user_model._default_manager.filter(username="only-once").count() == 1


def test_organisation_alone_and_audience_make_a_thing_somebodys():
    kit = PLUGINS["disclosure"]()

    assert {model.__name__: field for model, field in kit._owned_models().items()} == {
        "Item": "audience",
        "SheetPage": "audience",
    }
