"""Which cards stand where on a person's workbench."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from django.db import transaction

from portal.ground.personal import Erased, Person, Table
from portal.workbench.models import Arrangement

DUE_BELOW = 40
MOST_KEYS = 200
LONGEST_KEY = 200


class Arrangeable(Protocol):
    """What has a key and a place that its contributor gave it."""

    @property
    def key(self) -> str: ...

    @property
    def order(self) -> int: ...


Item = TypeVar("Item", bound=Arrangeable)


class UnknownCard(LookupError):
    """The person has no such card."""


def arrangement_of(user: Any) -> Arrangement:
    """The person's arrangement, an unsaved empty one when nothing was arranged: one query."""
    return Arrangement.objects.filter(user=user).first() or Arrangement(user=user)


def is_due(item: Arrangeable) -> bool:
    """Whether a card stands in the column of due things; it stays there wherever it is moved."""
    return item.order < DUE_BELOW


def arranged(items: Iterable[Item], arrangement: Arrangement) -> list[Item]:
    """The cards in the person's order, due ones first; cards that are new since stand after the nearest one declared before
    them, as their contributors' order says."""
    chosen = {key: place for place, key in enumerate(arrangement.order)}
    places: dict[str, tuple[int, int, int]] = {}
    last = -1
    for index, item in enumerate(items := list(items)):
        if item.key in chosen:
            last = chosen[item.key]
            places[item.key] = (not is_due(item), last, -1)
        else:
            places[item.key] = (not is_due(item), last, index)
    return sorted(items, key=lambda item: places[item.key])


def move_card(user: Any, items: Sequence[Item], key: str, *, up: bool) -> Arrangement:
    """Move a card one place up or down within its column; at the end it stays. `items`: all cards the person has, as declared.

    Raises UnknownCard. Writes Arrangement.
    """
    with transaction.atomic():
        arrangement = _locked(user)
        order = [item.key for item in arranged(items, arrangement)]
        due = {item.key: is_due(item) for item in items}
        if key not in due:
            raise UnknownCard(key)
        here = order.index(key)
        there = here + (-1 if up else 1)
        if 0 <= there < len(order) and due[order[there]] == due[key]:
            order[here], order[there] = order[there], order[here]
        arrangement.order = order
        arrangement.save()
    return arrangement


def set_order(user: Any, items: Sequence[Item], keys: Sequence[str]) -> Arrangement:
    """Put the cards into this order at once; unknown keys are left out, missing cards keep their place. Writes Arrangement."""
    with transaction.atomic():
        arrangement = _locked(user)
        known = {item.key for item in items}
        named = list(dict.fromkeys(key for key in keys[:MOST_KEYS] if key in known))
        rest = [item.key for item in arranged(items, arrangement) if item.key not in set(named)]
        arrangement.order = named + rest
        arrangement.save()
    return arrangement


def show_card(user: Any, items: Sequence[Item], key: str, *, shown: bool) -> Arrangement:
    """Put a card away or fetch it back. Raises UnknownCard. Writes Arrangement."""
    if key not in {item.key for item in items}:
        raise UnknownCard(key)
    with transaction.atomic():
        arrangement = _locked(user)
        hidden = [one for one in arrangement.hidden if one != key]
        arrangement.hidden = hidden if shown else [*hidden, key]
        arrangement.save()
    return arrangement


def reset(user: Any) -> None:
    """Everything as its contributors put it. Safe to repeat."""
    Arrangement.objects.filter(user=user).delete()


def _locked(user: Any) -> Arrangement:
    row, _made = Arrangement.objects.select_for_update().get_or_create(user=user)
    return row


def export(person: Person) -> Iterable[Table]:
    """The arrangement of the person's workbench."""
    rows = Arrangement.objects.filter(user_id=person.user_id or 0)
    columns = {"order": "顺序", "hidden": "收起的卡片"}
    yield Table("arrangement", "工作台布局", columns, [{"order": row.order, "hidden": row.hidden} for row in rows])


def erase(person: Person) -> Erased:
    """It goes."""
    return Erased(Arrangement.objects.filter(user_id=person.user_id or 0).delete()[0])
