"""Learning from use, in numbers only: what was not found, and which results were opened. Nothing says who.

That a person counts once a day is remembered in the cache, by a keyed digest that changes daily and is kept nowhere else.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.crypto import salted_hmac

from portal.finding.domain.policy import current_policy
from portal.finding.models import AskedQuery, Click, Policy
from portal.ground.clock import now, today
from search.query.curation import query_key
from search.ranking.asked import AskedBefore, AskedQuestion
from search.ranking.learned import Learned

LONGEST = 60
MOST_QUERIES = 20_000
MOST_LEARNED = 3_000
_A_DAY = 24 * 3600
_PERSONAL = re.compile(r"\d{5,}|[^\s@]+@[^\s@]+")
_REFRESH = dt.timedelta(minutes=10)


def note_query(query: str, *, empty: bool, unanswered: bool, person: str, policy: Policy) -> bool:
    """Count a query that found nothing, or a question that nobody answered yet; whether it was counted. `person` names who asks
    to this function only. What holds long numbers or addresses of e-mail is never kept. Writes AskedQuery."""
    key = query_key(query)
    if (
        not policy.lists_queries
        or not (empty or unanswered)
        or not key.strip()
        or len(query) > LONGEST
        or _PERSONAL.search(query)
    ):
        return False
    if not cache.add(f"finding.asked:{_digest(person, key)}", 1, _A_DAY):
        return False
    fields = {"empty": F("empty") + int(empty), "unanswered": F("unanswered") + int(unanswered), "last_on": today()}
    with transaction.atomic():
        if not AskedQuery.objects.filter(key=key).update(**fields):
            if AskedQuery.objects.count() >= MOST_QUERIES:
                return False
            AskedQuery.objects.get_or_create(key=key, defaults={"text": query})
            AskedQuery.objects.filter(key=key).update(**fields)
    return True


def listed_queries(policy: Policy | None = None) -> QuerySet[AskedQuery]:
    """What editors may read: queries asked often enough, most often first."""
    policy = policy or current_policy()
    often = Q(empty__gte=policy.minimum) | Q(unanswered__gte=policy.minimum)
    return AskedQuery.objects.filter(often).order_by("-empty", "-unanswered", "text")


def note_click(query: str, row: str, group: str) -> None:
    """Count that a query led to a row. Writes Click."""
    key = query_key(query)
    if not key.strip() or len(query) > LONGEST or _PERSONAL.search(query) or len(row) > 200 or len(group) > 200:
        return
    if not current_policy().learns:
        return
    with transaction.atomic():
        if not Click.objects.filter(key=key, row=row).update(times=F("times") + 1, last_on=today()):
            if Click.objects.count() >= 10 * MOST_QUERIES:
                return
            Click.objects.get_or_create(key=key, row=row, defaults={"text": query, "group": group})
            Click.objects.filter(key=key, row=row).update(times=F("times") + 1)


def remove_old() -> int:
    """Remove what was last asked or opened too long ago; how many rows went. Safe to repeat."""
    before = today() - dt.timedelta(days=current_policy().keep_days)
    queries = AskedQuery.objects.filter(last_on__lt=before).delete()[0]
    return queries + Click.objects.filter(last_on__lt=before).delete()[0]


_learned: tuple[Any, Learned] | None = None


def asked_before() -> AskedBefore | None:
    """What clicks teach, for search: queries with the rows they led to often enough; read anew every ten minutes and after a
    change of the settings. None when it is switched off or there is nothing yet. One query of a row."""
    global _learned
    policy = current_policy()
    if not policy.learns:
        return None
    slot = int(now().timestamp() // _REFRESH.total_seconds())
    mark = (slot, policy.revision)
    if _learned is None or _learned[0] != mark:
        _learned = (mark, Learned(_read(policy)))
    return _learned[1].asked


def forget() -> None:
    """Read anew with the next query."""
    global _learned
    _learned = None


def _read(policy: Policy) -> AskedBefore | None:
    often = Click.objects.filter(times__gte=policy.minimum).order_by("-times", "key", "row")
    answers: dict[str, list[tuple[str, str]]] = {}
    texts: dict[str, str] = {}
    for key, text, row, group in often.values_list("key", "text", "row", "group")[: 3 * MOST_LEARNED]:
        answers.setdefault(key, []).append((row, group))
        texts.setdefault(key, text)
    questions = [AskedQuestion(texts[key], tuple(rows[:5])) for key, rows in list(answers.items())[:MOST_LEARNED]]
    return AskedBefore(questions) if questions else None


def _digest(person: str, key: str) -> str:
    return salted_hmac("finding.asked", f"{today().isoformat()}:{person}:{key}", algorithm="sha256").hexdigest()[:32]
