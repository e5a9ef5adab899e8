"""Addresses of plugins: gone while off, and an error page of their own."""

import dataclasses

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, reverse

from plugins.host import doctor, registry, state
from plugins.host.gate import gate_patterns, site_gate
from plugins.host.models import PluginFault
from plugins.sdk import Plugin, open_to_all
from portal.basepage.models import BasePage
from portal.news.models import ArticlePage
from tests.factories import make_committee, make_staff
from tests.factories.pages import make_article, make_column, make_site

pytestmark = pytest.mark.django_db


class Small(Plugin):
    pass


@open_to_all
def fine(request, **_kwargs):
    return HttpResponse("好")


def broken(request):
    raise RuntimeError("geheim")


def _off(slug="trial"):
    state.switch(slug, enabled=False, site_id=state.default_site_id())


def test_gate_answers_the_view_while_on_and_404_while_off(add_plugin, page):
    add_plugin(Small)
    gated = site_gate("trial", fine)

    assert gated(page()).content.decode() == "好"
    _off()
    with pytest.raises(Http404):
        gated(page())


def test_gate_keeps_the_declared_right_of_the_view():
    assert site_gate("trial", fine).required_right == "open"


def test_gate_turns_an_exception_into_the_plugins_error_page_and_a_fault(add_plugin, page):
    add_plugin(Small)

    response = site_gate("trial", broken)(page())

    html = response.content.decode()
    assert response.status_code == 500
    assert "“试验”暂时打不开" in html
    assert "geheim" not in html
    assert "<nav" in html or "masthead" in html
    assert PluginFault.objects.get(slug="trial").point == "page:broken"


@pytest.mark.parametrize("answer", [Http404, PermissionDenied])
def test_gate_lets_djangos_own_answers_through(add_plugin, page, answer):
    add_plugin(Small)

    def view(request):
        raise answer

    with pytest.raises(answer):
        site_gate("trial", view)(page())
    assert not PluginFault.objects.filter(slug="trial").exists()


def test_gate_patterns_reach_into_includes_and_keep_names_and_arguments(add_plugin, page):
    add_plugin(Small)
    patterns = gate_patterns(
        "trial", [path("a/", fine, name="a"), path("b/", include([path("<int:n>/", fine, {"x": 1}, "c")]))]
    )

    inner = patterns[1].url_patterns[0]
    assert (patterns[0].name, inner.name, inner.default_args) == ("a", "c", {"x": 1})
    _off()
    for view in (patterns[0].callback, inner.callback):
        with pytest.raises(Http404):
            view(page())


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("plugins_overview", "system_admin"),
        ("quizzes_papers:index", "admin"),
        ("points_rules:index", "admin"),
        ("disclosure_items:index", "admin"),
    ],
)
def test_admin_pages_open_for_the_administrator(name, role):
    admin = make_staff(role, make_committee())
    client = Client()
    client.force_login(admin)

    assert client.get(reverse(name)).status_code == 200


def test_admin_places_of_a_plugin_are_gone_while_it_is_off():
    client = Client()
    client.force_login(make_staff("admin", make_committee()))
    url = reverse("quizzes_papers:index")
    home = reverse("wagtailadmin_home")
    assert url in client.get(home).content.decode()

    _off("quizzes")

    assert client.get(url).status_code == 404
    assert url not in client.get(home).content.decode()
    assert client.get(reverse("points_rules:index")).status_code == 200


def test_admin_switch_needs_the_right_and_works_with_it():
    committee = make_committee()
    editor, admin = Client(), Client()
    editor.force_login(make_staff("editor", committee))
    admin.force_login(make_staff("system_admin", committee))
    url = reverse("plugins_switch", args=["quizzes"])

    refused = editor.post(url, {"enabled": "0"})
    assert refused.status_code in {302, 403}
    assert "quizzes" in state.active_on_site(state.default_site_id())
    assert admin.get(url).status_code == 405
    admin.post(url, {"enabled": "0"})

    assert "quizzes" not in state.active_on_site(state.default_site_id())
    page = admin.get(reverse("plugins_overview")).content.decode()
    assert "已停用" in page


def test_admin_shows_a_plugin_that_was_left_out_with_its_reason(add_plugin):
    add_plugin(Small, "broken", reason="plugin.toml 中有不认识的键 (unknown key): colour")
    client = Client()
    client.force_login(make_staff("system_admin", make_committee()))

    overview = client.get(reverse("plugins_overview")).content.decode()
    one = client.get(reverse("plugins_one", args=["broken"])).content.decode()

    assert "plugin.toml 中有不认识的键 (unknown key): colour" in overview
    assert "plugin.toml 中有不认识的键 (unknown key): colour" in one
    assert client.get(reverse("plugins_one", args=["ghost"])).status_code == 404


def test_admin_shows_what_the_doctor_finds_to_those_who_manage_plugins_and_changes_nothing(add_plugin):
    admin, editor = Client(), Client()
    admin.force_login(make_staff("system_admin", committee := make_committee()))
    editor.force_login(make_staff("editor", committee))
    url = reverse("plugins_doctor")

    healthy = admin.get(url).content.decode()
    add_plugin(Small, "broken", reason="plugin.toml 中有 <b> (unknown key)")
    PluginFault.objects.create(slug="gone", point="slot:x", error="RuntimeError", trace="")
    ill = admin.get(url).content.decode()

    assert "没有发现问题" in healthy
    assert "plugin.toml 中有 &lt;b&gt; (unknown key)" in ill
    assert "manage.py plugins check broken" in ill
    assert "manage.py plugins remove gone --purge" in ill
    assert PluginFault.objects.filter(slug="gone").exists()
    assert url in admin.get(reverse("plugins_overview")).content.decode()
    assert editor.get(url).status_code in {302, 403, 404}


def test_doctor_asks_the_database_as_often_for_three_orphans_as_for_one_and_says_where_it_stopped(client, settings):
    client.force_login(make_staff("system_admin", committee := make_committee()))
    column = make_column(make_site(committee))
    url = reverse("plugins_doctor")

    def orphan():
        page = make_article(column, body=[("paragraph", "正文")])
        kind, _made = ContentType.objects.get_or_create(app_label="gone", model="gonepage")
        BasePage.objects.filter(pk=page.pk).update(content_type=kind)
        ArticlePage.objects.filter(pk=page.pk).update(body=[{"type": "gone_block", "value": "x", "id": str(page.uid)}])
        with CaptureQueriesContext(connection) as queries:
            return client.get(url).content.decode(), len(queries)

    orphan()
    (first, one), _two, (third, three) = orphan(), orphan(), orphan()

    assert one == three
    assert "(pages of an unknown type) × 2" in first
    assert "(pages of an unknown type) × 4" in third
    assert "“gone_block” × 4" in third
    assert "只查了" not in third
    assert "只查了每类最新的 2 条" in "".join(finding.text for finding in doctor.findings(2))


def test_admin_shows_who_wrote_a_plugin_and_its_licence(add_plugin, monkeypatch):
    add_plugin(Small)
    found = registry.found_plugin("trial")
    manifest = dataclasses.replace(found.manifest, author="检修<一>班", licence="EUPL-1.2")
    monkeypatch.setattr(registry, "found_plugin", lambda slug: dataclasses.replace(found, manifest=manifest))
    client = Client()
    client.force_login(make_staff("system_admin", make_committee()))

    one = client.get(reverse("plugins_one", args=["trial"])).content.decode()

    assert "作者：检修&lt;一&gt;班" in one
    assert "许可：EUPL-1.2" in one


def test_admin_shows_faults_and_clears_them():
    PluginFault.objects.create(slug="points", point="slot:x", error="RuntimeError: <b>", trace="Traceback ...")
    client = Client()
    client.force_login(make_staff("system_admin", make_committee()))
    url = reverse("plugins_one", args=["points"])

    page = client.get(url).content.decode()
    assert "RuntimeError: &lt;b&gt;" in page
    client.post(reverse("plugins_clear", args=["points"]))

    assert not PluginFault.objects.exists()
