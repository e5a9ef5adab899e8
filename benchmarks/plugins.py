"""What installed plugins cost a page, and what one that raises everywhere costs it.

32 synthetic plugins are written into a temporary folder and named by the operator, 5 of them are on; each adds a menu entry, a card,
a slot on articles and one on the home page, a figure, a column and an action in lists of pages, a validator, a page, a task and an
event handler. A process without and a process with them answer the same pages, request by request by turns, and the median of the
differences of one page is what plugins cost it there. Two processes differ by some tenths of a millisecond for no reason but where
their memory lies, so several pairs are started anew, and the median over the pairs counts; all of them are told. `-o database=ADDRESS` measures on an empty PostgreSQL
database beside SQLite.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks import running

INSTALLED, ENABLED = 32, 5
PAIRS = 5
WARM, REQUESTS = 5, 40
HOSTILE_REQUESTS = 1000

FILES = {
    "plugin.toml": """
slug = "{slug}"
name = {{ zh = "合成 {number}", en = "Synthetic {number}" }}
version = "1.0.0"
sdk = ">=1.0,<2"
""",
    "__init__.py": "",
    "apps.py": """
from django.apps import AppConfig


class Config(AppConfig):
    name = "{slug}"
    label = "{slug}"
""",
    "plugin.py": """
from plugins.sdk import Card, MenuItem, PageAction, PageColumn, PageSlot, Plugin, Task, Tile, Validator, on
from portal.public.events import CourseCompleted


class Synthetic(Plugin):
    menu = (MenuItem("合成 {number}", "{slug}:start", "Synthetic {number}"),)
    cards = (Card("合成 {number}", "{slug}/piece.html", ".pieces.piece", "Synthetic {number}"),)
    slots = (
        PageSlot("article.after_body", "{slug}/piece.html", ".pieces.piece"),
        PageSlot("home.bottom", "{slug}/piece.html", ".pieces.piece"),
    )
    page_columns = (PageColumn("合成 {number}", ".pieces.values", "Synthetic {number}"),)
    page_actions = (PageAction("合成 {number}", url=".pieces.address", label_en="Synthetic {number}"),)
    tiles = (Tile("count", "合成 {number}", ".pieces.figure", "Synthetic {number}"),)
    validators = (Validator("page.publish", ".pieces.check"),)
    tasks = (Task(".pieces.work", every_minutes=60),)
    urls = ".urls"

    @on(CourseCompleted)
    def hear(self, event):
        pass
""",
    "pieces.py": """
from plugins.sdk import Figure


def piece(context):
    {before}
    return {{"number": 1}}


def values(context):
    {before}
    return {{page_id: "x" for page_id in context.page_ids}}


def address(context):
    {before}
    return None


def figure(context):
    {before}
    return Figure(1)


def check(context):
    {before}


def work():
    {before}
""",
    "urls.py": """
from django.http import HttpResponse
from django.urls import path

from plugins.sdk import open_to_all


@open_to_all
def start(request):
    {page}


urlpatterns = [path("", start, name="start")]
""",
    "templates/{slug}/piece.html": "<p>{{{{ number }}}}</p>",
}
SOUND = {"before": "pass", "page": 'return HttpResponse("ok")'}
HOSTILE = {"before": 'raise RuntimeError("on purpose")', "page": 'raise RuntimeError("on purpose")'}


def run(options: Any) -> dict[str, Any]:
    """Milliseconds and queries a page over none installed; requests answered 200 beside a plugin that raises everywhere."""
    databases = {"sqlite": ""}
    if address := getattr(options, "database", None):
        databases["postgresql"] = address
    result: dict[str, Any] = {}
    targets: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="linghang-plugins-") as top:
        sound = [str(write(Path(top) / "sound", f"synthetic{n:02}", n, SOUND)) for n in range(INSTALLED)]
        hostile = str(write(Path(top) / "hostile", "hostile", 99, HOSTILE))
        for name, database in databases.items():
            result[name] = _measure(options, name, database, sound, hostile)
            for page in result[name]["added_ms"]:
                targets[f"{name}.added_ms.{page}"] = {"at_most": 0.5}
                targets[f"{name}.added_queries.{page}"] = {"at_most": 1}
            targets[f"{name}.hostile.answered_200"] = {"at_least": HOSTILE_REQUESTS}
        result["scaffold"] = {"seconds_to_green": _scaffold(Path(top))}
    targets["scaffold.seconds_to_green"] = {"at_most": 60}
    result["targets"] = targets
    return result


def _scaffold(top: Path) -> float:
    """Seconds from `startplugin` to the contract kit and everything else green, the portal's own test database being there."""
    began = time.monotonic()
    for command in (
        ["manage.py", "startplugin", "memo", "--dir", str(top), "--zh", "备忘", "--en", "Memo"],
        ["-m", "tests.services.suite", "plugin", str(top / "memo")],
    ):
        done = subprocess.run(
            [sys.executable, *command], cwd=running.PROJECT_DIR, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stdout[-4000:] + done.stderr[-2000:])
    return round(time.monotonic() - began, 1)


def write(top: Path, slug: str, number: int, bodies: dict[str, str]) -> Path:
    """One synthetic plugin."""
    for name, text in FILES.items():
        path = top / slug / name.format(slug=slug)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(slug=slug, number=number, **bodies), encoding="utf-8")
    return top / slug


def _measure(options: Any, name: str, database: str, sound: list[str], hostile: str) -> dict[str, Any]:
    given = getattr(options, "site", None) if name == "sqlite" else None
    with running.data_folder(given, database=database) as data:
        base = running.environment(data, database)
        on = [Path(folder).name for folder in sound[:ENABLED]]
        pairs = [_pair(base, sound, on) for _ in range(PAIRS)]
        worst = Asked({**base, "PLUGINS_EXTERNAL": hostile})
        try:
            worst.say("on hostile")
            answered = worst.say(f"hostile {HOSTILE_REQUESTS}")
        finally:
            worst.say("off hostile")
            worst.end()
    pages = list(pairs[0])
    return {
        "page_ms": {page: _middle(pair[page]["page_ms"] for pair in pairs) for page in pages},
        "added_ms": {page: _middle(pair[page]["added_ms"] for pair in pairs) for page in pages},
        "added_ms_of_each_pair": {page: sorted(round(pair[page]["added_ms"], 3) for pair in pairs) for page in pages},
        "added_queries": {page: max(pair[page]["added_queries"] for pair in pairs) for page in pages},
        "hostile": answered,
    }


def _pair(base: dict[str, str], sound: list[str], on: list[str]) -> dict[str, dict[str, float]]:
    """What plugins add to each page, by two processes that answer by turns."""
    without = Asked({**base, "PLUGINS_EXTERNAL": ""})
    with_them = Asked({**base, "PLUGINS_EXTERNAL": ",".join(sound)})
    try:
        with_them.say(f"on {' '.join(on)}")
        pages = without.say("pages")["pages"]
        with_them.say("pages")
        found = {}
        for page in pages:
            asked = [_both(without, with_them, page, number) for number in range(WARM + REQUESTS)][WARM:]
            found[page] = {
                "page_ms": statistics.median(a["ms"] for a, _ in asked),
                "added_ms": statistics.median(b["ms"] - a["ms"] for a, b in asked),
                "added_queries": statistics.median(b["queries"] - a["queries"] for a, b in asked),
            }
        return found
    finally:
        with_them.say(f"off {' '.join(on)}")
        without.end()
        with_them.end()


def _both(without: Asked, with_them: Asked, page: str, number: int) -> tuple[dict[str, float], dict[str, float]]:
    """The cost of a page without and with plugins; now the one is asked first, now the other."""
    if number % 2:
        second, first = with_them.say(f"cost {page}"), without.say(f"cost {page}")
    else:
        first, second = without.say(f"cost {page}"), with_them.say(f"cost {page}")
    return first, second


def _middle(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


class Asked:
    """A process with its own set of plugins that answers one line at a time."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.probe.plugins"],
            cwd=running.PROJECT_DIR,
            env={**environment, "PYTHONPATH": str(running.PROJECT_DIR)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self, line: str) -> Any:
        """What it answers. Raises RuntimeError when it is gone."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        while answer := self.process.stdout.readline():
            if answer.startswith("{"):
                return json.loads(answer)
        raise RuntimeError(f"the measured process ended at: {line}")

    def end(self) -> None:
        """Close it."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(30)
