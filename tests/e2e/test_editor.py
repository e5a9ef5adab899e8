"""An editor writes a story with a picture, a reviewer publishes it, readers see and find it."""

from __future__ import annotations

import contextlib
import io
import re
import time

import pytest
from PIL import Image as Picture
from playwright.sync_api import Page, TimeoutError

from tests.e2e.conftest import ARTEFACTS, Visitor, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TITLE = "检修库里的一盏灯"
WORD = "蓝釉茶缸"


def red_picture() -> bytes:
    data = io.BytesIO()
    Picture.linear_gradient("L").resize((1200, 800)).convert("RGB").save(data, "JPEG")
    return data.getvalue()


def column_number(editor: Visitor, name: str) -> str:
    editor.open("/admin/pages/")
    address = editor.page.locator(f"table a:has-text('{name}')").first.get_attribute("href") or ""
    found = re.search(r"/pages/(\d+)/", address)
    assert found, f"the column {name} is not in the explorer"
    return found.group(1)


def choose_new_picture(editor: Visitor) -> None:
    page = editor.page
    page.click("text=选择一个图片")
    page.wait_for_selector(".modal-content [role=tab]")
    page.locator(".modal-content [role=tab]").nth(1).click()
    page.fill("[name=image-chooser-upload-title]", "检修库夜班")
    page.set_input_files(
        "[name=image-chooser-upload-file]", {"name": "夜班 灯.jpg", "mimeType": "image/jpeg", "buffer": red_picture()}
    )
    page.click(".modal-content button[type=submit]:has-text('上传')")
    page.wait_for_selector(".modal-content", state="detached")


def write_paragraph(page: Page, text: str) -> None:
    page.click("[title='Insert a block'], [title='插入一个块']")
    page.click("[role=option]:has-text('正文')")
    page.locator("[contenteditable=true]").last.click()
    page.keyboard.type(text)
    # The rich text editor hands its text to the form a moment after the last key.
    page.wait_for_function(
        "text => [...document.querySelectorAll('input[name^=body]')].some(i => i.value.includes(text))", arg=text
    )


def submit(page: Page) -> None:
    """Submit once the automatic saving is at rest: it may be about to make the page, or may have made it."""
    with contextlib.suppress(TimeoutError):
        page.wait_for_url("**/edit/", timeout=4000)
    page.wait_for_timeout(2000)
    page.click("[aria-label='更多动作'], button:has-text('更多动作')")
    page.click("button[name=action-submit]")
    page.wait_for_url(re.compile(r"/admin/pages/\d+/$"))
    assert "审核" in page.inner_text(".messages")


def test_story_is_written_submitted_reviewed_and_found(visitor):
    editor = visitor()
    page = editor.sign_in("editor")
    editor.open(f"/admin/pages/add/news/articlepage/{column_number(editor, '要闻')}/")
    page.fill("[name=title]", TITLE)
    page.fill("[name=summary]", f"夜班工友留下一只{WORD}。")
    choose_new_picture(editor)
    write_paragraph(page, "夜班结束，灯还亮着。")
    page.screenshot(path=ARTEFACTS / "editor.png")
    submit(page)

    reader = visitor()
    reader.open(f"/search/?q={WORD}")
    assert TITLE not in reader.page.inner_text("main"), "a story under review is already found"

    reviewer = visitor()
    desk = reviewer.sign_in("reviewer")
    reviewer.open("/admin/")
    desk.click(f"a:has-text('{TITLE}')")
    desk.wait_for_url("**/edit/**")
    desk.screenshot(path=ARTEFACTS / "review.png")
    desk.click("[aria-label='更多动作'], button:has-text('更多动作')")
    desk.click("button[data-workflow-action-name=approve]:not([data-workflow-action-modal-url])")
    desk.wait_for_url(re.compile(r"/admin/(pages/\d+/)?$"))
    published = time.monotonic()

    def is_found() -> bool:
        reader.open(f"/search/?q={WORD}")
        return TITLE in reader.page.inner_text("main")

    assert eventually(is_found, 10, every=0.1)
    seconds = time.monotonic() - published
    assert seconds < 3, f"found only after {seconds:.1f} s"
    reader.open("/")
    reader.page.click(f"main a:has-text('{TITLE}')")
    reader.page.wait_for_url("**/a/**")
    reader.picture("new-story")
    reader.page.locator("nav.crumbs a").last.click()  # the column it stands in
    reader.page.wait_for_load_state()
    column = reader.page.url

    def picture_is_shown() -> bool:
        reader.open(column)
        shown = reader.page.locator(f"main li:has-text('{TITLE}') img")
        return shown.count() == 1 and shown.evaluate("async image => (await image.decode(), image.naturalWidth)") > 0

    assert eventually(picture_is_shown, 30), reader.page.inner_html(f"main li:has-text('{TITLE}')")


def test_editor_may_not_approve_the_own_story(visitor):
    editor = visitor()
    page = editor.sign_in("reviewer")
    editor.open(f"/admin/pages/add/news/articlepage/{column_number(editor, '企业文化')}/")
    page.fill("[name=title]", "审核人自己的稿件")
    write_paragraph(page, "自己写的，不能自己审。")
    submit(page)

    page.locator("a:has-text('审核人自己的稿件')").first.click()
    page.wait_for_load_state()

    assert page.locator("button[data-workflow-action-name=approve]").count() == 0


def test_upload_of_what_is_no_video_says_why_and_keeps_the_title(visitor):
    editor = visitor()
    page = editor.sign_in("editor")
    page.goto(editor.site.address + "/admin/")
    page.click("nav a:has-text('视频')")
    page.wait_for_load_state()
    page.locator("main a[href*=add], header a[href*=add], a[href*='/new/']").first.click()
    page.wait_for_load_state()
    page.fill("[name=title]", "不是视频的视频")
    page.set_input_files(
        "input[type=file]", {"name": "课件.mp4", "mimeType": "video/mp4", "buffer": "这只是一段文字。".encode() * 400}
    )
    page.locator("form button[type=submit], form input[type=submit]").last.click()
    page.wait_for_load_state()

    text = page.inner_text("main")
    assert page.input_value("[name=title]") == "不是视频的视频"
    assert "视频" in text
    assert "Traceback" not in text
    page.screenshot(path=ARTEFACTS / "refused-upload.png", full_page=True)
