"""Reading a regulation: an article, its text on another day, two versions side by side."""

from __future__ import annotations

import pytest

from tests.e2e.test_accessibility import AXE

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_reader_reads_an_article_switches_the_day_and_compares_versions(visitor):
    reader = visitor()
    page = reader.open("/r/")
    page.click("main a:has-text('党员学习管理办法')")
    contents = page.locator(".law-side > :first-child")
    assert contents.locator("summary").inner_text() == "目录"
    assert "{#" not in page.inner_text("main")
    reader.picture("regulation")

    page.locator(".law-number a").first.click()
    page.wait_for_url("**/r/*/*")
    today = page.inner_text("#law-single")
    page.fill("#law-on", "2024-01-01")
    page.press("#law-on", "Enter")
    page.wait_for_url("**on=2024-01-01")
    assert "截至 2024年1月1日" in page.inner_text(".law-status")
    reader.picture("article-on-a-day")
    page.click(".law-status a")
    page.wait_for_url(lambda url: "on=" not in url)
    assert page.inner_text("#law-single") == today

    page.click("main a:has-text('在全文中查看')")
    page.click("main a:has-text('与上一版逐条对照')")
    page.wait_for_url("**/compare**")
    assert page.locator("[data-changed]").count() > 0
    page.keyboard.press("n")
    reader.picture("regulation-compared")

    # Both sides the same version: the one page of the kind with a message on top.
    same = page.locator("#compare-to").input_value()
    page.select_option("#compare-from", same)
    page.click(".law-compare-choice button")
    page.locator(".message").wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [violation["id"] for violation in found] == []
