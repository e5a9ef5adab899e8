"""Reading the references out of stored texts and tying them to works and articles, both ways."""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Replace

from portal.ground.clock import now
from portal.ground.generation import raise_generation
from portal.regulations.domain.citations.grammar import Mention, Place, amended_by, find
from portal.regulations.domain.citations.names import Names, aliases_in, plain_key
from portal.regulations.domain.citations.patterns import NUMERAL
from portal.regulations.domain.citations.relations import propose_relations
from portal.regulations.domain.following import tell_of_citations
from portal.regulations.domain.parsing.numerals import number_of
from portal.regulations.domain.status import in_order, version_on
from portal.regulations.domain.terms import read_terms
from portal.regulations.domain.titles import STATE
from portal.regulations.models import Citation, Provision, Regulation, RegulationVersion

READER = (
    1  # raise it when the reading of references, relations or terms learns something: texts read before are read again
)
_UNREAD = Q(read_at__isnull=True) | Q(read_with__lt=READER)
_READ = ("article", "enumeration", "preamble", "annex", "note")
_FEW_NAMES = 40
_CHUNK = 20
_BRACKETS = str.maketrans("〔〕【】", "[][]")


def read_unread(limit: int | None = None) -> int:
    """Read the references, relations and terms out of all versions that were not read since they changed, of those whose text
    speaks of a work that came since, and last of those read with an earlier READER (nobody is told of what these cite: the
    texts are not new). Safe to repeat and to stop between versions. Returns how many were read."""
    _look_for_names_of_new_works()
    unread = RegulationVersion.objects.filter(_UNREAD).order_by(F("read_at").asc(nulls_first=True), "pk")
    pending = unread.values_list("pk", flat=True)
    keys = list(pending[:limit] if limit else pending)
    if not keys:
        return 0
    names, works = Names(Regulation.objects.values_list("title", flat=True)), Works()
    for start in range(0, len(keys), _CHUNK):
        with transaction.atomic():
            chunk = RegulationVersion.objects.select_for_update(of=("self",)).filter(_UNREAD)
            chunk = chunk.filter(pk__in=keys[start : start + _CHUNK]).select_related("regulation").order_by("pk")
            read = list(chunk.defer("doubts"))
            news = [version for version in read if version.read_at is None]
            for version in read:
                _read(version, names, works)
            tell_of_citations(news)
            raise_generation()
    return len(keys)


def _look_for_names_of_new_works() -> None:
    """Once for every work that came: have the texts that speak of it read again."""
    with transaction.atomic():
        fresh = dict(Regulation.objects.select_for_update().filter(is_sought=False).values_list("pk", "title"))
        if fresh:
            _mark_those_who_name(list(fresh.values()))
            Regulation.objects.filter(pk__in=fresh).update(is_sought=True)


def _tie_waiting(titles: Sequence[str]) -> None:
    """References that waited for a work of this title lead to it from now on, as soon as their texts are read again."""
    keys = {key for title in titles for key in _written_as(title)}
    waiting = Citation.objects.filter(target__isnull=True).alias(loose=Replace("title_key", Value(STATE), Value("")))
    RegulationVersion.objects.filter(pk__in=waiting.filter(loose__in=keys).values("version")).update(read_at=None)


def _written_as(title: str) -> list[str]:
    """The keys under which texts speak of a title: with or without its issuer, never with the name of the state."""
    key = plain_key(title).replace(STATE, "")
    return [key, key[key.index("关于") :]] if "关于" in key[1:] else [key]


def _mark_those_who_name(titles: Sequence[str]) -> None:
    """Texts that speak of a new title without brackets: only its name tells, so they are read again."""
    if len(titles) > _FEW_NAMES:
        if RegulationVersion.objects.filter(read_at__isnull=False).exists():
            RegulationVersion.objects.update(read_at=None)
        return
    _tie_waiting(titles)
    for title in titles:
        holding = Provision.objects.filter(text__contains=plain_key(title))
        RegulationVersion.objects.filter(read_at__isnull=False, pk__in=holding.values("version")).update(read_at=None)


class Works:
    """The works of the library by the keys of their titles, and which article has which number in which version."""

    def __init__(self) -> None:
        self._by_key: dict[str, Regulation] = {}
        for work in Regulation.objects.order_by("-owner_organisation", "-pk").only("pk", "title", "uid", "code"):
            self._by_key[plain_key(work.title)] = work
        self._by_number: dict[str, str] = {}
        rows = RegulationVersion.objects.exclude(document_number="").values_list("document_number", "regulation__title")
        for number, title in rows:
            self._by_number.setdefault(number_key(number), plain_key(title))
        self._versions = functools.lru_cache(maxsize=4096)(self._versions_of)
        self._paths = functools.lru_cache(maxsize=64)(self._paths_of)

    def by_key(self, key: str) -> Regulation | None:
        return self._by_key.get(key)

    def key_of_number(self, number: str) -> str:
        return self._by_number.get(number_key(number), "")

    def lineage_at(self, work: int, article: str, day: dt.date | None) -> int | None:
        """The lineage of the article that had this number on a day: a text means the numbers of its own time."""
        versions = self._versions(work)
        meant = version_on(versions, day) if day else None
        for version in (meant, *reversed(versions)):
            if version is not None and (found := self._paths(version.pk).get(article)):
                return found
        return None

    @staticmethod
    def _versions_of(work: int) -> list[RegulationVersion]:
        fields = RegulationVersion.objects.filter(regulation=work).only("pk", "state", "starts_on", "key", "regulation")
        return in_order(fields)

    @staticmethod
    def _paths_of(version: int) -> dict[str, int]:
        rows = Provision.objects.filter(version=version, kind="article", lineage__isnull=False)
        return dict(rows.values_list("path", "lineage"))  # type: ignore[arg-type]


def number_key(number: str) -> str:
    """A document number for comparing, however it is written: 法释〔2000〕3号 and 法释[2000]3号, 国务院令第588号 and
    国务院第588号令 are one."""
    key = unicodedata.normalize("NFKC", number).translate(_BRACKETS).replace(STATE, "")
    key = re.sub(r"\s|第|年(?=\])", "", key.replace("(", "[").replace(")", "]"))
    key = re.sub(rf"({NUMERAL})号令$", r"令\1号", re.sub(r"令\[([^\]]+号)\]", r"令\1", key))
    return re.sub(rf"令({NUMERAL})号", lambda match: f"令{number_of(match[1])}号", key)


def _read(version: RegulationVersion, names: Names, works: Works) -> None:
    provisions = list(
        Provision.objects.filter(version=version)
        .order_by("position")
        .only("path", "kind", "text", "lineage", "in_annex", "version")
    )
    title = version.regulation.title
    own = plain_key(title)
    aliases = aliases_in("\n".join([version.header, *(provision.text for provision in provisions)]), names)
    amended = amended_by(title, names)
    kept = _kept(version, provisions)
    rows: list[Citation] = []
    own_paths = {p.path: p.lineage_id for p in provisions if p.kind == "article" and p.lineage_id}
    before = ""
    for provision in provisions:
        is_article = provision.kind == "article"
        if provision.kind in _READ and provision.lineage_id and provision.text:
            place = Place(provision.path if is_article else "", before)
            taken = kept.get(provision.path, [])
            for mention in find(provision.text, names, place, own=own, default=amended, aliases=aliases):
                if not any(start < mention.end and mention.start < end for start, end in taken):
                    rows.append(_row(version, provision, mention, own, own_paths, works))
        if is_article:
            before = provision.path
    Citation.objects.filter(version=version, drawn_by=Citation.DrawnBy.MACHINE)._raw_delete(  # type: ignore[attr-defined]
        Citation.objects.db
    )
    Citation.objects.bulk_create(rows, batch_size=500)
    propose_relations(version, provisions, rows, {row.title_key: row.target_id for row in rows})
    read_terms(version, provisions)
    version.read_at, version.read_with = now(), READER
    version.save(update_fields=["read_at", "read_with"])


def _row(
    version: RegulationVersion,
    provision: Provision,
    mention: Mention,
    own: str,
    own_paths: dict[str, int],
    works: Works,
) -> Citation:
    key = works.key_of_number(mention.number) if mention.number else mention.title or own
    article = mention.path.split("/")[0] if not mention.path.startswith("an") else mention.path
    target_id: int | None = None
    lineage_id: int | None = None
    if not mention.title and not mention.number:
        target_id = version.regulation_id
        lineage_id = own_paths.get(_in_annex(provision, article)) or own_paths.get(mention.path.split("/p")[0])
    elif work := works.by_key(key):
        target_id = work.pk
        lineage_id = works.lineage_at(work.pk, article, version.starts_on) if article else None
    return Citation(
        version=version,
        source_id=provision.lineage_id,
        source_path=provision.path,
        start=mention.start,
        end=mention.end,
        quote=provision.text[mention.start : mention.end][:200],
        title_key=(key or mention.number)[:300],
        target_id=target_id,
        target_lineage_id=lineage_id,
        path=mention.path[:120],
        until=mention.until[:120],
    )


def _in_annex(provision: Provision, article: str) -> str:
    return f"{provision.path.rsplit('/', 1)[0]}/{article}" if provision.in_annex and "/" in provision.path else article


def _kept(version: RegulationVersion, provisions: Sequence[Provision]) -> dict[str, list[tuple[int, int]]]:
    """The spans of what persons made or took away, moved to where the text stands now; those whose words are gone wait."""
    texts = {provision.path: provision for provision in provisions}
    by_lineage = {provision.lineage_id: provision for provision in provisions}
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for citation in Citation.objects.filter(version=version, drawn_by=Citation.DrawnBy.PERSON):
        provision = by_lineage.get(citation.source_id) or texts.get(citation.source_path)
        if provision is None:
            continue
        places = [match.start() for match in re.finditer(re.escape(citation.quote), provision.text)]
        if not places:
            continue
        start = min(places, key=lambda at: abs(at - citation.start))
        end = start + len(citation.quote)
        if (start, provision.path) != (citation.start, citation.source_path):
            citation.start, citation.end, citation.source_path = start, end, provision.path
            citation.save(update_fields=["start", "end", "source_path"])
        spans[provision.path].append((start, end))
    return spans
