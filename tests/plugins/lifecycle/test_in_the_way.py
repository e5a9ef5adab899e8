"""What stands in the way of a removal, and what outlives it."""

from __future__ import annotations

import pytest

from plugins.host import leftovers, removing
from plugins.host.models import AuditLabel, PluginSettings
from portal.news.models import ArticlePage
from tests.factories import make_committee
from tests.factories.pages import make_article, make_column, make_site
from tests.plugins.bundled.quizzes.makers import make_paper

pytestmark = pytest.mark.django_db


def test_block_in_an_article_stands_in_the_way_under_its_stored_name():
    column = make_column(make_site(make_committee()))
    page: ArticlePage = make_article(column)
    page.body = [
        ("paragraph", "正文"),
        ("quizzes_quiz", {"paper": f"/p/quizzes/{make_paper().uid}/", "invitation": ""}),
    ]
    page.save()

    with pytest.raises(removing.CannotRemove) as refused:
        removing._refuse_if_used("quizzes")

    assert f"#{page.pk}" in str(refused.value.in_the_way)


def test_names_of_actions_outlive_their_plugin_while_its_settings_go():
    AuditLabel.objects.create(action="memo.closed", slug="memo", label="关闭备忘")
    PluginSettings.objects.create(site_id=1, slug="memo", values={})

    gone = leftovers.delete_leftovers("memo")

    assert gone == {"plugins_host.PluginSettings": 1}
    assert AuditLabel.objects.filter(slug="memo").exists()
