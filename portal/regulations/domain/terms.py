"""The glossary of a text: terms read out of it and kept, corrected by hand, and marked where the text uses them."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal.ground.audit import audit
from portal.ground.content import content_changed
from portal.ground.prepared import Prepared
from portal.ground.suppliers import ANONYMOUS, Viewer
from portal.regulations.domain.citations.showing import Link
from portal.regulations.domain.defining import NOT_IN_TEXT, Definition, Scope, defines_terms, definitions_in
from portal.regulations.models import DefinedTerm, Provision, RegulationVersion

_BY_HAND = DefinedTerm.DrawnBy.PERSON
_PARTICLES = "的对向在由为是与和或及该本以等将把被给按经从至于各其凡每"
_IN_A_NAME = r"(?!法(?![人律定院规治])|条例|办法|》)"


class BadTerm(Exception):
    """A term cannot be kept; `str()` is a Chinese sentence."""


# --- reading them out -------------------------------------------------------------------------------------------------
def read_terms(version: RegulationVersion, provisions: Sequence[Provision]) -> int:
    """Replace what the machine found in a version, in the caller's transaction; what a person entered moves along with its
    article, what a person took away stays away, in this version and where another one says the same. Returns how many
    terms the machine keeps. Writes DefinedTerm."""
    held = list(DefinedTerm.objects.filter(version__regulation=version.regulation_id, drawn_by=_BY_HAND))
    by_lineage = {provision.lineage_id: provision for provision in provisions if provision.lineage_id}
    for term in held:
        if term.version_id == version.pk:
            _move_along(term, by_lineage.get(term.lineage_id))
    decided = {(term.lineage_id, term.term) for term in held if term.is_hidden or term.version_id == version.pk}
    rows: list[DefinedTerm] = []
    if defines_terms(version.regulation.title):
        for provision in provisions:
            if provision.lineage_id is None or not provision.text:
                continue
            for found in definitions_in(provision.text):
                if (provision.lineage_id, found.term) not in decided:
                    rows.append(_row(version, provision, found))
    DefinedTerm.objects.filter(version=version).exclude(drawn_by=_BY_HAND).delete()
    DefinedTerm.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def _row(version: RegulationVersion, provision: Provision, found: Definition) -> DefinedTerm:
    return DefinedTerm(
        version=version,
        lineage_id=provision.lineage_id,
        path=provision.path,
        term=found.term,
        definition=provision.text[found.start : found.end].strip(),
        start=found.start,
        end=found.end,
        scope=found.scope,
    )


def _move_along(term: DefinedTerm, provision: Provision | None) -> None:
    """The article may have another number or another wording around the same sentence."""
    if provision is None:
        return
    start = provision.text.find(term.definition)
    if start < 0 or (provision.path, start) == (term.path, term.start):
        return
    term.path, term.start, term.end = provision.path, start, start + len(term.definition)
    term.save(update_fields=["path", "start", "end"])


# --- by hand ----------------------------------------------------------------------------------------------------------
def define_by_hand(
    version: RegulationVersion, path: str, term: str, definition: str, *, scope: str = Scope.WORK, actor: Any
) -> DefinedTerm:
    """Keep a term that a person found: `definition` is a part of the article at `path`, word by word.

    Raises BadTerm. Writes DefinedTerm and an audit line; emits `content.changed`.
    """
    term, definition = term.strip(), definition.strip()
    provision = Provision.objects.filter(version=version, path=path, lineage__isnull=False).first()
    if provision is None:
        raise BadTerm("没有找到所填的条，请核对条号。")
    if not 1 < len(term) <= 60:
        raise BadTerm("术语应为 2 至 60 个字。")
    start = provision.text.find(definition)
    if not definition or start < 0:
        raise BadTerm("定义须是该条中的原文，请从条文中复制。")
    with transaction.atomic():
        kept, _made = DefinedTerm.objects.update_or_create(
            version=version,
            path=path,
            term=term,
            defaults={
                "lineage_id": provision.lineage_id,
                "definition": definition,
                "start": start,
                "end": start + len(definition),
                "scope": scope if scope in Scope.values else Scope.WORK,
                "drawn_by": _BY_HAND,
                "is_hidden": False,
            },
        )
        _told(version, actor, term, "defined")
    return kept


def take_away(term: DefinedTerm, *, actor: Any) -> None:
    """Take a term out of the glossary for good. Writes an audit line; emits `content.changed`."""
    with transaction.atomic():
        term.is_hidden = True
        term.drawn_by = _BY_HAND
        term.save(update_fields=["is_hidden", "drawn_by"])
        _told(term.version, actor, term.term, "taken away")


def _told(version: RegulationVersion, actor: Any, term: str, what: str) -> None:
    audit(actor, "regulations.term", target_kind="regulation_version", target_uid=version.uid, term=term, what=what)
    content_changed("regulation", version.regulation.uid)


# --- for readers ------------------------------------------------------------------------------------------------------
def terms_of(version: RegulationVersion) -> list[DefinedTerm]:
    """The glossary of a version, in the order of its text: one query."""
    return _terms.rows(ANONYMOUS, version=version.pk)


@Prepared
def _terms(viewer: Viewer, *, version: int) -> QuerySet[DefinedTerm]:
    """Of a version that was asked for by who may see it."""
    return DefinedTerm.objects.filter(version_id=version, is_hidden=False).select_related("lineage").order_by("pk")


@dataclasses.dataclass(frozen=True)
class Use:
    """The characters `start` to `end` of a text are the term with this key."""

    start: int
    end: int
    term: DefinedTerm


class Marker:
    """Finds the terms of a version in its articles: each once an article, nowhere inside its own definition."""

    def __init__(self, terms: Iterable[DefinedTerm]) -> None:
        self._by_term: dict[str, list[DefinedTerm]] = defaultdict(list)
        for term in terms:
            if term.term not in NOT_IN_TEXT:
                self._by_term[term.term].append(term)
        longest_first = sorted(self._by_term, key=len, reverse=True)
        alternatives = "|".join(re.escape(term) for term in longest_first)
        self._pattern = re.compile(f"(?:{alternatives}){_IN_A_NAME}") if longest_first else None

    def uses_in(self, provision: Provision, chapters: dict[str, str]) -> list[Use]:
        """The uses in one article. `chapters` maps the path of a defining article to the headings above it."""
        if self._pattern is None or not provision.text:
            return []
        found: dict[str, Use] = {}
        for match in self._pattern.finditer(provision.text):
            term = match.group()
            if term in found or (len(term) == 2 and _inside_a_word(provision.text, match.start())):
                continue
            meant = self._meant(term, provision, chapters)
            if meant is None:
                continue
            if meant.path == provision.path and match.start() < meant.end:
                continue  # it is being defined here
            found[term] = Use(match.start(), match.end(), meant)
        return list(found.values())

    def _meant(self, term: str, provision: Provision, chapters: dict[str, str]) -> DefinedTerm | None:
        """The nearest meaning: of the article, of the chapter, of the whole text."""
        fits = []
        for one in self._by_term[term]:
            if one.scope == Scope.ARTICLE and one.path != provision.path:
                continue
            above = chapters.get(one.path, "")
            if one.scope == Scope.CHAPTER and (not above or not provision.heading_path.startswith(above)):
                continue
            fits.append(one)
        order = (Scope.ARTICLE, Scope.CHAPTER, Scope.WORK)
        return min(fits, key=lambda one: order.index(Scope(one.scope)), default=None)


def _inside_a_word(text: str, at: int) -> bool:
    """Whether two letters are likely the end of a longer word (有限责任公司): something other than a particle stands before."""
    before = text[at - 1 : at]
    return "\u4e00" <= before <= "\u9fff" and before not in _PARTICLES


def with_terms(links: Sequence[Link], uses: Sequence[Use], url: str) -> list[Link]:
    """Links of a text with its terms among them, in order; what leads elsewhere goes before a term."""
    free = [use for use in uses if not any(link.start < use.end and use.start < link.end for link in links)]
    marks = [Link(use.start, use.end, f"{url}#t{use.term.pk}", "", f"t{use.term.pk}") for use in free]
    return sorted([*links, *marks], key=lambda link: link.start)
