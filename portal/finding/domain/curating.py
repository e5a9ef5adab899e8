"""Other words, short names and pinned results: checked when entered, in use with the next query in both engines."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.finding.domain.policy import current_policy, raise_revision
from portal.finding.models import Pin, Synonym
from portal.ground.audit import audit
from portal.ground.clock import now, today
from portal.ground.suppliers import Viewer
from search.analysis import grams
from search.analysis.normalize import fold
from search.contracts import SearchUnavailable
from search.engines import current_engine
from search.engines.base import Ranked
from search.places import pinned_rows
from search.query.curation import MOST_PINS, Curation, query_key
from search.query.curation import Pin as PinnedGroup
from search.query.plan import STATUSES, Restriction

SHORTEST, LONGEST = 2, 40
MOST_OTHERS = 8
MOST_SYNONYMS = 2_000
_PARTS = re.compile(r"[、，,;；\n]+")
_GROUP = re.compile(r"[a-z][a-z0-9_.-]{0,60}:[0-9A-Za-z-]{1,80}")


class NotAWord(ValueError):
    """The words cannot be used; `field` is "word" or "others", the message says in Chinese what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotPinnable(ValueError):
    """The document cannot be pinned so; `field` names what is wrong, the message says in Chinese what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


# --- words ------------------------------------------------------------------------------------------------------------
def checked_words(kind: str, word: str, others: str, *, but: int | None = None) -> tuple[str, tuple[str, ...]]:
    """The word and its others as they are kept. `but` is the row that is being changed. Raises NotAWord."""
    word = " ".join(word.split())
    found = tuple(dict.fromkeys(" ".join(part.split()) for part in _PARTS.split(others) if part.strip()))
    _check_word("word", word)
    if not found:
        raise NotAWord("others", _("请至少写一个对应的词。"))
    if kind == Synonym.Kind.SHORT and len(found) != 1:
        raise NotAWord("others", _("简称只能对应一个全称。"))
    if len(found) > MOST_OTHERS:
        raise NotAWord("others", _("对应的词最多 %(n)s 个。") % {"n": MOST_OTHERS})
    for other in found:
        _check_word("others", other)
        if fold(other) == fold(word):
            raise NotAWord("others", _("“%(word)s”与前面的词相同。") % {"word": other})
    rows = Synonym.objects.all() if but is None else Synonym.objects.exclude(pk=but)
    if rows.filter(kind=kind, key=fold(word)).exists():
        raise NotAWord("word", _("“%(word)s”已经有一条同种类的记录，请直接修改那一条。") % {"word": word})
    if but is None and rows.count() >= MOST_SYNONYMS:
        raise NotAWord("word", _("近义词最多 %(n)s 条，请先删去不用的。") % {"n": MOST_SYNONYMS})
    return word, found


def _check_word(field: str, word: str) -> None:
    if not SHORTEST <= len(word) <= LONGEST:
        raise NotAWord(
            field,
            _("“%(word)s”应有 %(least)s 到 %(most)s 个字。") % {"word": word[:50], "least": SHORTEST, "most": LONGEST},
        )
    if not grams.runs(fold(word)):
        raise NotAWord(field, _("“%(word)s”里没有可以搜索的字。") % {"word": word})
    if set(grams.index_tokens(word)) <= grams.COMMON:
        raise NotAWord(field, _("“%(word)s”太常见，会让所有搜索变差。") % {"word": word})


def save_synonym(row: Synonym, *, actor: Any) -> Synonym:
    """Keep a new or changed row; counts with the next query. Raises NotAWord. Writes Synonym and an audit line."""
    with transaction.atomic():
        row.word, others = checked_words(row.kind, row.word, row.others, but=row.pk)
        row.others, row.key = "、".join(others), fold(row.word)
        row.changed_at, row.changed_by = now(), actor
        is_new = row.pk is None
        row.save()
        raise_revision()
        audit(
            actor,
            "search.synonym_added" if is_new else "search.synonym_changed",
            target_kind="synonym",
            target_uid=row.pk,
            words=str(row)[:200],
            on=row.is_on,
        )
    return row


def remove_synonym(row: Synonym, *, actor: Any) -> None:
    """Take a row away; counts with the next query. Writes an audit line."""
    with transaction.atomic():
        audit(actor, "search.synonym_removed", target_kind="synonym", target_uid=row.pk, words=str(row)[:200])
        row.delete()
        raise_revision()


# --- pins -------------------------------------------------------------------------------------------------------------
def documents_seen(groups: Sequence[str], viewer: Viewer) -> dict[str, Ranked]:
    """The documents ("kind:uid") among these that a viewer may see in search now, at whatever date they hold."""
    restriction = Restriction(
        viewer.tokens, viewer.clearance, int(today().strftime("%Y%m%d")), statuses=frozenset(STATUSES)
    )
    try:
        rows = pinned_rows(current_engine(), groups, restriction) if viewer.tokens else []
    except SearchUnavailable:
        return {}
    return {f"{row.data['kind']}:{row.data['group']}": row for row in rows}


def save_pin(row: Pin, *, viewer: Viewer, actor: Any, check_only: bool = False) -> Pin:
    """Pin a document that the editor may see; counts with the next query, for those who may see it. Raises NotPinnable.
    Writes Pin and an audit line; nothing with `check_only`."""
    row.query = " ".join(row.query.split())
    row.key = query_key(row.query)[:200]
    row.group = row.group.strip()
    if not grams.runs(row.key):
        raise NotPinnable("query", _("请写下人们会搜索的词。"))
    if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
        raise NotPinnable("ends_on", _("结束日期早于开始日期。"))
    if not _GROUP.fullmatch(row.group) or row.group not in documents_seen([row.group], viewer):
        raise NotPinnable("group", _("没有找到这份内容。请在“排序说明”里搜索，点结果旁的“置顶”。"))
    others = Pin.objects.filter(key=row.key).exclude(pk=row.pk)
    if others.filter(group=row.group).exists():
        raise NotPinnable("group", _("这份内容已在这个词下置顶。"))
    if others.filter(ends_on__isnull=True).count() >= MOST_PINS:
        raise NotPinnable("query", _("一个词最多同时置顶 %(n)s 份内容。") % {"n": MOST_PINS})
    if check_only:
        return row
    with transaction.atomic():
        is_new = row.pk is None
        row.changed_at, row.changed_by = now(), actor
        row.save()
        raise_revision()
        audit(
            actor,
            "search.pin_added" if is_new else "search.pin_changed",
            target_kind="pin",
            target_uid=row.pk,
            query=row.query,
            document=row.group,
        )
    return row


def remove_pin(row: Pin, *, actor: Any) -> None:
    """Take a pin away; counts with the next query. Writes an audit line."""
    with transaction.atomic():
        audit(actor, "search.pin_removed", target_kind="pin", target_uid=row.pk, query=row.query, document=row.group)
        row.delete()
        raise_revision()


# --- for search -------------------------------------------------------------------------------------------------------
_kept: tuple[int, Curation] = (-1, Curation())


def curation() -> Curation:
    """What search asks for with every query: kept in memory, read anew after any change. One query."""
    global _kept
    revision = current_policy().revision
    if _kept[0] != revision:
        _kept = (revision, _read())
    return _kept[1]


def forget() -> None:
    """Read anew with the next query."""
    global _kept
    _kept = (-1, Curation())


def _read() -> Curation:
    words: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for kind, word, others in Synonym.objects.filter(is_on=True).order_by("pk").values_list("kind", "word", "others"):
        listed = others.split("、")
        if kind == Synonym.Kind.SHORT:
            names[fold(word)] = listed[0]
        every = [word, *listed] if kind == Synonym.Kind.SAME else [word]
        for one in every:
            words.setdefault(fold(one), []).extend(other for other in [word, *listed] if other != one)
    pins: dict[str, list[PinnedGroup]] = {}
    for row in Pin.objects.order_by("key", "place", "pk"):
        if row.ends_on is None or row.ends_on >= today() - dt.timedelta(days=1):
            pins.setdefault(row.key, []).append(PinnedGroup(row.group, row.starts_on, row.ends_on))
    return Curation(
        {word: tuple(dict.fromkeys(others)) for word, others in words.items()},
        names,
        {key: tuple(held) for key, held in pins.items()},
    )
