"""The results page and the suggestions of a whole site over 60,000 articles, and how fast the index is built from its rows.

The demo site with the real laws, grown by copies under other names until there are enough articles (`-o articles=60000`;
`-o site=FOLDER` keeps it for the next time). Times over HTTP are those of a kept connection to the real gunicorn, one request
at a time; queries and CPU are those of the same requests in this process. Each question is asked once. The baseline is a view
that does nothing behind the same middleware.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

from benchmarks import running

ARTICLES = 60_000
ASKED = 300
WARM_UP = 30
DEMO_AT_MOST = 100
"""Regulations; more are there only once the real laws were imported."""
TARGETS: dict[str, dict[str, float]] = {
    "index_from_rows.rows_per_second": {"at_least": 2_500},
    "anonymous.results.p95_ms": {"at_most": 60},
    "signed_in.results.p95_ms": {"at_most": 60},
    "anonymous.suggestions.p95_ms": {"at_most": 10},
    "signed_in.suggestions.p95_ms": {"at_most": 10},
    "signed_in.results.most_queries": {"at_most": 15},
}


def run(options: Any) -> dict[str, Any]:
    """Rows a second of a rebuild; milliseconds (wall over HTTP, CPU in process) and queries of both pages, for both readers."""
    asked = int(getattr(options, "asked", ASKED))
    with running.data_folder(getattr(options, "site", None)) as data:
        os.environ.update(running.environment(data))
        django.setup()
        made = _fill(int(getattr(options, "articles", ARTICLES)))
        built = _build()
        result: dict[str, Any] = {"name": "search_pages", **made, "index_from_rows": built}
        pages = _addresses(asked)
        with _web(data) as port:
            result["bare"] = _over_http(port, ["/bare/"] * asked, "")
            for reader, client in (("anonymous", _client()), ("signed_in", _somebody())):
                cookie = "; ".join(f"{name}={held.value}" for name, held in client.cookies.items())
                result[reader] = {
                    name: {**_over_http(port, addresses, cookie), **_in_process(client, addresses)}
                    for name, addresses in pages.items()
                }
    for reader in ("anonymous", "signed_in"):
        for one in result[reader].values():
            one["cpu_ratio_to_bare"] = round(one["cpu_p50_ms"] / _bare_cpu(), 1)
    return {**result, "targets": TARGETS}


# --- the site ---------------------------------------------------------------------------------------------------------
def _fill(wanted: int) -> dict[str, Any]:
    from django.core.management import call_command

    from benchmarks.regulations import _grow
    from benchmarks.regulations_import import _laws
    from portal.regulations.models import Provision, Regulation

    articles = Provision.objects.filter(kind="article")
    began = time.perf_counter()
    before = articles.count()
    if Regulation.objects.count() < DEMO_AT_MOST:
        call_command("import_regulations", str(_laws()))
    own = articles.exclude(version__regulation__title__contains="份）").count()
    copies = -(-wanted // max(1, own)) - 1
    if articles.count() < wanted and copies > 0:
        _grow(copies)
    return {
        "articles": articles.count(),
        "fill_seconds": round(time.perf_counter() - began, 1),
        "fill_articles_per_second": round((articles.count() - before) / (time.perf_counter() - began)),
    }


def _build() -> dict[str, Any]:
    """The whole index anew, sources of the demo site with it: what is read, tokenised, written, and noted in the states."""
    from search.indexing.rebuild import rebuild

    cpu, began = _cpu(), time.perf_counter()
    report = rebuild()
    cpu, seconds = _cpu() - cpu, time.perf_counter() - began
    return {
        "rows": report.rows,
        "seconds": round(seconds, 1),
        "rows_per_second": round(report.rows / seconds),
        "rows_per_cpu_second": round(report.rows / cpu),
        "index_megabytes": round(report.size_bytes / 1e6, 1),
    }


def _cpu() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


@contextlib.contextmanager
def _web(data: Path) -> Iterator[int]:
    """The web process alone, as the supervisor starts it: the worker would be busy with what the filling left."""
    from portal.config.processes.supervisor import children_for

    port = running.free_port()
    (web,) = (child for child in children_for("127.0.0.1", port) if child.name == "web")
    with (data / "web.log").open("ab") as log:
        process = subprocess.Popen(
            web.command,
            cwd=running.PROJECT_DIR,
            env=running.environment(data),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        running.wait_for(f"http://127.0.0.1:{port}/bare/")
        yield port
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _somebody() -> Any:
    """A client of a member whom nothing keeps from the page: no second factor to set up, no password to change."""
    from portal.organisations.models import Member

    for member in Member.objects.filter(user__isnull=False, user__is_active=True).order_by("pk"):
        client = _client(member.user)
        if client.get("/search/").status_code == 200:
            return client
    raise RuntimeError("the demo site has no member with a login")


def _client(user: Any = None) -> Any:
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    if user is not None:
        client.force_login(user, backend="portal.accounts.backends.LoginHandleBackend")
    return client


# --- what is asked ----------------------------------------------------------------------------------------------------
def _addresses(many: int) -> dict[str, list[str]]:
    """Addresses of results (a third questions, a third titles with or without an article, a third two words of a text) and of
    suggestions (the beginning of a title, of a word in it, or of its pinyin)."""
    from pypinyin import Style, lazy_pinyin

    from benchmarks import search_data
    from portal.regulations.models import Provision, Regulation

    dice = random.Random(11)
    questions = [one.text for one in search_data.questions(search_data.data_dir({}))]
    titles = list(Regulation.objects.values_list("title", flat=True).order_by("pk"))
    texts = [
        text
        for text in Provision.objects.filter(kind="article").order_by("pk").values_list("text", flat=True)[:20_000]
        if len(text) > 30
    ]

    def words(text: str) -> str:
        places = [dice.randrange(len(text) - 4) for _ in range(2)]
        return " ".join(text[place : place + dice.choice([2, 3, 4])] for place in places)

    results = [
        dice.choice(questions)
        if turn % 3 == 0
        else f"{dice.choice(titles)}{dice.choice(['', f'第{dice.randrange(1, 40)}条'])}"
        if turn % 3 == 1
        else words(dice.choice(texts))
        for turn in range(many)
    ]
    typed = []
    for _ in range(many):
        title = dice.choice(titles)
        start = dice.choice([0, 0, max(0, len(title) // 2)])
        part = title[start : start + dice.randrange(1, 6)]
        typed.append(dice.choice([part, part, "".join(lazy_pinyin(part, style=Style.FIRST_LETTER))]))
    return {
        "results": [f"/search/?{urlencode({'q': text})}" for text in results],
        "suggestions": [f"/search/suggest/?{urlencode({'q': text})}" for text in typed],
    }


# --- measuring --------------------------------------------------------------------------------------------------------
def _over_http(port: int, addresses: list[str], cookie: str) -> dict[str, float]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    wall = []

    def ask(address: str) -> None:
        link.request("GET", address, headers={"Cookie": cookie} if cookie else {})
        answer = link.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address} answered {answer.status}")

    for address in addresses[:WARM_UP]:
        ask(address)
    for address in addresses:
        began = time.perf_counter()
        ask(address)
        wall.append((time.perf_counter() - began) * 1000)
    link.close()
    return {"p50_ms": _share(wall, 0.5), "p95_ms": _share(wall, 0.95)}


def _in_process(client: Any, addresses: list[str]) -> dict[str, float]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for address in addresses[:WARM_UP]:
        client.get(address)
    spent = [_spent(lambda address=address: client.get(address)) for address in addresses]
    queries = []
    for address in addresses[:WARM_UP]:
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        queries.append(float(len(asked)))
    return {
        "cpu_p50_ms": _share(spent, 0.5),
        "cpu_p95_ms": _share(spent, 0.95),
        "queries": _share(queries, 0.5),
        "most_queries": max(queries),
    }


def _bare_cpu() -> float:
    client = _client()
    return _share([_spent(lambda: client.get("/bare/")) for _ in range(100)], 0.5)


def _spent(ask: Callable[[], Any]) -> float:
    began = time.process_time()
    answer = ask()
    took = (time.process_time() - began) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.request['PATH_INFO']} answered {answer.status_code}")
    return took


def _share(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)


if __name__ == "__main__":
    import json

    class Options:
        site = sys.argv[1] if len(sys.argv) > 1 else None

    print(json.dumps(run(Options), ensure_ascii=False, indent=1))
