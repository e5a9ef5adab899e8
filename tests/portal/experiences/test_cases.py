"""Typical experiences: the list with its filters, the page."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from portal.experiences.domain.queries import listing_for
from portal.experiences.models import CasePage
from portal.organisations.domain.audiences import organisation_audience
from tests.factories import make_branch, make_committee, make_member
from tests.factories.counting import queries_of
from tests.factories.learning import make_case

pytestmark = pytest.mark.django_db

LIST = "/cases/"


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def titles(**wanted: str) -> list[str]:
    return [row.story.title for row in listing_for(AnonymousUser(), wanted).rows]


@pytest.fixture
def units():
    committee = make_committee()
    return make_branch(committee, "甲支部"), make_branch(committee, "乙支部")


@pytest.fixture
def cases(units):
    one, two = units
    make_case("安全生产", title="甲", owner_organisation=one, year=2026, level="公司级", stars=4)
    make_case("安全生产", "人才培养", title="乙", owner_organisation=two, year=2026)
    make_case("人才培养", title="丙", owner_organisation=two, year=2025)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, {"甲", "乙", "丙"}),
        ({"topic": "人才培养"}, {"乙", "丙"}),
        ({"year": "2026"}, {"甲", "乙"}),
        ({"topic": "安全生产", "year": "2025"}, set()),
        ({"topic": "没有的主题"}, set()),
        ({"year": "abcd"}, set()),
        ({"year": "２０２６"}, set()),
        ({"year": "99999999999999999999"}, set()),
        ({"unit": "no-uid"}, set()),
        ({"page": "-3"}, {"甲", "乙", "丙"}),
    ],
)
def test_list_is_narrowed_by_what_fits_and_never_fails(cases, wanted, expected):
    assert set(titles(**wanted)) == expected


def test_list_is_narrowed_by_unit(cases, units):
    assert titles(unit=str(units[1].uid)) == ["乙", "丙"]


def test_facets_count_with_the_other_filters_kept(cases):
    listing = listing_for(AnonymousUser(), {"year": "2026"})

    assert [(c.label, c.count, c.is_chosen) for c in listing.years] == [("2026", 2, True), ("2025", 1, False)]
    assert [(c.label, c.count) for c in listing.topics] == [("安全生产", 2), ("人才培养", 1)]
    assert [(c.label, c.count) for c in listing.units] == [("甲支部", 1), ("乙支部", 1)]
    assert [c.query for c in listing.years] == ["", "year=2025"]
    assert listing.topics[0].query == "year=2026&topic=%E5%AE%89%E5%85%A8%E7%94%9F%E4%BA%A7"


def test_list_and_counts_leave_out_what_the_reader_may_not_see(client, cases):
    branch = make_branch()
    hidden = make_case("保密主题", title="只给本支部", audience=organisation_audience(branch))
    client.force_login(make_member(branch).user)
    own = client.get(LIST).context["listing"]
    client.logout()
    public = client.get(LIST).context["listing"]

    assert "保密主题" in [c.label for c in own.topics]
    assert "保密主题" not in [c.label for c in public.topics]
    assert (len(own.rows), len(public.rows)) == (4, 3)
    assert client.get(hidden.url).status_code == 404


def test_list_takes_a_fixed_number_of_queries(client):
    client.force_login(make_member().user)
    counts = []
    for size in (1, 3):
        while CasePage.objects.count() < size:
            make_case(f"主题{CasePage.objects.count()}", owner_organisation=make_branch())
        client.get(LIST)
        counts.append(len(queries_of(lambda: client.get(LIST))))

    assert counts[0] == counts[1] <= 18


def test_list_that_fits_nothing_offers_the_way_back(client, cases):
    assert "没有符合条件的典型经验 去掉一个条件再看看。 看全部" in text_of(client.get(LIST, {"topic": "无"}))


def test_page_shows_only_the_parts_that_were_written(client):
    case = make_case(
        "安全生产",
        level="公司级",
        stars=4,
        year=2026,
        background="<p>暴雨之后</p>",
        approach="<p></p>",
        lessons="<p>不进考核</p>",
    )

    answer = client.get(case.url)

    shown = answer.content.decode()
    assert re.findall(r'<section class="case-part" id="(\w+)"', shown) == ["background", "lessons"]
    assert "公司级" in shown
    assert "4 星" in text_of(answer)
    assert f'href="{reverse("experiences:cases")}?topic=%E5%AE%89%E5%85%A8%E7%94%9F%E4%BA%A7"' in shown


def test_search_body_holds_topics_and_parts():
    case = make_case("安全生产", "人才培养", summary="摘要", background="<p>背景文字</p>", results="<p>成效文字</p>")

    assert case.search_body() == "摘要\n人才培养 安全生产\n背景文字\n成效文字"


def test_tags_of_a_draft_do_not_show_before_publishing():
    case = make_case("安全生产")
    draft = case.save_revision().as_object()
    draft.tags.add("草稿主题")
    draft.save_revision()

    assert list(CasePage.objects.get().tags.names()) == ["安全生产"]
