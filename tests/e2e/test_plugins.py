"""A plugin is switched off for the site: menu, card, pages and hits are gone at once, without a restart; then on again."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import ARTEFACTS, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def traces_of_quizzes(reader: Visitor) -> dict[str, bool]:
    page = reader.open("/workbench/?all=1")
    seen = {
        "menu": page.locator("header a[href*='/p/quizzes/'], nav a[href*='/p/quizzes/']").count() > 0,
        "card": page.locator("main a[href*='/p/quizzes/']").count() > 0,
    }
    page = reader.open("/search/?q=应知应会测验")
    seen["hits"] = page.locator("main a[href*='/p/quizzes/']").count() > 0
    answer = page.goto(reader.site.address + "/p/quizzes/")
    seen["pages"] = answer is not None and answer.status == 200
    reader.errors = [error for error in reader.errors if "status of 404" not in error]
    return seen


def switch(admin: Visitor) -> None:
    admin.open("/admin/plugins/")
    row = admin.page.locator("tr:has-text('在线考试')").first
    row.locator("button").first.click()
    admin.page.wait_for_load_state()


def test_plugin_switched_off_leaves_no_trace_and_comes_back(visitor):
    admin, member = visitor(), visitor()
    admin.sign_in("sysadmin")
    member.sign_in("member2")
    before = traces_of_quizzes(member)
    member.open("/p/disclosure/")
    member.picture("disclosure")

    switch(admin)
    admin.page.screenshot(path=ARTEFACTS / "plugins-admin.png")
    while_off = traces_of_quizzes(member)
    switch(admin)
    after = traces_of_quizzes(member)

    everything = {"menu": True, "card": True, "hits": True, "pages": True}
    assert before == everything
    assert while_off == dict.fromkeys(everything, False)
    assert after == everything


def test_member_takes_a_quiz_and_sees_the_points_for_it(visitor):
    member = visitor()
    page = member.sign_in("member2")
    member.open("/p/quizzes/")
    member.picture("quizzes")
    page.locator("main a[href*='/p/quizzes/']").first.click()
    page.wait_for_load_state()
    member.picture("quiz")
    source = page.content()
    assert "correct" not in source.lower()

    member.open("/p/points/")
    member.picture("points")
