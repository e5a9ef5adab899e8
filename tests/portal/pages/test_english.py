"""Under `/en/` the interface speaks English; what is left in Chinese is content."""

import json
import re

import pytest
from django.urls import reverse
from django.utils.html import strip_tags
from wagtail.test.utils.form_data import nested_form_data

from tests.architecture.catalogues import HAN
from tests.factories import make_branch, make_member, make_staff, make_user
from tests.factories.pages import make_site

pytestmark = pytest.mark.django_db

PUBLIC = [
    "",
    "search/",
    "search/?q=law",
    "school/",
    "lessons/",
    "cases/",
    "r/",
    "branches/",
    "account/login/",
    "p/disclosure/",
    "no-such-page/",
]
SIGNED_IN = ["workbench/", "account/password/", "p/points/", "p/quizzes/"]


def chinese_in(answer, *contents):
    """Pieces of text with Chinese writing, what people wrote left aside. Attributes count: they are read aloud."""
    page = re.sub(r"(?s)<(script|style)\b.*?</\1>", "", answer.content.decode())
    spoken = re.findall(r'\b(?:alt|title|placeholder|aria-label|data-label|content)="([^"]*)"', page)
    texts = [*strip_tags(page).splitlines(), *spoken]
    for content in ("中文", *contents):
        texts = [text.replace(content, "") for text in texts]
    return sorted({text.strip() for text in texts if HAN.search(text)})


@pytest.fixture
def site():
    return make_site()


@pytest.mark.parametrize("address", PUBLIC)
def test_english_page_for_everyone_has_no_chinese_label(client, site, address):
    answer = client.get(f"/en/{address}")

    assert 'lang="en"' in answer.content.decode()
    assert chinese_in(answer, site.title, "江川公司党委") == []


@pytest.mark.parametrize("address", SIGNED_IN)
def test_english_page_for_a_member_has_no_chinese_label(client, site, address):
    member = make_member(make_branch(name="Turbine Branch"), name="Li Ming", user=make_user(display_name="Li Ming"))
    client.force_login(member.user)

    answer = client.get(f"/en/{address}")

    assert answer.status_code == 200
    assert chinese_in(answer, site.title) == []


def test_same_page_in_chinese_is_chinese(client, site):
    assert "登录" in chinese_in(client.get("/account/login/"), site.title)


def test_editor_finds_the_form_of_a_page_in_chinese(client, site):
    client.force_login(make_staff("admin", site.owner_organisation))

    address = reverse("wagtailadmin_pages:add", args=["pages", "columnpage", site.pk])
    form, refused = client.get(address), client.post(address, nested_form_data({"title": "", "slug": ""}))
    scripts = client.get(reverse("wagtailadmin_javascript_catalog"))

    assert "选择这个页面的发布和到期时间" in form.content.decode()
    assert "内容有错误，页面没有创建。" in refused.content.decode()
    assert json.dumps("插入一个块") in scripts.content.decode()
