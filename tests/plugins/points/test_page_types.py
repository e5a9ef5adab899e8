"""Page types of plugins follow the switch. An own type of the portal stands for a plugin's."""

import pytest
from django.urls import reverse

from plugins.host import state
from plugins.sdk import PageType, Plugin
from portal.ground.content import content_changed
from portal.news.models import ArticlePage
from tests.factories import make_branch, make_committee, make_staff
from tests.factories.pages import make_article, make_column, make_site

pytestmark = pytest.mark.django_db


class Typed(Plugin):
    page_types = (PageType("试验文章", "portal.news.models.ArticlePage", "Trial articles"),)


def test_page_type_of_a_plugin_that_is_off_is_absent_for_readers_and_there_for_staff(add_plugin, client):
    committee = make_committee()
    site = make_site(committee)
    column = make_column(site, "工作动态", owner_organisation=make_branch(committee, "检修一班党支部"))
    article = make_article(column)
    add_plugin(Typed)

    before = (client.get(article.url).status_code, ArticlePage.can_create_at(column))
    state.switch("trial", enabled=False, site_id=state.default_site_id())
    after = (client.get(article.url).status_code, ArticlePage.can_create_at(column))
    client.force_login(make_staff("admin", committee))
    edit = client.get(reverse("wagtailadmin_pages:edit", args=[article.pk])).status_code
    add = client.get(reverse("wagtailadmin_pages:add", args=["news", "articlepage", column.pk])).status_code

    assert before == (200, True)
    assert after == (404, False)
    assert edit == 200
    assert add in {302, 403}


def test_page_type_that_cannot_be_loaded_is_a_fault_and_changes_nothing(add_plugin, client):
    class Untyped(Plugin):
        page_types = (PageType("没有", ".models.NoSuchPage", "None"),)

    article = make_article(make_column(make_site(make_committee())))
    add_plugin(Untyped)
    content_changed("page", article.uid)

    assert client.get(article.url).status_code == 200
