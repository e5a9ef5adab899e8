"""The administration's search boxes with Chinese titles, on whatever database the tests run on."""

from __future__ import annotations

import pytest
from modelsearch.backends import get_search_backend
from modelsearch.query import Fuzzy, Phrase, PlainText

from portal.basepage.models import BasePage
from tests.factories import site_root

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TITLES = [
    "加强党的建设，推动高质量发展",
    "2024年党费收缴工作的通知",
    "三会一课制度",
    "O'Neil 谈 HLS 视频",
    "民主评议党员",
]


@pytest.fixture
def backend():
    for title in TITLES:
        site_root().add_child(instance=BasePage(title=title))
    backend = get_search_backend("search.wagtail_backend")
    backend.reset_indexes()
    rebuilder = backend.rebuilder_class(backend.get_index_for_model(BasePage))
    index = rebuilder.start()
    index.add_items(BasePage, list(BasePage.objects.all()))
    rebuilder.finish()
    return backend


def titles(results) -> list[str]:
    return sorted(page.title for page in results)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("建设", [TITLES[0]]),
        ("党的建设", [TITLES[0]]),
        ("党费收缴", [TITLES[1]]),
        ("2024", [TITLES[1]]),
        ("三会一课", [TITLES[2]]),
        ("课", [TITLES[2]]),
        ("評議", [TITLES[4]]),
        ("hls 视频", [TITLES[3]]),
        ("O'Neil", [TITLES[3]]),
        ("党", sorted([TITLES[0], TITLES[1], TITLES[4]])),
        ("党费 视频", []),
        ("羽毛球", []),
        ("", []),
        ("。，！", []),
        ("\"'\\%()*:", []),
        ("\0", []),
    ],
)
def test_search_box_finds_parts_of_chinese_titles(backend, query, found):
    assert titles(backend.search(query, BasePage)) == found


@pytest.mark.parametrize(
    ("typed", "found"), [("党", 3), ("党费", 1), ("党费收", 1), ("三会", 1), ("hl", 1), ("202", 1), ("羽", 0), ("'", 0)]
)
def test_autocomplete_matches_from_the_first_character_on(backend, typed, found):
    assert len(titles(backend.autocomplete(typed, BasePage))) == found


def test_search_box_with_fields_operators_and_query_objects(backend):
    assert titles(backend.search("三会一课", BasePage, fields=["title"])) == [TITLES[2]]
    assert titles(backend.search("视频 评议", BasePage, operator="or")) == sorted([TITLES[3], TITLES[4]])
    assert titles(backend.search(PlainText("党费") & PlainText("通知"), BasePage)) == [TITLES[1]]
    assert titles(backend.search(Phrase("三会一课"), BasePage)) == [TITLES[2]]
    assert titles(backend.search(Fuzzy("评议"), BasePage)) == [TITLES[4]]
    assert TITLES[1] not in titles(backend.search(~PlainText("党费"), BasePage))
    assert len(backend.search(None, BasePage)) >= len(TITLES)


def test_search_box_keeps_to_the_queryset_it_is_given(backend):
    assert titles(backend.search("党", BasePage.objects.filter(title__contains="费"))) == [TITLES[1]]


def test_search_box_long_body_does_not_stop_saving(backend):
    long_title = "".join(chr(0x4E00 + number) for number in range(250))

    page = site_root().add_child(instance=BasePage(title=long_title))
    backend.add(page)

    assert titles(backend.search(long_title[100:104], BasePage)) == [long_title]


def test_settings_use_this_backend():
    assert type(get_search_backend()).__name__ == "TokenisingBackend"
