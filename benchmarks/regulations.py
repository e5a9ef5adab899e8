"""Reading regulations: an article page, and two versions of 500 articles side by side, first and kept; with a grown library too.

The real laws are imported into a temporary SQLite database (`-o site=FOLDER` keeps it for the next time); `-o copies=9` adds
nine copies of each with changed names, some 150,000 articles in all. Pages are asked by a reader without a login, each address
once, after a first one that is not counted; a page is not taken from the cache of pages.
"""

from __future__ import annotations

import random
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.organisations import _database
from benchmarks.regulations_import import _laws

PAGES = 120
ARTICLES = 500


def run(options: Any) -> dict[str, Any]:
    """Milliseconds of an article page (median, 95th percentile, most queries) and of a comparison, first and kept."""
    copies = int(getattr(options, "copies", 0) or 0)
    with _database(getattr(options, "site", None)):
        from django.conf import settings
        from django.core.management import call_command

        settings.ALLOWED_HOSTS = ["*"]
        from portal.regulations.models import Citation, Provision, Regulation

        made: dict[str, Any] = {}
        if not Regulation.objects.exists():
            began = time.perf_counter()
            call_command("import_regulations", str(_laws()))
            made["import_seconds"] = round(time.perf_counter() - began, 1)
        if copies:
            began = time.perf_counter()
            added = _grow(copies)
            seconds = time.perf_counter() - began
            made["grown_articles"] = added
            made["grow_articles_per_second"] = round(added / seconds, 1) if added else 0.0
        result = {
            "name": "regulations",
            "articles": Provision.objects.filter(kind="article").count(),
            "references": Citation.objects.count(),
            **made,
            "article_page": _article_pages(),
            "compare": _comparison(),
        }
    result["targets"] = {
        "article_page.p95_ms": {"at_most": 60},
        "article_page.queries": {"at_most": 10},
        "compare.first_ms": {"at_most": 1500},
        "compare.kept_ms": {"at_most": 100},
    }
    return result


def _grow(copies: int) -> int:
    """Copies of every law under another name; gives the number of articles added."""
    from portal.regulations.domain.citations.linking import read_unread
    from portal.regulations.domain.importing import ImportRefused, import_law
    from portal.regulations.domain.parsing import decode, parse
    from portal.regulations.models import Regulation

    added = 0
    for file in sorted(Path(_laws()).rglob("*.md")):
        text, _ = decode(file.read_bytes())
        for number in range(1, copies + 1):
            law = parse(text)
            law.title = f"{law.title}{law.part_title}（第{number}份）"
            if Regulation.objects.filter(title=law.title).exists():
                continue
            try:
                import_law(law, digest=f"{file}:{number}", source_path=f"{number}/{file.name}")
            except ImportRefused:
                continue
            added += law.articles
    read_unread()
    return added


def _article_pages() -> dict[str, float]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from portal.regulations.models import Provision

    rows = list(Provision.objects.filter(kind="article").values_list("version__regulation__code", "lineage__code"))
    client, times, queries = Client(), [], 0
    for place, (code, lineage) in enumerate(random.Random(3).sample(rows, PAGES + 1)):
        with CaptureQueriesContext(connection) as asked:
            began = time.perf_counter()
            answer = client.get(f"/r/{code}/{lineage}")
            took = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"/r/{code}/{lineage} answered {answer.status_code}")
        if place:
            times.append(took)
            queries = max(queries, len(asked))
    return {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "queries": queries,
    }


def _comparison() -> dict[str, float]:
    """Two versions of 500 articles: a third identical, a third changed, a third in another place."""
    from django.core.cache import cache
    from django.test import Client

    from portal.regulations.domain.importing import import_regulation
    from portal.regulations.domain.parsing.numerals import chinese_of
    from portal.regulations.models import Provision, Regulation

    Regulation.objects.filter(title="对照试验法").delete()
    dice = random.Random(5)
    texts = list(Provision.objects.filter(kind="article").exclude(text="").values_list("text", flat=True)[:20_000])
    older = dice.sample(texts, ARTICLES)
    newer = [
        text if n % 3 else text[: len(text) // 2] + "应当依照国家有关规定" + text[len(text) // 2 + 4 :]
        for n, text in enumerate(older)
    ]
    newer = newer[ARTICLES // 3 :] + newer[: ARTICLES // 3]
    for day, articles in (("2020-01-01", older), ("2024-01-01", newer)):
        body = "\n\n".join(f"第{chinese_of(n)}条 {text}" for n, text in enumerate(articles, start=1))
        law = f"# 对照试验法\n\n2020年1月1日 通过\n\n<!-- INFO END -->\n\n{body}\n"
        version = import_regulation(law, file_name=f"对照试验法({day}).md").version
    assert version is not None
    client, times = Client(), []
    cache.clear()
    client.get("/r/")
    for turn in range(2):
        began = time.perf_counter()
        answer = client.get(f"/r/{version.regulation.code}/compare?turn={turn}")
        times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"the comparison answered {answer.status_code}")
    return {"first_ms": round(times[0], 1), "kept_ms": round(times[1], 1)}
