"""The portal's own figures on 数据概览: who sees which, of whom, and by how many queries."""

import datetime as dt

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from plugins.host.figures import tiles_of
from portal.basepage.models import BasePage
from portal.ground.clock import month_starts, now
from portal.organisations.models import Member
from portal.school.models import Enrolment
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user
from tests.factories.learning import make_course
from tests.factories.pages import make_article, make_column, make_site

pytestmark = pytest.mark.django_db
OWN = {"members:members", "workbench:organisations", "school:completed", "pages:published", "regulations:in_force"}


def figures_for(user):
    request = RequestFactory().get("/workbench/figures/")
    request.user = user
    return {tile.key: tile for tile in tiles_of(request)}


@pytest.fixture
def house():
    committee = make_committee()
    first, second = make_branch(committee, "甲支部"), make_branch(committee, "乙支部")
    for branch, stages in ((first, ["full", "probationary", "applicant"]), (second, ["full"])):
        for stage in stages:
            make_member(branch, stage=stage)
    return committee, first, second


def test_tiles_of_the_core_count_what_is_in_ones_charge(house):
    committee, first, _second = house

    admin, secretary = make_staff("admin", committee), make_staff("secretary", first)
    all_of_it, own = figures_for(admin), figures_for(secretary)

    assert (all_of_it["members:members"].value, own["members:members"].value) == ("3", "2")
    assert all_of_it["workbench:organisations"].value == "3"
    assert set(all_of_it) >= OWN


def test_tile_about_people_is_not_shown_without_its_right(house):
    shown = figures_for(make_user("nobody"))

    assert not {"members:members", "workbench:organisations", "school:completed", "workbench:index"} & set(shown)
    assert "regulations:in_force" in shown


def test_tile_of_completed_courses_compares_this_month_with_the_one_before(house):
    committee, first, second = house
    course = make_course(parent=make_column(make_site(committee), "党校"))
    this, before = month_starts()
    for branch, when in ((first, this), (second, before), (second, before - dt.timedelta(days=1))):
        Enrolment.objects.create(member=make_member(branch), course=course, completed_at=when)

    tile = figures_for(make_staff("admin", committee))["school:completed"]

    assert (tile.value, tile.trend, tile.rises) == ("1", "0", None)
    assert Member.objects.count() > 3


def test_tile_of_published_pages_counts_only_what_the_reader_may_see(house):
    committee, _first, _second = house
    column = make_column(make_site(committee), "动态")
    make_article(column)
    make_article(column, "草稿", live=False)
    BasePage.objects.update(first_published_at=now())
    BasePage.objects.exclude(pk__in=column.get_descendants(inclusive=True)).update(first_published_at=month_starts()[1])

    assert figures_for(make_user("reader"))["pages:published"].value == "2"  # the column and the article


def test_tiles_ask_as_often_for_many_rows_as_for_few(house):
    committee, first, _second = house
    admin = make_staff("admin", committee)
    counts = []
    for number in (1, 3):
        for _ in range(number):
            make_member(first)
        figures_for(admin)
        with CaptureQueriesContext(connection) as asked:
            figures_for(admin)
        counts.append(len(asked))

    assert counts[0] == counts[1]
