"""Finding members and reading files. Everything stays inside the subtrees where the reader holds the right."""

from __future__ import annotations

import dataclasses
import functools
import operator
import re
import uuid
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from portal.members.domain.fields import BY_NAME, FIELDS, Field, missing_key_fields
from portal.members.domain.identity import UnreadableValue, plain, read_id_number, read_phone
from portal.members.models import Award
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Member, Organisation, Post, subtree_filter

MOST_COUNTED = 1000  # totals above are said as "1000+"
UNITS_MATCHED = 20


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to. `words` is a name, pinyin or a whole number; `unit` part of a name or a code."""

    words: str = ""
    stage: str = ""
    unit: str = ""
    missing: bool = False


@dataclasses.dataclass(frozen=True)
class Value:
    """A field of a file ready for a page: `text` is covered where the field is; `is_covered` says whether more lies behind."""

    field: Field
    text: str
    is_covered: bool


def members_in_charge(user: Any, right: str) -> QuerySet[Member]:
    """The members in the subtrees where `user` holds `right`."""
    return Member.objects.filter(within_paths(paths_where(user, right), "organisation__path"))


def find_members(user: Any, right: str, wanted: Wanted) -> tuple[QuerySet[Member], str]:
    """The members of a list in tree order, and by which number one was looked for ("id_number", "phone" or ""): such a
    search is a look at whoever it finds."""
    rows = members_in_charge(user, right)
    rows = rows.filter(stage=wanted.stage) if wanted.stage else rows.exclude(stage=Member.Stage.LEFT)
    if wanted.unit:
        rows = rows.filter(_units(user, right, wanted.unit))
    if wanted.missing:
        rows = rows.filter(missing_filter())
    by, condition = _words_filter(wanted.words)
    if condition is not None:
        rows = rows.filter(condition)
    rows = rows.select_related("organisation", "file").order_by("organisation__path", "pk")
    posts = Post.objects.filter(ended_on__isnull=True).select_related("organisation")
    return rows.prefetch_related(Prefetch("posts", queryset=posts, to_attr="posts_now")), by


def _units(user: Any, right: str, typed: str) -> Q:
    typed = plain(typed)
    units = Organisation.objects.filter(within_paths(paths_where(user, right), "path")).filter(
        Q(code=typed) | Q(name__icontains=typed) | Q(short_name__icontains=typed) | Q(pinyin__icontains=typed.lower())
    )
    paths = list(units.values_list("path", flat=True)[:UNITS_MATCHED])
    conditions = [subtree_filter(path, "organisation__path") for path in paths]
    return functools.reduce(operator.or_, conditions, Q(pk__in=[]))


def is_number(typed: str) -> bool:
    """Whether what was typed is meant as a whole ID or phone number."""
    return bool(re.fullmatch(r"\d{17}[\dXx]|\+?[\d-]{10,}", _run_together(typed)))


def _run_together(typed: str) -> str:
    """What was typed without the blanks that people put into numbers."""
    text = plain(typed)[:60]
    return text.replace(" ", "") if re.fullmatch(r"[\d\sXx+-]+", text) else text


def _words_filter(typed: str) -> tuple[str, Q | None]:
    words = _run_together(typed)
    if not words:
        return "", None
    if re.fullmatch(r"\d{17}[\dXx]", words):
        try:
            return "id_number", Q(file__id_lookup=BY_NAME["id_number"].hashed(read_id_number(words).number))
        except UnreadableValue:
            return "", Q(pk__in=[])
    if re.fullmatch(r"\+?[\d-]{10,}", words):
        try:
            return "phone", Q(file__phone_lookup=BY_NAME["phone"].hashed(read_phone(words)))
        except UnreadableValue:
            return "", Q(file__work_number=words)
    if words.isascii():
        key = words.lower().replace(" ", "")
        return "", Q(file__pinyin__contains=key) | Q(file__work_number__iexact=words) | Q(name__icontains=words)
    return "", Q(name__contains=words.replace(" ", ""))


def missing_filter(prefix: str = "") -> Q:
    """Members (or rows that lead to one by `prefix`) of whom a key field is not known."""
    condition = Q(pk__in=[])
    for field in FIELDS:
        if not field.key:
            continue
        column = f"{prefix}file__{field.name}" if field.on_file else f"{prefix}{field.name}"
        if field.lookup:
            column = f"{prefix}file__{field.lookup}"
        empty = Q(**{f"{column}__isnull": True})
        if field.kind.value != "date":
            empty |= Q(**{column: ""})
        condition |= Q(**{f"{prefix}stage__in": sorted(field.key)}) & empty
    return condition


def member_in_charge(user: Any, right: str, uid: uuid.UUID) -> Member | None:
    """A member by uid, where `user` holds `right`; None for foreign and absent alike, by one and the same query."""
    rows = members_in_charge(user, right).select_related("organisation", "file", "user")
    return rows.filter(uid=uid).first()


def values_of(member: Member, *, covered: bool, in_full: frozenset[str] = frozenset()) -> list[Value]:
    """The fields of a file in order, covered where they are and `covered` is asked for, save those named in `in_full`."""
    found = []
    for field in FIELDS:
        value = field.value_of(member)
        text = str(member.organisation) if field.name == "organisation" else field.shown(value)
        hide = covered and field.is_hidden and field.name not in in_full and bool(text)
        found.append(Value(field, field.covered(value) if hide else text, hide))
    return found


def missing_of(member: Member) -> list[Field]:
    """The key fields that are not known of a member."""
    return [BY_NAME[name] for name in missing_key_fields(member.stage, lambda name: BY_NAME[name].value_of(member))]


@dataclasses.dataclass(frozen=True)
class Awards:
    """Awards in the open; of punishments only that there may be some behind the seal, unless `punishments` was asked for."""

    awards: list[Award]
    punishments: list[Award]
    sealed: bool


def awards_of(member: Member, *, covered: bool) -> Awards:
    """Awards and punishments of a member. Covered, punishments are not even counted: none and some look the same."""
    rows = list(Award.objects.filter(member=member, kind=Award.Kind.AWARD)) if covered else list(member.awards.all())
    punished = [row for row in rows if row.kind == Award.Kind.PUNISHMENT]
    return Awards([row for row in rows if row.kind == Award.Kind.AWARD], punished, covered)
