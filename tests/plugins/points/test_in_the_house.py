"""Each point where people meet it: the editor's form, the list of pages, the workbench, the administration."""

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from django.urls import reverse
from wagtail.models import Site, Workflow
from wagtail.test.utils.form_data import nested_form_data, streamfield

from plugins.host import faults, plugin_settings, state
from plugins.host.models import PluginFault, PluginSettings
from plugins.sdk import Figure, PageColumn, Plugin, Refusal, SettingsForm, Tile, Validator, settings_of
from portal.ground.clock import today
from portal.ground.models import OutboxEntry
from portal.news.models import ArticlePage
from portal.organisations.domain.audiences import members_audience
from portal.pages.models import ColumnPage
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user
from tests.factories.pages import make_column, make_site
from tests.plugins.bundled.quizzes.makers import make_paper
from tests.plugins.points.probes import asset_probe, assets_seen

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def house():
    """A committee with a branch, a site, and the column of disclosure."""

    class House:
        committee = make_committee()
        branch = make_branch(committee, "检修一班党支部")
        site = make_site(committee)
        column = make_column(site, "党务公开", owner_organisation=branch)

    return House


def _signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def _form(body=(), **fields):
    return nested_form_data(
        {
            "title": "无期间的文章",
            "slug": "",
            "summary": "",
            "display_date": "2026-11-01",
            "secrecy": "0",
            "source": "",
            "body": streamfield(body),
            "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0},
            "gallery": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0},
            "attachments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0},
            **fields,
        }
    )


def _article(house, **fields):
    column = ColumnPage.objects.get(pk=house.column.pk)
    page = column.add_child(instance=ArticlePage(title="无期间的文章", live=False, **fields))
    page.save_revision()
    return page


# --- validators -------------------------------------------------------------------------------------------------------


def test_validator_refuses_publishing_in_the_form_and_nothing_typed_is_lost(house):
    page = _article(house)
    editor = _signed_in(make_staff("admin", house.committee))

    answer = editor.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]), {**_form(summary="我写了很久"), "action-publish": "1"}
    )

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "要写明所属期间" in html
    assert "我写了很久" in html
    page.refresh_from_db()
    assert page.live is False


def test_validator_that_is_satisfied_lets_the_page_go_live(house):
    page = _article(house)
    editor = _signed_in(make_staff("admin", house.committee))

    editor.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        {**_form(title="2026 年第三季度党费收缴情况"), "action-publish": "1"},
    )

    page.refresh_from_db()
    assert page.live is True


def test_validator_refuses_a_new_page_which_is_kept_as_a_draft(house):
    editor = _signed_in(make_staff("admin", house.committee))
    address = reverse("wagtailadmin_pages:add", args=["news", "articlepage", house.column.pk])

    answer = editor.post(address, {**_form(), "action-publish": "1"})

    page = ArticlePage.objects.get(title="无期间的文章")
    assert page.live is False
    assert answer.url == reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert any("要写明所属期间" in str(message) for message in get_messages(answer.wsgi_request))


def test_validator_refuses_on_every_other_way(house):
    page = _article(house)

    with pytest.raises(Refusal, match="所属期间"):
        page.get_latest_revision().publish()
    with pytest.raises(Refusal, match="所属期间"):
        Workflow.objects.first().start(page, make_user())

    page.refresh_from_db()
    assert page.live is False
    assert page.current_workflow_state is None


def test_validator_of_a_plugin_that_is_off_is_not_asked(house):
    state.switch("disclosure", enabled=False, site_id=state.default_site_id())
    page = _article(house)

    page.get_latest_revision().publish()

    page.refresh_from_db()
    assert page.live is True


def test_validator_that_is_broken_passes_or_refuses_as_declared(house, add_plugin):
    def boom(_context):
        raise RuntimeError("broken")

    class Lenient(Plugin):
        validators = (Validator("page.delete", boom),)

    class Strict(Plugin):
        validators = (Validator("page.delete", boom, when_broken="refuse"),)

    first, second = _article(house), _article(house)
    add_plugin(Lenient, "lenient")
    first.delete()
    add_plugin(Strict, "strict")

    with pytest.raises(Refusal, match="暂时不能进行"):
        second.delete()

    assert ArticlePage.objects.filter(pk=second.pk).exists()
    assert set(PluginFault.objects.values_list("slug", flat=True)) == {"lenient"}


@pytest.mark.django_db(transaction=True)
def test_fault_behind_a_refusal_is_kept_though_the_deed_is_undone():
    @transaction.atomic
    def refused():
        faults.record("strict", "validator:page.delete:boom", RuntimeError("broken"))
        raise Refusal("nein")

    with pytest.raises(Refusal):
        refused()
    lost = PluginFault.objects.count()

    Client().get("/p/ghost/")

    assert (lost, PluginFault.objects.get().count) == (0, 1)


# --- the list of pages ------------------------------------------------------------------------------------------------


def test_page_column_and_page_action_stand_in_the_list_of_pages(house, add_plugin):
    class Listed(Plugin):
        page_columns = (PageColumn("字数", lambda context: dict.fromkeys(context.page_ids, "十二字"), "Words"),)

    page = _article(house)
    add_plugin(Listed)
    editor = _signed_in(make_staff("admin", house.committee))
    address = reverse("wagtailadmin_explore", args=[house.column.pk])

    on = editor.get(address).content.decode()
    state.switch("trial", enabled=False, site_id=state.default_site_id())
    off = editor.get(address).content.decode()

    assert page.title in on
    assert on.count("十二字") == 1
    assert "字数" in on
    assert "字数" not in off
    assert page.title in off


def test_page_column_is_asked_once_however_many_pages(house, add_plugin, django_assert_max_num_queries):
    asked = []

    class Listed(Plugin):
        page_columns = (PageColumn("字数", lambda context: asked.append(context.page_ids) or {}, "Words"),)

    for _ in range(3):
        _article(house)
    add_plugin(Listed)
    _signed_in(make_staff("admin", house.committee)).get(reverse("wagtailadmin_explore", args=[house.column.pk]))

    assert [len(page_ids) for page_ids in asked] == [3]


# --- tiles ------------------------------------------------------------------------------------------------------------


def test_tile_stands_on_the_page_of_figures_and_a_broken_one_says_so(add_plugin):
    def boom(_context):
        raise RuntimeError("geheim")

    class Tiles(Plugin):
        tiles = (
            Tile("good", "好数", lambda context: Figure(12345.678, "说明", -3), "Good", unit="人次", unit_en="times"),
            Tile("bad", "坏数", boom, "Bad"),
            Tile("none", "无数", lambda context: None, "None"),
            Tile("secret", "密数", lambda context: Figure(1), "Secret", needs="plugins.manage"),
        )

    add_plugin(Tiles)
    html = _signed_in(make_user()).get(reverse("workbench:figures")).content.decode()

    assert "12,345.68" in html
    assert "人次" in html
    assert "-3" in html
    assert "坏数" in html
    assert html.count("暂不可用") == 1
    assert "geheim" not in html
    assert "无数" not in html
    assert "密数" not in html


def test_tile_of_points_counts_what_was_given_this_month():
    from plugins.bundled.points.domain.ledger import credit_points
    from plugins.bundled.points.models import Rule
    from portal.ground.clock import now

    rule = Rule.objects.create(code="trial", label="试验", points=7, source="试验规则")
    credit_points(rule=rule, member_uid=make_member().uid, event_key="k", about="事由", occurred_at=now())

    html = _signed_in(make_user()).get(reverse("workbench:figures")).content.decode()

    assert "本月积分" in html
    assert "<strong>7</strong>" in html


# --- menu of the workbench --------------------------------------------------------------------------------------------


def test_menu_item_of_the_workbench_is_on_the_workbench():
    client = _signed_in(make_member(user=make_user()).user)

    on = client.get(reverse("workbench:home")).content.decode()
    state.switch("points", enabled=False, site_id=state.default_site_id())
    off = client.get(reverse("workbench:home")).content.decode()

    assert 'href="/p/points/"' in on
    assert reverse("workbench:figures") in on
    assert 'href="/p/points/"' not in off


# --- assets -----------------------------------------------------------------------------------------------------------


def test_assets_come_with_the_pages_they_are_meant_for(add_plugin, page, client):
    quiz, home = client.get(reverse("quizzes:papers")).content.decode(), client.get("/workbench/").content.decode()

    assert "quizzes/quizzes" in quiz
    assert '<script src="/static/quizzes/paper' in quiz
    assert "quizzes/paper" not in home
    assert "quizzes/paper" in assets_seen(page("/en/p/quizzes/"))
    assert assets_seen(page("/search/")) == ""


def test_assets_that_are_not_there_or_somebody_elses_never_reach_a_page(add_plugin, page, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    add_plugin(asset_probe())
    seen = assets_seen(page("/search/"))
    foreign = type("Foreign", (Plugin,), {"assets": (asset_probe().assets[0],)})

    assert "trial/" not in seen
    assert PluginFault.objects.filter(slug="trial").exists()
    with pytest.raises(ValueError, match=r"must be a \.js file below"):
        add_plugin(foreign, "other")


# --- settings ---------------------------------------------------------------------------------------------------------

SETTINGS = "plugins_settings"


def test_settings_form_has_defaults_then_what_was_saved_for_this_site():
    admin = _signed_in(make_user(is_superuser=True))
    before = settings_of("points")["annual_goal"]

    answer = admin.post(reverse(SETTINGS, args=["points"]), {"annual_goal": "60", "goal_note": "党委会 2026-01-08"})

    assert before == 0
    assert answer.status_code == 302
    assert dict(settings_of("points")) == {"annual_goal": 60, "goal_note": "党委会 2026-01-08"}
    assert PluginSettings.objects.get().site_id == state.default_site_id()
    line = OutboxEntry.objects.get(name="audit.line", payload__action="plugins.settings").payload
    assert line["detail"]["changed"] == ["annual_goal", "goal_note"]
    assert "党委会" not in str(line)


def test_settings_of_another_site_do_not_hold_here():
    other = Site.objects.create(
        hostname="other.example", root_page_id=Site.objects.get(is_default_site=True).root_page_id
    )
    PluginSettings.objects.create(site_id=other.pk, slug="points", values={"annual_goal": 77})
    client = _signed_in(make_member(user=make_user()).user)

    here = client.get(reverse("points:mine")).content.decode()
    there = client.get(reverse("points:mine"), headers={"host": "other.example"}).content.decode()

    assert "77 分" not in here
    assert "今年的目标：77 分" in there


def test_settings_form_with_errors_keeps_the_last_good_values_and_what_was_typed():
    admin = _signed_in(make_user(is_superuser=True))
    admin.post(reverse(SETTINGS, args=["points"]), {"annual_goal": "60", "goal_note": ""})

    answer = admin.post(reverse(SETTINGS, args=["points"]), {"annual_goal": "-5", "goal_note": "打过的字"})

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "没有保存" in html
    assert "打过的字" in html
    assert settings_of("points")["annual_goal"] == 60


def test_settings_form_of_another_plugin_without_one_or_switched_off_is_not_there():
    admin = _signed_in(make_user(is_superuser=True))
    state.switch("points", enabled=False, site_id=state.default_site_id())

    assert admin.get(reverse(SETTINGS, args=["points"])).status_code == 404
    assert admin.get(reverse(SETTINGS, args=["quizzes"])).status_code == 404
    assert admin.get(reverse(SETTINGS, args=["ghost"])).status_code == 404


def test_settings_form_that_fails_says_so_and_what_was_saved_still_holds(add_plugin):
    class Broken(Plugin):
        settings_form = SettingsForm("no.such.module.Form")

    plugin = add_plugin(Broken)
    PluginSettings.objects.create(site_id=state.default_site_id(), slug="trial", values={"kept": 1})
    admin = _signed_in(make_user(is_superuser=True))

    answer = admin.get(reverse(SETTINGS, args=["trial"]))

    assert answer.status_code == 503
    assert "暂时打不开" in answer.content.decode()
    assert settings_of(plugin)["kept"] == 1
    assert PluginFault.objects.filter(slug="trial", point=plugin_settings.POINT).exists()


def test_settings_form_drives_what_members_see():
    PluginSettings.objects.create(site_id=state.default_site_id(), slug="points", values={"annual_goal": 60})
    client = _signed_in(make_member(user=make_user()).user)

    assert "今年的目标：60 分" in client.get(reverse("points:mine")).content.decode()


# --- blocks -----------------------------------------------------------------------------------------------------------


def _with_quiz(house, paper):
    page = _article(
        house, body=[{"type": "quizzes_quiz", "value": {"paper": f"/p/quizzes/{paper.uid}/", "invitation": ""}}]
    )
    page.title = f"{today().year} 年度考试"
    page.save_revision().publish()
    return ArticlePage.objects.get(pk=page.pk)


def test_block_of_a_plugin_is_shown_while_on_and_its_data_kept_while_off(house):
    client, paper = _signed_in(make_member(user=make_user()).user), make_paper(audience=members_audience())
    page = _with_quiz(house, paper)

    on = client.get(page.url).content.decode()
    state.switch("quizzes", enabled=False, site_id=state.default_site_id())
    off = client.get(page.url).content.decode()
    page.save()
    state.switch("quizzes", enabled=True, site_id=state.default_site_id())
    again = client.get(page.url).content.decode()

    assert "参加考试" in on
    assert "参加考试" not in off
    assert "参加考试" in again


def test_block_that_fails_renders_nothing_and_keeps_its_data(house, client, monkeypatch):
    page = _with_quiz(house, make_paper())

    def boom(*_args, **_kwargs):
        raise RuntimeError("geheim")

    monkeypatch.setattr("plugins.bundled.quizzes.blocks.papers_for", boom)

    answer = client.get(page.url)

    assert answer.status_code == 200
    assert "geheim" not in answer.content.decode()
    assert PluginFault.objects.get().point == "block:quiz"
    assert ArticlePage.objects.get(pk=page.pk).body.raw_data[0]["type"] == "quizzes_quiz"


def test_block_is_offered_to_editors_only_while_its_plugin_is_on(house):
    page = _with_quiz(house, make_paper())
    editor = _signed_in(make_staff("admin", house.committee))
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])

    on = editor.get(address).content.decode()
    state.switch("quizzes", enabled=False, site_id=state.default_site_id())
    off = editor.get(address).content.decode()

    assert "quizzes_quiz" in on
    assert "&quot;hidden&quot;: []" in on
    assert "&quot;hidden&quot;: [&quot;quizzes_quiz&quot;]" in off
    assert "shared/open_stream" in on
