"""Every route × method × role × relation, tried with the real client and compared with `docs/operators/rights.md`.

A cell of that table says how a role meets a route:

| cell | meaning |
|---|---|
| `L` | led to the sign-in page; by the API: told to sign in (401) |
| `-` | 403: not a thing this role does |
| `x` | 404 whatever is named: for this role the address does not exist |
| `+` | answered; nothing of anybody is named |
| `o` `b` `t` `a` | answered for own things; those of the own branch; of the own subtree; all; what lies further answers 404 |
| four signs | own, own branch, own subtree, foreign, one by one: `-++x` refuses the own thing and answers for the others |
"""

from __future__ import annotations

import dataclasses
import difflib
import fnmatch
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection, reset_queries, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.config.route_registry import Route, all_routes
from tests.rights.addresses import ABSENT, UNTRIED, address_of, names_things
from tests.rights.world import RELATIONS, ROLES, SECRET, World

TABLE = Path(__file__).resolve().parents[2] / "docs/operators/rights.md"
METHODS = ("GET", "POST")
FORMS = {"wagtailadmin_choose_page_external_link": {"external-link-chooser-url": "https://example.org/"}}
"""What is sent to the routes of packages that do not bear an empty form."""
SEES_ALL = {"system_admin", "security_admin", "auditor"}
"""Roles that are held over the whole tree."""
REACH = {"o": 1, "b": 2, "t": 3, "a": 4}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a request met: `login`, `refused`, `absent`, `answered`, `method` (405) or `error`, with what tells it apart.

    `leaks`: the answer holds the word that stands only in what belongs to the foreign branch.
    """

    kind: str
    status: int
    body: str = ""
    queries: int = 0
    leaks: bool = False


@dataclasses.dataclass(frozen=True)
class Cell:
    """One request to make: who asks which route how for whose thing."""

    route: str
    method: str
    role: str
    relation: str


def tried_routes() -> list[Route]:
    """The routes of the matrix: all that have a name and are not exempt for a written reason (`addresses.UNTRIED`)."""
    return [
        route
        for route in all_routes()
        if route.name.rpartition(":")[2] and not any(fnmatch.fnmatchcase(route.name, name) for name in UNTRIED)
    ]


def read_table() -> list[tuple[tuple[str, ...], dict[str, str]]]:
    """The rows of the document's table, longest name first: names or families of routes → cell by role."""
    rows: list[tuple[tuple[str, ...], dict[str, str]]] = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        columns = [column.strip() for column in line.strip().strip("|").split("|")]
        if len(columns) == len(ROLES) + 2 and columns[0].startswith("`"):
            names = tuple(re.findall(r"`([^`]+)`", columns[0]))
            rows.append((names, dict(zip(ROLES, columns[2:], strict=True))))
    return rows


def cells_by_route() -> dict[tuple[str, str], dict[str, str]]:
    """Route name and method → cell by role. A name without a method in front of it speaks of both."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for names, cells_of_row in read_table():
        for name in names:
            method, _, route = name.rpartition(" ")
            for each in [method] if method else METHODS:
                if (route, each) in found:
                    raise ValueError(f"{TABLE.name} speaks twice of {each} {route}")
                found[route, each] = cells_of_row
    return found


def expected(cell: str, relation: str) -> str:
    """What a cell of the table says of a relation."""
    if cell in REACH:
        return "answered" if RELATIONS.index(relation) < REACH[cell] else "absent"
    if len(cell) == len(RELATIONS):
        cell = cell[RELATIONS.index(relation)]
    return {"L": "login", "-": "refused", "x": "absent", "+": "answered"}[cell]


class Trial:
    """Makes requests as the people of a world. Whatever a request changes is rolled back."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._clients: dict[str, Client] = {}

    def client(self, role: str) -> Client:
        """A client that is signed in as the person of a role."""
        if role not in self._clients:
            made = Client(raise_request_exception=False)
            person = self.world.person(role)
            if person is not None:
                made.force_login(person, backend="portal.accounts.backends.LoginHandleBackend")
            made.get("/nothing-is-here/")  # what is read once for a process or a person is read now
            self._clients[role] = made
        return self._clients[role]

    def request(self, cell: Cell, values: Mapping[str, Any] | None = None) -> Outcome:
        """Make one request; `values` replaces what the world says the address names."""
        named = values if values is not None else self.world.values(cell.role, cell.relation)
        path = address_of(cell.route, named)
        client = self.client(cell.role)
        cookies = client.cookies.copy()
        reset_queries()
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            response = client.get(path) if cell.method == "GET" else client.post(path, FORMS.get(cell.route, {}))
            outcome = _outcome(response, path, len(captured))
            transaction.set_rollback(True)
        client.cookies = cookies
        return outcome


def _outcome(response: HttpResponseBase, path: str, queries: int) -> Outcome:
    status = response.status_code
    if status >= 500:
        return Outcome("error", status, queries=queries)
    if status == 401:
        return Outcome("login", status, queries=queries)
    if status in {301, 302} and re.match(r"/(en/)?(account|admin)/login/", response.headers["Location"]):
        return Outcome("login", status, queries=queries)
    body = (b"".join(response) if response.streaming else response.content).decode("utf-8", "replace")
    kinds = {403: "refused", 404: "absent", 405: "method"}
    return Outcome(kinds.get(status, "answered"), status, _plain(body, path), queries, leaks=SECRET in body)


def _plain(body: str, path: str) -> str:
    """The body without what differs at each request: tokens, and the address itself."""
    body = re.sub(r'(csrf[^"]*"[^"]*"|nonce="[^"]*"|csrfmiddlewaretoken[^>]*>|[A-Za-z0-9]{64})', "", body, flags=re.I)
    for form in (path, quote(path), quote(path, safe="")):
        body = body.replace(form, "")
    return body


def cells() -> Iterator[Cell]:
    """Every cell. A route that names nothing of anybody has one relation."""
    for name in sorted({route.name for route in tried_routes()}):
        relations = RELATIONS if names_things(name) else RELATIONS[:1]
        for method, role, relation in itertools.product(METHODS, ROLES, relations):
            yield Cell(name, method, role, relation)


def faults(trial: Trial, tried: Iterable[Cell]) -> Iterator[str]:
    """Try cells and tell every one that is not as the table says, one line each.

    Beside the table: no error, no word of the foreign branch for those who hold nothing there, and a foreign thing answers
    exactly as one that does not exist (status, body, number of queries).
    """
    table = cells_by_route()
    for cell in tried:
        if (cell.route, cell.method) not in table:
            yield f"{cell}: the table says nothing of it"
            continue
        met = trial.request(cell)
        wanted = expected(table[cell.route, cell.method][cell.role], cell.relation)
        if met.kind not in {wanted, "method"}:
            yield f"{cell}: {met.kind} ({met.status}), the table says {wanted}"
        if met.leaks and cell.role not in SEES_ALL:
            yield f"{cell}: tells of the foreign branch"
        if wanted == "absent" and cell.relation == "foreign" and names_things(cell.route):
            nothing = trial.request(cell, ABSENT)
            if (met.status, met.body, met.queries) != (nothing.status, nothing.body, nothing.queries):
                yield f"{cell}: foreign and absent differ: {_difference(met, nothing)}"


def _difference(met: Outcome, nothing: Outcome) -> str:
    if (met.status, met.queries) != (nothing.status, nothing.queries):
        return f"{met.status}, {met.queries} queries; {nothing.status}, {nothing.queries} queries"
    lines = difflib.unified_diff(met.body.splitlines(), nothing.body.splitlines(), lineterm="", n=0)
    return " / ".join(list(lines)[3:6])
