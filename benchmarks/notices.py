"""To-dos and notices at scale: 100,000 members in 6,000 organisations, two open tasks in each organisation.

On the database of `benchmarks.organisations` (`-o site=FOLDER` keeps the SQLite one); everything written here is rolled back.
Milliseconds of whole calls with their rows read: the to-dos of a branch's administrator and of one at the top, the tier below
the top, and putting a notice before every member who has a login.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.organisations import _database, _summary

ROUNDS = 40
TARGETS_MS = {"tasks_of_branch": 20.0, "tasks_of_top": 250.0, "tasks_below_top": 250.0, "tier_of_top": 1000.0}
RIGHT = "organisations.manage"


def run(options: Any) -> dict[str, Any]:
    """Median and 95th percentile of each call, and how long a notice to all takes."""
    with _database(getattr(options, "site", None)) as vendor:
        from django.db import transaction

        from benchmarks import scale_data

        made = scale_data.fill(pages=0)
        result: dict[str, Any] = {"database": vendor, "organisations": made.organisations, "members": made.members}
        with transaction.atomic():
            result |= _measured()
            transaction.set_rollback(True)
    result["targets"] = {f"{name}.p95_ms": {"at_most": most} for name, most in TARGETS_MS.items()}
    return result


def _measured() -> dict[str, Any]:
    from portal.ground.models import OutboxEntry
    from portal.notices.domain import MembersOf, notify, tasks_below, tasks_of
    from portal.notices.domain.notices import deliver
    from portal.notices.models import Notice, Task
    from portal.organisations.domain.rights import forget_cached_scopes
    from portal.organisations.models import Organisation, RoleGrant
    from portal.workbench.domain.tiers import tier_at

    everywhere = list(Organisation.objects.filter(code__startswith="SCALE").order_by("path"))
    top, branch = everywhere[0], max(everywhere, key=lambda row: row.depth)
    Task.objects.bulk_create(
        [
            Task(key=f"scale:{number}:{row.pk}", title="补全资料", url="/x/", right=RIGHT, organisation=row)
            for row in everywhere
            for number in range(2)
        ],
        batch_size=2000,
    )
    people = _staff(everywhere)
    RoleGrant.objects.bulk_create(
        [RoleGrant(user=user, role="admin", organisation=row) for row, user in people.items()], batch_size=2000
    )

    def whole(user: Any, call: Callable[[], Any]) -> float:
        forget_cached_scopes(user)
        began = time.perf_counter()
        call()
        return time.perf_counter() - began

    calls: dict[str, Callable[[], float]] = {
        "tasks_of_branch": lambda: whole(people[branch], lambda: list(tasks_of(people[branch])[:20])),
        "tasks_of_top": lambda: whole(people[top], lambda: list(tasks_of(people[top])[:20])),
        "tasks_below_top": lambda: whole(people[top], lambda: list(tasks_below(people[top])[:20])),
        "tier_of_top": lambda: whole(people[top], lambda: tier_at(people[top], top)),
    }
    found: dict[str, Any] = {}
    for name, call in calls.items():
        call()
        found[name] = _summary([call() for _ in range(ROUNDS)])
    notify("scale:all", MembersOf(top), "notices.general", "全体党员", "/x/")
    began = time.perf_counter()
    deliver([OutboxEntry.objects.filter(name="notices.told").latest("pk")])
    found["notice_to_all_seconds"] = round(time.perf_counter() - began, 2)
    found["told"] = Notice.objects.filter(key="scale:all").count()
    return found


def _staff(everywhere: list[Any]) -> dict[Any, Any]:
    """An administrator at the top, and one in each of half of the organisations below."""
    from django.contrib.auth import get_user_model

    chosen = [everywhere[0], *everywhere[1::2]]
    deepest = max(everywhere, key=lambda row: row.depth)
    rows = list(dict.fromkeys([*chosen, deepest]))
    model = get_user_model()
    made = model.objects.bulk_create([model(username=f"bench-{row.pk}") for row in rows], batch_size=2000)
    return dict(zip(rows, made, strict=True))
