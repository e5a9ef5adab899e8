"""Disclosure sheets: the bundled page type, as readers, programs and staff meet it, while the plugin is on and while it is off."""

import datetime as dt
import json

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plugins.bundled.disclosure.models import SheetPage
from plugins.host import page_types, searching, state
from portal.ground.clock import today
from portal.organisations.domain.audiences import organisation_audience, public_audience
from portal.pages.domain.searchable import search_documents
from portal.pages.models import SiteLink, SiteLook
from search.indexing import rebuild
from tests.factories import make_branch, make_committee
from tests.factories.pages import make_column, make_site
from tests.plugins.bundled.disclosure.makers import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make_branch(make_committee(), "检修一班党支部")


@pytest.fixture
def column(unit):
    return make_column(make_site(unit), "公开公示", owner_organisation=unit)


@pytest.fixture
def sheet(column):
    begins = today().replace(day=1)
    page = SheetPage(
        title="三季度公开清单", period_from=begins, period_to=begins + dt.timedelta(days=40), audience=public_audience()
    )
    return column.add_child(instance=page)


def _switch(*, enabled):
    state.switch("disclosure", enabled=enabled, site_id=state.default_site_id())


def test_page_type_sheet_lists_what_its_unit_disclosed_in_the_period_to_those_who_may_see_it(sheet, unit, client):
    make_item(unit, title="党费公示", state="published", audience=public_audience())
    make_item(unit, title="班子内部", state="published", audience=organisation_audience(unit))
    make_item(unit, title="早已公开", days=-90, lasts=None, state="published", audience=public_audience())
    make_item(None, title="别的单位", state="published", audience=public_audience())
    make_item(unit, title="草稿", audience=public_audience())

    html = client.get(sheet.url).content.decode()

    assert "党费公示" in html
    assert not [title for title in ("班子内部", "早已公开", "别的单位", "草稿") if title in html]


def test_page_type_sheet_asks_the_database_as_often_for_three_items_as_for_one(sheet, unit, client):
    counts = []
    for number in (1, 2):
        for _ in range(number):
            make_item(unit, state="published", audience=public_audience())
        client.get(sheet.url, {"a": f"warm{number}"})
        with CaptureQueriesContext(connection) as asked:
            client.get(sheet.url, {"a": number})
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_page_type_sheet_whose_period_ends_before_it_begins_is_refused(column):
    page = SheetPage(
        title="倒着的", slug="x", period_from=today(), period_to=today() - dt.timedelta(days=1), path="1", depth=3
    )

    with pytest.raises(ValidationError) as refused:
        page.clean()

    assert "period_to" in refused.value.message_dict


def _named(client, column, sheet):
    """Where readers and programs meet the title of the sheet."""
    rebuild()
    answers = {
        "home": client.get("/"),
        "column": client.get(column.url),
        "page": client.get(sheet.url),
        "api": client.get("/api/v1/pages"),
        "api type": client.get("/api/v1/pages?type=disclosure_sheet"),
        "api page": client.get(f"/api/v1/pages/{sheet.uid}"),
        "search": client.get("/search/?q=公开清单"),
        "search of the type": client.get("/search/?q=公开清单&type=disclosure_sheet"),
        "api search": client.get("/api/v1/search?q=公开清单"),
    }
    return {name for name, answer in answers.items() if answer.status_code == 200 and sheet.title in _text(answer)}


def _text(answer):
    is_json = "json" in answer.headers["Content-Type"]
    return json.dumps(answer.json(), ensure_ascii=False) if is_json else answer.content.decode()


@pytest.mark.slow
def test_page_type_of_a_plugin_that_is_off_is_named_nowhere_and_back_when_it_is_on(column, sheet, client):
    site = column.get_site()
    look = SiteLook.objects.get_or_create(site=site)[0]
    SiteLink.objects.create(look=look, place=SiteLink.Place.MAIN, label=sheet.title, page=sheet)
    SiteLink.objects.create(look=look, place=SiteLink.Place.MAIN, label="栏目", page=column)

    on = _named(client, column, sheet)
    _switch(enabled=False)
    off = _named(client, column, sheet)
    _switch(enabled=True)

    assert on == {"home", "column", "page", "api", "api type", "api page", "search", "search of the type", "api search"}
    assert off == set()
    assert _named(client, column, sheet) == on


def test_page_types_that_are_off_are_told_to_the_search_by_kind_and_type():
    _switch(enabled=False)

    assert searching.inactive_kinds(state.default_site_id()) >= {"disclosure", "page:disclosure_sheet"}
    assert page_types.hidden_types() == ()


def test_page_type_sheet_is_a_search_document_of_its_type_without_the_items(sheet, unit):
    make_item(unit, title="班子内部", state="published", audience=organisation_audience(unit))

    (found,) = search_documents([str(sheet.uid)])

    assert (found.type, found.title) == ("disclosure_sheet", "三季度公开清单")
    assert "班子内部" not in found.body
