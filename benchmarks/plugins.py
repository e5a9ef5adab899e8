"""What installed plugins cost a page, and what one that raises everywhere costs it.

32 synthetic plugins are written into a temporary folder and named by the operator, 5 of them are on; each adds a menu entry, a card,
a slot on articles and one on the home page, a figure, a column and an action in lists of pages, a validator, a page, a task and an
event handler. A process without and a process with them answer
the same pages by turns; the median over the rounds of the difference counts. `-o database=ADDRESS` measures on an empty PostgreSQL
database beside SQLite.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import running

INSTALLED, ENABLED = 32, 5
ROUNDS = 9
REQUESTS = 30
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
        without = Asked({**base, "PLUGINS_EXTERNAL": ""})
        with_them = Asked({**base, "PLUGINS_EXTERNAL": ",".join(sound)})
        try:
            with_them.say(f"on {' '.join(on)}")
            rounds = [(without.costs(), with_them.costs()) for _ in range(ROUNDS)]
        finally:
            with_them.say(f"off {' '.join(on)}")
            without.end()
            with_them.end()
        worst = Asked({**base, "PLUGINS_EXTERNAL": hostile})
        try:
            worst.say("on hostile")
            answered = worst.say(f"hostile {HOSTILE_REQUESTS}")
        finally:
            worst.say("off hostile")
            worst.end()
    pages = rounds[0][0]
    return {
        "page_ms": {page: round(statistics.median(a[page]["ms"] for a, _ in rounds), 2) for page in pages},
        "added_ms": {
            page: round(statistics.median(b[page]["ms"] - a[page]["ms"] for a, b in rounds), 3) for page in pages
        },
        "added_queries": {
            page: statistics.median(b[page]["queries"] - a[page]["queries"] for a, b in rounds) for page in pages
        },
        "hostile": answered,
    }


class Asked:
    """A process with its own set of plugins that answers one line at a time."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.probe.plugins"],
            cwd=running.PROJECT_DIR,
            env={**environment, "PYTHONPATH": str(running.PROJECT_DIR), "REQUESTS": str(REQUESTS)},
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

    def costs(self) -> dict[str, dict[str, float]]:
        """Median CPU milliseconds and queries of each page."""
        found: dict[str, dict[str, float]] = self.say("costs")
        return found

    def end(self) -> None:
        """Close it."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(30)
