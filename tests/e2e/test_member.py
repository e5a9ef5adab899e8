"""A member's way: sign in, study, search, read."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ENCODING_SECONDS = 300


def test_member_opens_a_course_and_the_video_really_plays(visitor):
    """The first start encodes the demo's videos in the background; the page shows that until it is done."""
    member = visitor()
    page = member.sign_in("member1")
    member.picture("workbench")
    member.open("/school/")
    member.picture("courses")
    page.click("main a:has-text('党支部书记实务入门')")
    member.picture("course")

    page.locator("main :is(a, button):text-matches('报名|开始学习|继续')").first.click()
    page.wait_for_url("**/school/units/**")

    # The player asks by itself until the video is made.
    page.locator("main [data-player][data-state=ready] video").wait_for(timeout=ENCODING_SECONDS * 1000)
    page.evaluate("document.querySelector('main video').muted = true")
    page.evaluate(
        "void document.querySelector('main video').play()"
    )  # not awaited: a promise without an end has no limit
    moved = eventually(lambda: page.evaluate("document.querySelector('main video').currentTime") > 2, 30)
    assert moved, "currentTime does not move"
    assert page.evaluate("document.querySelector('main video').videoWidth") > 0
    member.picture("unit")

    page.evaluate("document.querySelector('main video').pause()")
    at = page.evaluate("document.querySelector('main video').currentTime")
    page.wait_for_timeout(1500)
    again = visitor()
    again.sign_in("member1")
    again.open(page.url)
    resumed = eventually(
        lambda: abs(again.page.evaluate("document.querySelector('main video')?.currentTime || 0") - at) < 5, 20
    )
    assert resumed, "another device does not go on where this one stopped"


def test_member_finds_an_article_by_search_and_lands_on_it(visitor):
    member = visitor()
    page = member.sign_in("member2")

    page.fill("header [name=q]", "党员学习管理办法第六条")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    member.picture("search-article")
    first = page.locator("main a:has-text('第六条')").first
    first.click()

    page.wait_for_url("**/r/**")
    member.picture("article-of-regulation")
    assert "第六条" in page.inner_text("main")
    assert "党员学习管理办法" in page.inner_text("main")


def test_reader_sees_public_pages_without_signing_in(visitor):
    reader = visitor()
    for name, path in [
        ("home", "/"),
        ("branches", "/branches/"),
        ("regulations", "/r/"),
        ("lessons", "/lessons/"),
        ("cases", "/cases/"),
        ("search", "/search/?q=学时"),
        ("search-empty", "/search/?q=空空如也没有这样的词组"),
        ("login", "/account/login/"),
        ("english-home", "/en/"),
    ]:
        reader.open(path)
        reader.picture(name)
    page = reader.open("/")
    page.locator("main h2 a, main h1 a").first.click()
    page.wait_for_url("**/a/**")
    reader.picture("story")
    for path in ["/a/nothing2/x/", "/r/nothing", "/p/quizzes/none/", "/no/such/page"]:
        reader.open(path, status=404)
    reader.picture("not-found")


def test_reader_wrong_password_ten_times_is_told_how_long_to_wait(visitor):
    stranger = visitor()
    page = stranger.open("/account/login/")
    for _ in range(10):
        if page.locator("main [name=username]").count() == 0:
            break
        page.fill("main [name=username]", "member3")
        page.fill("main [name=password]", "wrong-password")
        page.click("main button[type=submit]")
        page.wait_for_load_state()

    assert "15 分钟" in page.inner_text("main")
    stranger.errors = [error for error in stranger.errors if "status of 429" not in error]
    stranger.picture("locked")
