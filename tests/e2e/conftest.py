"""A really started site with the demo in it, and a browser that lets nothing pass: no request to another host, no console
error, no failed page. Screenshots are kept in `var/e2e/`."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.services.servers import PROJECT_DIR, answers, free_port, wait_until

ARTEFACTS = PROJECT_DIR / "var" / "e2e"
PREPARE_SECONDS = 300
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


@dataclasses.dataclass(frozen=True)
class Site:
    """A running site: its address, the demo's passwords by user name, its data folder."""

    address: str
    passwords: dict[str, str]
    data: Path


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The single machine as `bin/run` starts it, on a free port, with the demo site."""
    data, port = tmp_path_factory.mktemp("站点 data"), free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.endswith("_URL")},
        "LINGHANG_DATA": str(data),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "SECOND_FACTOR": "optional",  # as bin/run sets it for the demo
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    log = (data / "site.log").open("wb")
    subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        cwd=PROJECT_DIR, env=environment, stdout=log, stderr=log, timeout=PREPARE_SECONDS, check=True,
    )  # fmt: skip
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "portal.config.processes.supervisor", "--port", str(port)],
        cwd=PROJECT_DIR, env=environment, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        wait_until(lambda: answers(port), "the site")
        logins = (data / "logins.txt").read_text(encoding="utf-8")
        passwords = dict(re.findall(r"^(\S+)\s+(\w{4}-\w{4}-\w{4})", logins, re.MULTILINE))
        yield Site(f"http://127.0.0.1:{port}", passwords, data)
    finally:
        supervisor.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            supervisor.wait(timeout=60)
        supervisor.kill()
        supervisor.wait()
        log.close()
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        shutil.copy(data / "site.log", ARTEFACTS / "site.log")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    assert CHROMIUM, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()


class Visitor:
    """A person at a browser of their own, who remembers everything that went wrong."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site = site
        self.context = context
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on(
            "console", lambda m: m.type == "error" and self.errors.append(f"console: {m.text} {m.location['url']}")
        )
        self.page.on("pageerror", lambda error: self.errors.append(f"script: {error}"))
        context.on("request", self._watch)

    def _watch(self, request: object) -> None:
        url: str = request.url  # type: ignore[attr-defined]
        if not url.startswith((self.site.address, "data:", "blob:")):
            self.errors.append(f"request left the machine: {url}")

    def open(self, path: str, *, status: int = 200) -> Page:
        """Go to an address of the site and expect a status."""
        answer = self.page.goto(path if path.startswith("http") else self.site.address + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        if status != 200:  # the browser itself reports the status as a console error
            self.errors = [error for error in self.errors if f"status of {status}" not in error]
        return self.page

    def sign_in(self, username: str) -> Page:
        """Sign in by the form."""
        self.open("/account/login/")
        self.page.fill("main [name=username]", username)
        self.page.fill("main [name=password]", self.site.passwords[username])
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "/account/login/" not in url)
        return self.page

    def picture(self, name: str) -> None:
        """Keep a screenshot at both widths, and see that nothing scrolls sideways."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        for width in (1280, 360):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.wait_for_timeout(150)
            self.page.screenshot(path=ARTEFACTS / f"{name}-{width}.png", full_page=True)
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, (
                f"{name} scrolls sideways at {width}"
            )
        self.page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def visitor(site: Site, browser: Browser) -> Iterator[Callable[[], Visitor]]:
    """Makes visitors; at the end none may have met an error."""
    visitors: list[Visitor] = []

    def make() -> Visitor:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        visitors.append(Visitor(site, context))
        return visitors[-1]

    yield make
    # Wagtail's editor asks once more after its editing session was given back, and gets 404.
    errors = [error for one in visitors for error in one.errors if "/admin/editing-sessions/" not in error]
    for one in visitors:
        one.context.close()
    assert errors == []


def eventually(probe: Callable[[], object], seconds: float, every: float = 0.25) -> object:
    """Ask until the answer is true; the last answer when time is up."""
    until = time.monotonic() + seconds
    while not (answer := probe()) and time.monotonic() < until:
        time.sleep(every)
    return answer
