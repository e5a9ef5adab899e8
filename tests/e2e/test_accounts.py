"""The second factor from the QR code to the next sign-in, devices, and the security administrator's desk."""

from __future__ import annotations

import base64
import contextlib
import re
import time

import pytest
from django_otp.oath import TOTP
from playwright import sync_api as playwright

from tests.e2e.conftest import ARTEFACTS

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def code(secret: str) -> str:
    return f"{TOTP(base64.b32decode(secret)).token():06d}"


def test_member_sets_up_the_second_factor_and_signs_in_with_it(visitor):
    member = visitor()
    member.open("/account/login/")
    member.picture("login")
    page = member.sign_in("member3")
    member.open("/account/")
    member.picture("account")
    page.click("main a:has-text('启用动态口令')")
    page.wait_for_selector("svg.qr")
    member.picture("second-factor")
    assert page.locator("svg.qr").bounding_box()["width"] > 150
    secret = page.locator(".secret-text").inner_text().replace(" ", "")
    shown = code(secret)
    page.fill("main [name=code]", shown)
    page.click("main form:has([name=code]) button[type=submit]")
    page.wait_for_selector(".codes")
    member.picture("recovery-codes")
    recovery = page.locator(".codes li").all_inner_texts()
    assert len(recovery) == 10
    page.click("main a:has-text('已经保存')")

    again = visitor()
    desk = again.sign_in("member3")
    assert re.search(r"/account/factor/$", desk.url)
    again.picture("factor")
    desk.goto(again.site.address + "/workbench/")
    assert re.search(r"/account/factor/$", desk.url)
    deadline = time.monotonic() + 40
    while code(secret) == shown and time.monotonic() < deadline:
        time.sleep(1)
    desk.fill("main [name=code]", code(secret))
    desk.click("main button:has-text('登录')")
    desk.wait_for_url(re.compile("/workbench/$"))

    again.open("/account/")
    again.picture("devices")
    assert desk.locator("#devices .device-row").count() == 2
    desk.click("#devices button:has-text('退出这台')")
    desk.wait_for_load_state()
    assert desk.locator("#devices .device-row").count() == 1
    page.goto(member.site.address + "/workbench/")
    assert "/account/login/" in page.url
    with contextlib.suppress(playwright.Error):  # a page that must not be kept cannot be gone back to
        page.go_back()
    assert page.locator("text=我的设备").count() == 0


def test_security_administrator_resets_a_password_and_the_person_chooses_a_new_one(visitor):
    keeper, member = visitor(), visitor()
    desk = keeper.sign_in("secadmin")
    keeper.open("/admin/accounts/?q=member1")
    desk.screenshot(path=ARTEFACTS / "accounts-list.png", full_page=True)
    desk.click("table a:has-text('member1')")
    desk.wait_for_load_state()
    desk.screenshot(path=ARTEFACTS / "accounts-one.png", full_page=True)
    desk.click("button:has-text('重置密码')")
    desk.wait_for_selector("code")
    password = desk.locator(".help-block code").inner_text()
    desk.screenshot(path=ARTEFACTS / "accounts-reset.png", full_page=True)
    keeper.open("/admin/accounts/new/")
    desk.screenshot(path=ARTEFACTS / "accounts-new.png", full_page=True)

    member.open("/account/login/")
    member.page.fill("main [name=username]", "member1")
    member.page.fill("main [name=password]", password)
    member.page.click("main button[type=submit]")
    member.page.wait_for_url(re.compile("/account/password/$"))
    member.picture("first-password")
    new = "gu-yan-chuan-2026"
    for name, value in (("old_password", password), ("new_password1", new), ("new_password2", new)):
        member.page.fill(f"main [name={name}]", value)
    member.page.click("main button:has-text('修改密码')")
    member.page.wait_for_url(re.compile("/workbench/$"))
    member.site.passwords["member1"] = new


def test_paused_sign_in_says_what_to_do(visitor):
    stranger = visitor()
    for _ in range(6):
        stranger.page.goto(stranger.site.address + "/account/login/")
        stranger.page.fill("main [name=username]", "nobody-at-all")
        stranger.page.fill("main [name=password]", "wrong")
        stranger.page.click("main button[type=submit]")
        stranger.page.wait_for_load_state()
    stranger.errors = [error for error in stranger.errors if "status of 429" not in error]

    assert stranger.page.locator("text=登录已暂停").count() == 1
    assert stranger.page.locator("main [name=code]").count() == 1
    stranger.picture("paused")
