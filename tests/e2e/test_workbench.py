"""The workbench and the notices as each role meets them: sound for axe at both widths, arranged by keyboard and without
JavaScript, and a notice on its way from sender to reader and back."""

from __future__ import annotations

import re

import pytest

from tests.e2e.conftest import eventually
from tests.e2e.test_accessibility import AXE

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PAGES = {
    "member1": ["/workbench/", "/notices/", "/notices/tasks/", "/notices/settings/", "/workbench/arrange/"],
    "secretary2": ["/workbench/", "/notices/sent/", "/notices/sent/new/", "/notices/tasks/?show=all", "/en/workbench/"],
    "editor": ["/workbench/", "/workbench/drafts/"],
    "admin": ["/workbench/", "/workbench/tiers/", "/notices/sent/"],
    "auditor": ["/workbench/"],
    "sysadmin": ["/workbench/", "/workbench/health/", "/en/workbench/health/"],
}


def violations(page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{violation['id']}: {node['target']}" for violation in result["violations"] for node in violation["nodes"]]


@pytest.mark.parametrize("username", PAGES)
def test_pages_of_each_role_are_sound(visitor, username):
    person = visitor()
    person.sign_in(username)

    found = {}
    for path in PAGES[username]:
        page = person.open(path)
        page.wait_for_load_state("networkidle")
        assert page.locator(".tier-slot").count() == page.locator(".tier-slot h3").count(), "a card was not filled"
        person.picture(f"desk-{username}-{re.sub('[^a-z]+', '-', path.lower()).strip('-')}")
        found[path] = violations(page)

    assert [(path, bad) for path, bad in found.items() if bad] == []
    assert len(found) == len(PAGES[username])


def titles(page) -> list[str]:
    return page.locator("ol.arrange-list .arrange-title").all_inner_texts()


def test_card_is_moved_by_keyboard_and_the_focus_stays_with_it(visitor):
    person = visitor()
    person.sign_in("secretary1")
    page = person.open("/workbench/arrange/")
    before = titles(page)
    page.get_by_role("button", name=f"上移 {before[1]}", exact=True).focus()

    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "moved=" in url)

    assert titles(page)[:2] == [before[1], before[0]]
    assert (
        page.evaluate("document.activeElement.closest('li')?.querySelector('.arrange-title').textContent") == before[1]
    )


def test_card_is_dragged(visitor):
    person = visitor()
    person.sign_in("secretary3")
    page = person.open("/workbench/arrange/")
    before = titles(page)
    rows = page.locator("ol.arrange-list").first.locator("li")

    with page.expect_navigation():
        rows.nth(1).drag_to(rows.nth(0), target_position={"x": 20, "y": 4})

    assert titles(page)[:2] == [before[1], before[0]]


def test_card_is_put_away_without_javascript(visitor, site, browser):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{site.address}/account/login/")
    page.fill("main [name=username]", "secretary4")
    page.fill("main [name=password]", site.passwords["secretary4"])
    page.click("main button[type=submit]")
    page.goto(f"{site.address}/workbench/arrange/")
    first = titles(page)[0]

    page.get_by_role("button", name=f"收起 {first}", exact=True).click()
    page.goto(f"{site.address}/workbench/?all=1")

    assert page.locator("section.panel h3", has_text=re.compile(f"^{first}$")).count() == 0
    context.close()


def test_notice_reaches_the_member_and_the_sender_sees_who_has_read(visitor):
    secretary, member = visitor(), visitor()
    secretary.sign_in("secretary2")
    page = secretary.open("/notices/sent/new/")
    page.fill("[name=title]", "周三集中学习改到周四")
    page.fill("[name=text]", "时间不变，地点改在二楼会议室。")
    page.get_by_role("button", name="发出").click()
    page.wait_for_url(re.compile("/notices/sent/[0-9a-f-]{36}/"))
    receipts = page.url
    member.sign_in("member1")

    def arrived() -> bool:
        return member.open("/notices/").get_by_text("周三集中学习改到周四").count() > 0

    assert eventually(arrived, 60, every=1), "the notice never arrived"
    member.picture("desk-notices-unread")
    member.page.get_by_role("link", name="周三集中学习改到周四").first.click()
    assert "二楼会议室" in member.page.inner_text("main")
    member.picture("desk-notice")

    page = secretary.open(f"{receipts}?show=read")
    assert "顾延川" in page.inner_text("main")
    secretary.picture("desk-receipts")
