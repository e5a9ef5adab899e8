"""Readers' addresses: the home page, pages by short code, columns, branches, errors."""

import datetime as dt

import pytest
from django.test import Client

from portal.basepage.models import BasePage
from portal.organisations.domain.audiences import members_audience, organisation_audience
from portal.organisations.models import Post
from portal.pages.models import BranchPage, SiteLink, SiteLook
from tests.factories import make_branch, make_committee, make_member, make_user
from tests.factories.pages import make_article, make_column, make_picture, make_site

pytestmark = pytest.mark.django_db


def _signed_in(member):
    client = Client()
    client.force_login(member.user)
    return client


def _make_branch_page(parent, organisation, **fields):
    above = type(parent).objects.get(pk=parent.pk)
    return above.add_child(instance=BranchPage(title=organisation.name, organisation=organisation, **fields))


def test_page_address_is_short_code_and_pinyin():
    article = make_article(make_column(), "重庆银行的音乐会")

    assert article.url == f"/a/{article.short_code}/chong-qing-yin-hang-de-yin-yue-hui/"


def test_wrong_slug_redirects_for_good_and_keeps_the_query(client):
    article = make_article(make_column())

    response = client.get(f"/a/{article.short_code}/old-slug/?page=2")

    assert (response.status_code, response["Location"]) == (301, f"{article.url}?page=2")


def test_short_code_alone_redirects_to_the_address(client):
    article = make_article(make_column())

    response = client.get(f"/a/{article.short_code}/")

    assert (response.status_code, response["Location"]) == (301, article.url)


def test_wrong_slug_of_an_invisible_page_answers_as_if_absent(client):
    article = make_article(make_column(), audience=members_audience())

    assert client.get(f"/a/{article.short_code}/old-slug/").status_code == 404
    assert client.get(f"/a/{article.short_code}/").status_code == 404


def test_page_above_the_clearance_answers_404(client):
    member = make_member(user=make_user(clearance=1))
    column = make_column()
    shown, hidden = make_article(column, "一级", secrecy=1), make_article(column, "二级", secrecy=2)

    reader = _signed_in(member)

    assert reader.get(shown.url).status_code == 200
    assert reader.get(hidden.url).status_code == 404
    assert client.get(shown.url).status_code == 404


def test_page_for_a_branch_is_seen_by_its_member_and_by_nobody_of_another_branch(client):
    committee = make_committee()
    own, other = make_branch(committee, "检修一班党支部"), make_branch(committee, "运行二值党支部")
    article = make_article(make_column(), audience=organisation_audience(own))

    statuses = [_signed_in(make_member(own)).get(article.url).status_code]
    statuses += [_signed_in(make_member(other)).get(article.url).status_code, client.get(article.url).status_code]

    assert statuses == [200, 404, 404]


def test_home_page_itself_has_no_second_address(client):
    home = make_site()

    assert home.url == "/"
    assert client.get(f"/a/{home.short_code}/{home.slug}/").status_code == 404


def test_home_without_a_site_says_what_to_do(client):
    response = client.get("/")

    assert response.status_code == 200
    assert "set_up_site" in response.content.decode()


def test_home_shows_lead_headlines_and_columns(client):
    home = make_site()
    column = make_column(home, "工作动态")
    day = dt.date(2026, 11, 20)
    titles = [f"第{number}篇" for number in range(7)]
    for number, title in enumerate(titles):
        make_article(column, title, display_date=day - dt.timedelta(days=number))

    front = client.get("/").context["front"]

    assert front.lead.title == "第0篇"
    assert [story.title for story in front.headlines] == titles[1:5]
    assert [(box.title, [story.title for story in box.stories]) for box in front.columns] == [("工作动态", titles[5:])]


def test_home_lead_is_what_the_editor_chose_unless_the_reader_may_not_see_it(client):
    home = make_site()
    column = make_column(home)
    make_article(column, "新的", display_date=dt.date(2026, 11, 20))
    chosen = make_article(column, "旧的", display_date=dt.date(2025, 1, 1))
    home.refresh_from_db()
    home.lead = chosen
    home.save()

    before = client.get("/").context["front"].lead.title
    chosen.audience = members_audience()
    chosen.save()
    after = client.get("/").context["front"].lead.title

    assert (before, after) == ("旧的", "新的")


def test_home_column_that_was_silent_for_long_still_shows_its_stories(client, monkeypatch):
    monkeypatch.setattr("portal.pages.domain.front.NEWEST_READ", 3)
    home = make_site()
    busy, silent = make_column(home, "忙"), make_column(home, "静")
    make_article(silent, "很久以前", display_date=dt.date(2020, 1, 1))
    for number in range(6):
        make_article(busy, f"近日{number}", display_date=dt.date(2026, 11, 1))

    boxes = {box.title: [story.title for story in box.stories] for box in client.get("/").context["front"].columns}

    assert boxes["静"] == ["很久以前"]


def test_home_hides_internal_stories_from_anonymous_readers_only(client):
    column = make_column()
    make_article(column, "公开的")
    make_article(column, "内部的", audience=members_audience())

    assert "内部的" not in client.get("/").content.decode()
    assert "内部的" in _signed_in(make_member()).get("/").content.decode()


def test_column_lists_newest_first_and_filters_by_year(client):
    column = make_column()
    make_article(column, "去年的", display_date=dt.date(2025, 5, 1))
    make_article(column, "今年的", display_date=dt.date(2026, 5, 1))

    everything = client.get(column.url).context["listing"]
    last_year = client.get(f"{column.url}?year=2025").context["listing"]

    assert [story.title for story in everything.rows] == ["今年的", "去年的"]
    assert [(year.value, year.is_current) for year in everything.years] == [(2026, False), (2025, False)]
    assert [story.title for story in last_year.rows] == ["去年的"]


@pytest.mark.parametrize("query", ["?page=99", "?page=x", "?year=1999", "?year=x", "?year=²"])
def test_column_with_a_senseless_query_shows_the_nearest_page(client, query):
    column = make_column()
    make_article(column, "唯一的一篇")

    response = client.get(column.url + query)

    assert [story.title for story in response.context["listing"].rows] == ["唯一的一篇"]


def test_column_years_of_invisible_pages_are_not_told(client):
    column = make_column()
    make_article(column, "公开", display_date=dt.date(2026, 5, 1))
    make_article(column, "内部", display_date=dt.date(2019, 5, 1), audience=members_audience())

    assert [year.value for year in client.get(column.url).context["listing"].years] == [2026]


def test_empty_column_says_so(client):
    assert "这个栏目还没有内容" in client.get(make_column().url).content.decode()


def test_branch_directory_leads_to_the_branch_page(client):
    committee = make_committee()
    branch = make_branch(committee, "检修一班党支部")
    ended = make_branch(committee, "已撤销党支部", ended_on=dt.date(2025, 1, 1))
    page = _make_branch_page(make_column(make_site(committee), "支部"), branch)

    html = client.get("/branches/").content.decode()

    assert f'href="{page.url}"' in html
    assert ended.name not in html
    assert client.get(page.url).status_code == 200


def test_branch_page_shows_posts_to_signed_in_readers_only(client):
    committee = make_committee()
    branch = make_branch(committee)
    secretary = make_member(branch, name="赵卫国")
    Post.objects.create(organisation=branch, member=secretary, kind=Post.Kind.SECRETARY)
    page = _make_branch_page(make_column(make_site(committee), "支部"), branch)

    anonymous = client.get(page.url)
    assert "赵卫国" not in anonymous.content.decode()
    assert "赵卫国" in _signed_in(make_member()).get(page.url).content.decode()
    assert anonymous.context["branch"].members == 1


def test_branch_page_belongs_to_its_organisation():
    committee = make_committee()
    branch = make_branch(committee)

    page = _make_branch_page(make_column(make_site(committee), "支部"), branch)

    assert page.owner_organisation_id == branch.pk


def test_navigation_lists_columns_in_menus_and_marks_the_section(client):
    column = make_column(title="工作动态")
    article = make_article(column)

    frame = client.get(article.url).context["frame"]

    assert [(entry.label, entry.current) for entry in frame.menu][:2] == [("首页", False), ("工作动态", True)]


def test_navigation_of_the_settings_replaces_the_columns_and_hides_what_may_not_be_seen(client):
    home = make_site()
    public, internal = make_column(home, "公开栏目"), make_column(home, "内部栏目", audience=members_audience())
    look = SiteLook.objects.get()
    look.links.add(SiteLink(label="栏目一", page=public), SiteLink(label="栏目二", page=internal))
    look.links.add(SiteLink(label="帮助", path="/help/", place=SiteLink.Place.FOOT))
    look.save()

    anonymous = client.get("/").context["frame"]
    member = _signed_in(make_member()).get("/").context["frame"]

    assert [entry.label for entry in anonymous.menu][:2] == ["首页", "栏目一"]
    assert "栏目二" not in [entry.label for entry in anonymous.menu]
    assert [entry.label for entry in member.menu][:3] == ["首页", "栏目一", "栏目二"]
    assert [(entry.label, entry.url) for entry in anonymous.foot_links] == [("帮助", "/help/")]


@pytest.mark.parametrize(
    ("grey", "dates", "home_is_grey", "column_is_grey"),
    [
        ("off", {}, False, False),
        ("home", {}, True, False),
        ("all", {}, True, True),
        ("all", {"grey_from": dt.date(2099, 1, 1)}, False, False),
        ("all", {"grey_to": dt.date(2020, 1, 1)}, False, False),
    ],
)
def test_memorial_grey_follows_the_setting_at_once(client, grey, dates, home_is_grey, column_is_grey):
    column = make_column()
    client.get("/"), client.get(column.url)

    look = SiteLook.objects.get()
    look.grey = grey
    for name, value in dates.items():
        setattr(look, name, value)
    look.save()

    assert ("data-grey" in client.get("/").content.decode()[:200]) is home_is_grey
    assert ("data-grey" in client.get(column.url).content.decode()[:200]) is column_is_grey


def test_picture_sizes_are_made_by_a_job_and_never_by_a_reader(client, settings, tmp_path):
    from portal.files.models import PortalRendition
    from portal.pages.domain.pictures import COVER_SPECS, make_pictures

    settings.MEDIA_ROOT = tmp_path
    article = make_article(make_column(), cover=make_picture())
    client.get("/")
    assert PortalRendition.objects.count() == 0

    made = make_pictures(str(article.uid))

    assert made == len(COVER_SPECS)
    assert make_pictures(str(article.uid)) == 0
    assert client.get("/").context["front"].lead_cover.startswith("/media/images/")


def test_unknown_address_answers_our_404_page(client):
    make_site()

    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert "没有找到这一页" in response.content.decode()


def test_server_error_page_needs_no_database_and_tells_nothing(client, monkeypatch, django_assert_num_queries):
    from django.test import RequestFactory

    from portal.pages.web.errors import server_error

    with django_assert_num_queries(0):
        response = server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert "暂时无法打开" in response.content.decode()


def test_failing_view_shows_our_page_without_a_trace(client, monkeypatch):
    make_site()
    client.raise_request_exception = False
    monkeypatch.setattr("portal.pages.web.pages.directory_for", lambda user: 1 / 0)

    response = client.get("/branches/")

    assert response.status_code == 500
    assert "ZeroDivision" not in response.content.decode()
    assert "暂时无法打开" in response.content.decode()


def test_form_with_an_old_token_gets_a_sentence_about_what_to_do():
    make_site()
    strict = Client(enforce_csrf_checks=True)

    response = strict.post("/account/login/", {"username": "a", "password": "b"})

    assert response.status_code == 403
    assert "页面已过期" in response.content.decode()


def test_style_guide_is_for_staff(client):
    from tests.factories import make_staff

    committee = make_committee()
    make_site(committee)
    editor = Client()
    editor.force_login(make_staff("editor", committee))

    statuses = [editor.get("/styleguide/").status_code, _signed_in(make_member()).get("/styleguide/").status_code]

    assert statuses == [200, 403]
    assert client.get("/styleguide/").status_code == 302


@pytest.mark.parametrize("typed", ["2026年11月21日", "2026-11-21", "2026/11/21", "2026年1月3日"])
def test_chinese_dates_are_understood(typed):
    from django import forms
    from django.utils import translation

    with translation.override("zh-hans"):
        value = forms.DateField().clean(typed)

    assert value in {dt.date(2026, 11, 21), dt.date(2026, 1, 3)}


def test_setting_up_twice_changes_nothing():
    from wagtail.models import Site, Workflow

    home = make_site()
    counts = [Site.objects.count(), Workflow.objects.count(), BasePage.objects.count()]

    again = make_site()

    assert again.pk == home.pk
    assert [Site.objects.count(), Workflow.objects.count(), BasePage.objects.count()] == counts
