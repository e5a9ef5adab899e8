"""The register's tree in a browser: opened, searched, walked by keys, dragged, at both widths; the content policy refuses nothing."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def focused(admin: Visitor) -> str:
    return str(admin.page.evaluate("document.activeElement.textContent.trim()"))


def test_tree_opens_walks_searches_and_asks_before_it_moves(visitor):
    admin = visitor()
    admin.sign_in("admin")
    page = admin.open("/admin/organisations/")
    admin.picture("register-tree")

    page.locator(".register-toggle[aria-expanded=false]").first.click()
    page.locator("[data-register-tree] > li > ul > li > ul .register-name").first.wait_for()
    page.locator("[data-register-tree] > li > ul > li .register-name").first.focus()
    general = focused(admin)
    page.keyboard.press("ArrowRight")
    branch = focused(admin)
    page.keyboard.press("ArrowLeft")
    back = focused(admin)

    row = page.locator("[data-register-tree] > li > ul > li > ul > li > .register-row").first
    target = page.locator("[data-register-tree] > li > ul > li > .register-row").nth(1)
    code = target.locator(".register-code").inner_text()
    row.drag_to(target)
    page.wait_for_url(lambda url: "/move/" in url)
    offered = page.locator("#id_to").input_value()
    admin.picture("register-move")
    page.fill("#id_document_number", "甲党〔2026〕1号")
    page.locator(".register-form button[type=submit]").click()
    page.locator("button[name=confirm]").wait_for()
    question = page.locator(".register-form").inner_text()
    admin.picture("register-question")

    page = admin.open("/admin/organisations/?q=jgdzz")
    admin.picture("register-search")
    page.locator(".register-found .register-name").first.click()
    page.locator("#register-facts").wait_for()
    admin.picture("register-detail")

    assert (back, branch != general, offered) == (general, True, code)
    assert "涉及 1 个组织" in question
