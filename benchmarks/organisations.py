"""Who belongs where and who may what, at scale: 100,000 members in 6,000 organisations, 100,000 pages.

Measured in the database that the environment names (`DATABASE_URL`; SQLite without it), filled by `benchmarks.scale_data` when
it is not yet: `-o site=FOLDER` keeps the SQLite one for the next time. Each figure is the 95th percentile over many draws, in
milliseconds, of the whole call with its rows read, on one connection, after a first round that is not counted. The first page
under the audience filter is the first page of a column with all 100,000 pages below it, as the portal itself asks for it: its
total is kept while content does not change, and what it costs to count it is given beside (`pages_counted`).
"""

from __future__ import annotations

import contextlib
import functools
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import django

ROUNDS = 400
TARGET_MS = 5.0
TREE_QUERIES = 10


def run(options: Any) -> dict[str, Any]:
    """Milliseconds (median and 95th percentile) of subtree filter, rights check, first page of pages, tree page and search."""
    with _database(getattr(options, "site", None)) as vendor:
        from benchmarks import scale_data

        made = scale_data.fill(pages=scale_data.PAGES)
        result: dict[str, Any] = {
            "database": vendor,
            "organisations": made.organisations,
            "members": made.members,
            "pages": made.pages,
            "fill_seconds": made.seconds,
        }
        for name, call in _calls(random.Random(7)).items():
            result[name] = _measure(call)
        result["tree"] = _tree()
    result["targets"] = {
        f"{name}.p95_ms": {"at_most": TARGET_MS}
        for name in ("subtree_members", "rights_check", "audience_tokens", "pages_by_audience")
    } | {f"tree.{name}.queries": {"at_most": TREE_QUERIES} for name in result["tree"]}
    return result


@contextlib.contextmanager
def _database(given: str | None) -> Iterator[str]:
    """Django on the database of the environment, migrated; a temporary SQLite one when none is named. Gives its vendor."""
    folder = Path(given or os.environ.get("LINGHANG_DATA") or tempfile.mkdtemp(prefix="linghang-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["LINGHANG_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings.production")
    os.environ["SECOND_FACTOR"] = "optional"  # the administration is opened without one
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)  # what the tree page names has to be there
    try:
        yield connection.vendor
    finally:
        connection.close()
        if not given and folder.name.startswith("linghang-bench-"):
            shutil.rmtree(folder, ignore_errors=True)


def _calls(draw: random.Random) -> dict[str, Callable[[], Any]]:
    from django.contrib.auth import get_user_model
    from django.core.cache import cache

    from portal.basepage.models import BasePage
    from portal.ground.rights import may
    from portal.ground.suppliers import viewer_of
    from portal.organisations.models import Member, Organisation, subtree_filter
    from portal.pages.domain.listing import listing_of

    everywhere = list(Organisation.objects.filter(code__startswith="SCALE"))
    upper = [row for row in everywhere if row.depth < 4]
    users = list(get_user_model().objects.filter(username__startswith="scale-").values_list("pk", flat=True))

    def somewhere() -> Any:
        return draw.choice(upper if draw.random() < 0.5 else everywhere)

    def members_of(row: Any) -> Any:
        counted = Member.objects.filter(subtree_filter(row.path, "organisation__path"), stage__in=Member.COUNTED)
        return counted.select_related("organisation")

    def somebody() -> Any:
        return get_user_model().objects.get(pk=draw.choice(users))

    column = BasePage.objects.filter(depth=2).order_by("path").first() or BasePage.objects.get(depth=1)
    readers = [somebody() for _ in range(40)]
    for reader in readers:  # each has looked once since content last changed
        listing_of(column, reader)

    def first_page(user: Any) -> float:
        viewer_of(user)
        return _timed(lambda: listing_of(column, user))

    def models_of(user: Any) -> float:
        viewer = viewer_of(user)
        return _timed(lambda: list(BasePage.objects.visible_to(viewer).order_by("-display_date", "-pk")[:20]))

    def counted(user: Any) -> float:
        viewer_of(user)
        cache.clear()
        return _timed(lambda: listing_of(column, user))

    def of_somebody(subject: Callable[[Any, Any], Any]) -> Callable[[], float]:
        """A person as read by this request, of whom nothing is known yet."""

        def call() -> float:
            user, row = somebody(), somewhere()
            return _timed(lambda: subject(user, row))

        return call

    def whole(subject: Callable[[Any], Any]) -> Callable[[], float]:
        def call() -> float:
            row = somewhere()
            return _timed(lambda: subject(row))

        return call

    return {
        "subtree_members": whole(lambda row: list(members_of(row).order_by("organisation__path", "pk")[:20])),
        "subtree_capped_count": whole(lambda row: members_of(row).order_by()[:1000].count()),
        "rights_check": of_somebody(lambda user, row: may(user, "organisations.manage", row)),
        "audience_tokens": of_somebody(lambda user, row: viewer_of(user)),
        "pages_by_audience": lambda: first_page(draw.choice(readers)),
        "pages_as_models": lambda: models_of(somebody()),
        "pages_counted": lambda: counted(draw.choice(readers)),
    }


def _measure(call: Callable[[], float], rounds: int = ROUNDS) -> dict[str, float]:
    for _ in range(20):
        call()
    return _summary([call() for _ in range(rounds)])


def _summary(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "median_ms": round(statistics.median(ordered) * 1000, 2),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1000, 2),
    }


def _tree() -> dict[str, dict[str, float]]:
    """The tree page of the administration and its search, by the test client, through all middleware: milliseconds, queries of
    the whole page and those about organisations."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    admin = get_user_model().objects.get(username="scale-admin")
    client.force_login(admin, backend="portal.accounts.backends.LoginHandleBackend")
    addresses = {
        "first_view": "/admin/organisations/",
        "search_by_name": "/admin/organisations/?q=检修",
        "search_by_pinyin": "/admin/organisations/?q=jx07b",
        "search_by_code": "/admin/organisations/?q=SCALE0507",
    }
    found = {}
    for name, address in addresses.items():
        for _ in range(2):
            answer = client.get(address)
            if answer.status_code != 200:
                raise RuntimeError(f"{address} answered {answer.status_code}")
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
            asked = [query["sql"] for query in captured.connection.queries[captured.initial_queries :]]
        times = [_timed(functools.partial(client.get, address)) for _ in range(15)]
        found[name] = {
            "median_ms": _summary(times)["median_ms"],
            "queries": sum("organisations_" in sql for sql in asked),
            "queries_of_the_page": len(asked),
        }
    return found


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
