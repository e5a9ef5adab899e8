"""Pages beside a bare view on the same server: rate of anonymous hits, queries and CPU of misses, of members and editors.

Hits: the real gunicorn of `bin/run`, four kept connections, five rounds in which bare view and pages take turns; each round
gives a ratio, the median counts. Misses: Django's test client through all middleware, page cache emptied, third request on.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

from benchmarks import running

ROUNDS = 5
SECONDS = 3.0
REPEATS = 20


def run(options: Any) -> dict[str, Any]:
    """Requests a second and their ratio to the bare view; queries and CPU milliseconds a page."""
    with running.data_folder(getattr(options, "site", None)) as data:
        os.environ.update(running.environment(data))
        django.setup()
        addresses = public_addresses()
        hits = _hits(data, addresses, rounds=int(getattr(options, "rounds", ROUNDS)))
        misses = _misses(addresses)
        member = _signed_in(addresses)
        editor = _editor()
    targets: dict[str, dict[str, float]] = {}
    for name in hits["ratio_to_bare"]:
        targets[f"anonymous_hit.ratio_to_bare.{name}"] = {"at_least": 0.85}
    for name in addresses:
        targets[f"anonymous_miss.{name}.queries"] = {"at_most": 12}
        targets[f"anonymous_miss.{name}.cpu_ms"] = {"at_most": 10}
    targets |= {f"signed_in.{name}.queries": {"at_most": 20} for name in member}
    targets |= {f"administration.{name}.queries": {"at_most": 40} for name in editor}
    return {
        "anonymous_hit": hits,
        "anonymous_miss": misses,
        "signed_in": member,
        "administration": editor,
        "targets": targets,
    }


def public_addresses() -> dict[str, str]:
    """One public address of each type of page, the home page, the regulations."""
    from portal.basepage.models import BasePage
    from portal.ground.suppliers import ANONYMOUS

    found = {"home": "/"}
    for page in BasePage.objects.live().visible_to(ANONYMOUS).order_by("-depth", "pk").specific().iterator():
        name = page.specific_class.__name__ if page.specific_class else ""
        if name not in found and name not in {"", "BasePage", "HomePage"} and (address := page.get_url()):
            found[name] = address
    found["regulations"] = "/r/"
    return found


def _hits(data: Path, addresses: dict[str, str], *, rounds: int) -> dict[str, Any]:
    rates: dict[str, list[float]] = {name: [] for name in ["bare", *addresses]}
    with running.site(data) as port:
        paths = {"bare": "/bare/", **addresses}
        for path in paths.values():
            for _ in range(3):
                running.wait_for(f"http://127.0.0.1:{port}{path}")
        time.sleep(3)  # the worker comes up after the web process
        running.wait_until_idle()
        for _ in range(rounds):
            for name, path in paths.items():
                rates[name].append(running.requests_per_second(port, path, seconds=SECONDS))
    ratios = {
        name: statistics.median(rate / bare for rate, bare in zip(rates[name], rates["bare"], strict=True))
        for name in addresses
    }
    return {
        "per_second": {name: round(statistics.median(values)) for name, values in rates.items()},
        "ratio_to_bare": {name: round(ratio, 3) for name, ratio in ratios.items()},
    }


def cost(ask: Callable[[], Any]) -> dict[str, float]:
    """Queries and CPU milliseconds of a request; each the median of some, the first two left out. Raises on an error page."""
    from django.db import connection

    queries: list[int] = []
    spent: list[float] = []
    for number in range(REPEATS + 2):
        count = 0

        def counting(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            nonlocal count
            count += 1
            return execute(sql, params, many, context)

        began = time.process_time()
        with connection.execute_wrapper(counting):
            answer = ask()
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.request['PATH_INFO']} answered {answer.status_code}")
        if number >= 2:
            spent.append((time.process_time() - began) * 1000)
            queries.append(count)
    return {"queries": statistics.median(queries), "cpu_ms": round(statistics.median(spent), 2)}


def _client(user: Any = None) -> Any:
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    if user is not None:
        client.force_login(user, backend="portal.accounts.backends.LoginHandleBackend")
    return client


def _misses(addresses: dict[str, str]) -> dict[str, dict[str, float]]:
    from portal.pages.web.page_cache import store

    client = _client()  # one for all: a new one loads the middleware again

    def fresh(address: str) -> Callable[[], Any]:
        def ask() -> Any:
            store.clear()
            client.cookies.clear()
            return client.get(address)

        return ask

    return {name: cost(fresh(address)) for name, address in addresses.items()}


def _signed_in(addresses: dict[str, str]) -> dict[str, dict[str, float]]:
    from portal.organisations.models import Member

    member = Member.objects.filter(user__isnull=False, user__is_active=True).order_by("pk").first()
    if member is None:
        raise RuntimeError("the demo site has no member with a login")
    client = _client(member.user)
    paths = {**addresses, "workbench": "/workbench/", "search": "/search/?q=党员"}
    return {name: cost(lambda path=path: client.get(path)) for name, path in paths.items()}


def _editor() -> dict[str, dict[str, float]]:
    from wagtail.models import Site

    from portal.accounts.models import User

    root = Site.objects.get(is_default_site=True).root_page_id
    for user in User.objects.filter(is_active=True).order_by("-is_superuser", "pk"):
        client = _client(user)
        if client.get(f"/admin/pages/{root}/").status_code == 200:
            return {"page_listing": cost(lambda client=client: client.get(f"/admin/pages/{root}/"))}
    raise RuntimeError("nobody in the demo site may list pages")
