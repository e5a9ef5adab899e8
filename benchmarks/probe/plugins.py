"""A process of `benchmarks.plugins`: reads a line, does it, answers one line of JSON."""

from __future__ import annotations

import gc
import json
import logging
import sys
import time
from functools import partial
from typing import Any

import django

STAFF_PAGES = ("/workbench/", "/workbench/figures/")


def main() -> None:
    """Lines: on SLUG..., off SLUG..., pages, cost PAGE, hostile NUMBER."""
    django.setup()
    logging.disable(logging.CRITICAL)
    addresses = _addresses()
    for line in sys.stdin:
        word, *rest = line.split()
        if word in ("on", "off"):
            answer: Any = _switch(rest, enabled=word == "on")
        elif word == "pages":
            for address in addresses.values():
                _cost(address)
            gc.collect()
            gc.freeze()  # as `prepare` and the start of a site do: what was loaded is not looked through again and again
            answer = {"pages": list(addresses)}
        elif word == "cost":
            answer = _cost(addresses[rest[0]])
        else:
            answer = _hostile(list(addresses.values()), int(rest[0]))
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def _switch(slugs: list[str], *, enabled: bool) -> dict[str, Any]:
    from plugins.host import state

    for slug in slugs:
        state.switch(slug, enabled=enabled, site_id=state.default_site_id())
    return {"switched": slugs}


def _addresses() -> dict[str, str]:
    from benchmarks.pages import public_addresses

    wanted = ("home", "ArticlePage", "CoursePage", "regulations")
    return {name: address for name, address in public_addresses().items() if name in wanted}


_client: Any = None


def _ask(address: str) -> Any:
    """The page as nobody has asked for it before."""
    from django.test import Client

    from portal.pages.web.page_cache import store

    global _client
    if _client is None:
        _client = Client(SERVER_NAME="127.0.0.1")
    store.clear()
    _client.cookies.clear()
    return _client.get(address)


def _cost(address: str) -> dict[str, float]:
    """CPU milliseconds and queries of one request."""
    from django.db import connection

    queries = 0

    def counting(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    began = time.process_time()
    with connection.execute_wrapper(counting):
        answer = _ask(address)
    spent = (time.process_time() - began) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return {"ms": spent, "queries": queries}


def _somebody(path: str) -> Any:
    """A client of somebody who may open a page of the signed-in."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    for user in get_user_model()._default_manager.filter(is_active=True).order_by("-is_superuser", "pk"):
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(user, backend="portal.accounts.backends.LoginHandleBackend")
        if client.get(path).status_code == 200:
            return client
    raise RuntimeError(f"nobody in the demo site may open {path}")


def _hostile(addresses: list[str], number: int) -> dict[str, Any]:
    """Ask for pages by turns while every breaker is closed again each time, so that each request meets the faults."""
    from plugins.host import faults
    from plugins.host.models import PluginFault

    asks = [*(partial(_ask, address) for address in addresses), *(partial(_somebody(p).get, p) for p in STAFF_PAGES)]
    good = 0
    for index in range(number):
        faults.forget_breakers()
        PluginFault.objects.update(open_until=None, in_a_row=0)
        good += asks[index % len(asks)]().status_code == 200
    return {"answered_200": good, "faults": sum(PluginFault.objects.values_list("count", flat=True))}


if __name__ == "__main__":
    main()
