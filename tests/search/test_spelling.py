from __future__ import annotations

import pytest

from search.service import search
from tests.search.shelf import MEMBER, VISITOR, make


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("档费", "党费"),
        ("党肺收缴", "党费收缴"),
        ("民主平议", "民主评议"),
        ("当费缴纳", "党费缴纳"),
        ("当费游泳", ""),
        ("党费", ""),
        ("羽毛球", ""),
        ("档费 收缴", ""),
        ("dangfei", ""),
        ("档", ""),
    ],
)
def test_homophone_of_a_public_title_is_offered(shelf, typed, meant):
    shelf.put(make("a", "党费收缴办法", "按月"), make("b", "民主评议党员", "党费缴纳情况"))

    assert search(typed, VISITOR).did_you_mean == meant


def test_homophone_of_a_title_that_not_everybody_may_see_is_offered_to_nobody(shelf):
    shelf.put(
        make("a", "党费台账", "按月", tokens=frozenset({"ou:7"})),
        make("b", "党费密件", "按月", secrecy=1),
        make("c", "通知"),
        make("d", "经费", "按年缴纳"),
        make("e", "经费缴纳", "内部", tokens=frozenset({"ou:7"})),
    )

    assert [search("档费", viewer).did_you_mean for viewer in (VISITOR, MEMBER)] == ["", ""]
    assert [search("京费缴纳", viewer).did_you_mean for viewer in (VISITOR, MEMBER)] == ["", ""]


def test_results_page_links_to_what_was_probably_meant(client, shelf):
    shelf.put(make("a", "党费收缴办法", "按月"))

    html = client.get("/search/", {"q": "档费收缴"}).content.decode()

    assert "您是不是要找：" in html
    assert '<a href="?q=%E5%85%9A%E8%B4%B9%E6%94%B6%E7%BC%B4">党费收缴</a>' in html
