"""Importing a regulation: text in, a work with a version of articles out. Everything about one text happens in one transaction."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any, Literal

from django.db import transaction
from django.db.models import QuerySet

from portal.ground import jobs
from portal.ground.clock import now
from portal.ground.content import content_changed
from portal.organisations.domain.audiences import public_audience
from portal.organisations.models import Audience, Organisation
from portal.regulations.domain.levels import level_of
from portal.regulations.domain.matching import Piece, match
from portal.regulations.domain.parsing import ParsedLaw, parse
from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.parsing.dates import VersionDates, date_in_name, dates_of, title_in_name
from portal.regulations.domain.parsing.tree import HEADING_KINDS
from portal.regulations.domain.publishing import publish_in_transaction
from portal.regulations.domain.status import in_order
from portal.regulations.domain.titles import MAX_TITLE, title_key
from portal.regulations.models import DateOrigin, Level, Lineage, LineageEdge, Provision, Regulation, RegulationVersion
from portal.regulations.models.version import UNDATED

Outcome = Literal["created", "new_version", "updated", "unchanged", "previewed"]
READ_TEXTS = "regulations.read"  # the job that reads references and relations out of new texts
WITH_LINEAGE = frozenset({"preamble", "article", "enumeration", "table", "annex"})


def has_lineage(provision: Provision) -> bool:
    """Whether a piece can be addressed for ever and found: articles and the like, and headings with text of their own."""
    return provision.kind in WITH_LINEAGE or (provision.kind in HEADING_KINDS and bool(provision.text))


class ImportRefused(Exception):
    """A text cannot be imported; `str()` is a Chinese sentence that says why and what to do. Nothing was written."""


class NothingToImport(ImportRefused):
    """The text has no body."""


class TitleTooLong(ImportRefused):
    """The title does not fit."""


class UnevenBalance(ImportRefused):
    """The parser would lose or invent characters."""


class ConflictingText(ImportRefused):
    """Another text is already stored as the same version of the same work, from another source."""


@dataclasses.dataclass(frozen=True)
class EnteredDates:
    """Dates a person or a table knows; they beat what the text says. `version` names the version in addresses."""

    version: dt.date | None = None
    adopted: dt.date | None = None
    promulgated: dt.date | None = None
    revised: dt.date | None = None
    effective: dt.date | None = None
    repealed: dt.date | None = None
    expires: dt.date | None = None


@dataclasses.dataclass(frozen=True)
class ImportResult:
    """What an import did. `regulation` and `version` are None for a preview."""

    outcome: Outcome
    law: ParsedLaw
    dates: VersionDates
    key: str
    level: str
    regulation: Regulation | None = None
    version: RegulationVersion | None = None
    to_confirm: bool = False  # a new version of a known work, kept as a draft until somebody says that it is one


@dataclasses.dataclass(frozen=True)
class Placement:
    """Where a text belongs: its level, maker, owner and who may see it. None and "" leave a known work as it is."""

    level: str = ""
    issuer: str = ""
    owner: Organisation | None = None
    audience: Audience | None = None
    secrecy: int | None = None


@dataclasses.dataclass(frozen=True)
class NewVersions:
    """Whether a text may become the published version of a work that is known already. `accept` says yes; else only beside
    versions that come from the files of `same_batch` (a run that goes on), and the others wait as drafts."""

    accept: bool = True
    same_batch: frozenset[str] = frozenset()

    def confirmed(self, others: Iterable[RegulationVersion]) -> bool:
        return self.accept or all(other.source_path in self.same_batch for other in others)


def import_regulation(
    text: str,
    *,
    file_name: str = "",
    placement: Placement | None = None,
    entered: EnteredDates | None = None,
    publish: bool = True,
    replace: bool = False,
    preview: bool = False,
    new_versions: NewVersions | None = None,
    actor: Any = None,
) -> ImportResult:
    """Import the Markdown text of one regulation: title as `#`, lines of date and event, `<!-- INFO END -->`, then the body.

    `file_name` (with or without folders) may carry the version's date and is remembered as the source; `publish` makes the
    version visible, else it stays a draft; `replace` overwrites another text of the same version; `preview` writes nothing.
    A work is recognised by its title and owner, a version by its date. Importing the same text again changes nothing; a
    corrected text keeps the uids of its articles; `new_versions` tells whether a further version of a known work is published
    or waits as a draft to be confirmed. Raises ImportRefused (NothingToImport, TitleTooLong, UnevenBalance,
    ConflictingText). Writes the work, the version, its provisions and lineages; emits `content.changed` once and, when a
    version is published for the first time, RegulationPublished.
    """
    if "\x00" in text:
        raise ImportRefused("文本中含有二进制内容，无法导入。")
    law = parse(text, fallback_title=title_in_name(PurePath(file_name).stem))
    return import_law(
        law,
        digest=digest_of(text),
        source_path=file_name,
        placement=placement,
        entered=entered,
        publish=publish,
        replace=replace,
        preview=preview,
        new_versions=new_versions,
        actor=actor,
    )


def digest_of(text: str) -> str:
    """The fingerprint by which the same text is known again."""
    return hashlib.sha256(text.encode()).hexdigest()


def import_law(
    law: ParsedLaw,
    *,
    digest: str,
    source_path: str = "",
    placement: Placement | None = None,
    entered: EnteredDates | None = None,
    publish: bool = True,
    replace: bool = False,
    preview: bool = False,
    new_versions: NewVersions | None = None,
    actor: Any = None,
) -> ImportResult:
    """`import_regulation` for a text that is parsed already (a law combined of several files)."""
    placement = placement or Placement()
    entered = entered or EnteredDates()
    dates = dates_of(law, date_in_name(PurePath(source_path).stem))
    key = _version_key(law, dates, entered)
    level = placement.level or (Level.INTERNAL if placement.owner is not None else level_of(law))
    _check(law)
    if preview:
        return ImportResult("previewed", law, dates, key, level)
    with transaction.atomic():
        return _store(
            law, digest, source_path, placement, entered, dates, key, level, publish, replace,
            new_versions or NewVersions(), actor,
        )  # fmt: skip


def _check(law: ParsedLaw) -> None:
    if not solid(law.title):
        raise ImportRefused("没有标题：请在第一行写上“# 标题”，或在文件名中写明标题。")
    if len(law.title) > MAX_TITLE:
        raise TitleTooLong(f"标题有 {len(law.title)} 字，超过 {MAX_TITLE} 字的上限，请检查第一行是否混入了正文。")
    if not any(solid(unit.text) for unit in law.units):
        raise NothingToImport("没有正文：标题和题注之后没有任何文字。")
    if not law.balance.even:
        raise UnevenBalance(f"解析后的字数与原文不一致（{law.balance.difference}），为免丢字没有导入。")


def _version_key(law: ParsedLaw, dates: VersionDates, entered: EnteredDates) -> str:
    made = [event.date for event in law.events if event.kind not in ("effective", "repealed")]
    day = (
        entered.version
        or dates.in_file_name
        or max(made, default=None)
        or entered.revised
        or entered.promulgated
        or entered.effective
        or dates.effective.on
    )
    return day.isoformat() if day else UNDATED


def _store(
    law: ParsedLaw,
    digest: str,
    source_path: str,
    placement: Placement,
    entered: EnteredDates,
    dates: VersionDates,
    key: str,
    level: str,
    publish: bool,
    replace: bool,
    new_versions: NewVersions,
    actor: Any,
) -> ImportResult:
    regulation = _known(law.title, placement.owner).select_for_update().first()
    made = regulation is None
    if regulation is None:
        regulation = Regulation.objects.create(
            title=law.title,
            title_key=title_key(law.title)[:MAX_TITLE],
            level=level,
            issuer=placement.issuer,
            owner_organisation=placement.owner,
            audience=placement.audience or public_audience(),
            secrecy=placement.secrecy or 0,
        )
    changed = _place(regulation, placement) if not made else True
    if (
        regulation.level == Level.OTHER and level != Level.OTHER
    ):  # a later version's header tells what the first did not
        regulation.level = level
        changed = True

    version = None if made else regulation.versions.filter(key=key).first()
    outcome: Outcome = "created" if made else "new_version" if version is None else "updated"
    same_text = version is not None and version.source_digest == digest
    if version is None:
        version = RegulationVersion(regulation=regulation, key=key)
    elif not same_text and not replace and not _same_source(version.source_path, source_path):
        raise ConflictingText(
            f"《{regulation.title}》{key} 版已有另一份文本（来自 {version.source_path or '后台录入'}），没有覆盖。"
            "如确需替换，请加 --replace 或在后台撤回原版本。"
        )
    changed = _fill(version, law, dates, entered) or changed or not same_text
    repealed = entered.repealed or dates.repealed.on
    if repealed and regulation.repealed_on != repealed:
        regulation.repealed_on = repealed
        changed = True
    to_publish = publish and version.state == RegulationVersion.State.DRAFT
    to_confirm = to_publish and not made and not new_versions.confirmed(regulation.versions.exclude(pk=version.pk))
    to_publish = to_publish and not to_confirm
    if not changed and not to_publish:
        return ImportResult("unchanged", law, dates, key, regulation.level, regulation, version, to_confirm)

    if not same_text:
        version.source_path = source_path[:1000]
        version.source_digest = digest
        version.imported_at = now()
        version.read_at = None
    version.save()
    regulation.updated_at = now()
    regulation.save()
    if not same_text:
        write_provisions(version, law)
        jobs.enqueue(READ_TEXTS, key=READ_TEXTS)
    if to_publish:
        publish_in_transaction(version, actor)
    content_changed("regulation", regulation.uid)
    return ImportResult(outcome, law, dates, key, regulation.level, regulation, version, to_confirm)


def _known(title: str, owner: Organisation | None) -> QuerySet[Regulation]:
    return Regulation.objects.filter(title_key=title_key(title)[:MAX_TITLE], owner_organisation=owner).order_by("pk")


def known_versions(title: str, owner: Organisation | None) -> list[str]:
    """The keys of the versions that a text of this title and owner would stand beside, oldest first."""
    return [version.key for version in in_order(RegulationVersion.objects.filter(regulation__in=_known(title, owner)))]


def _same_source(known: str, given: str) -> bool:
    """Whether two paths name the same file, one of them perhaps seen from a folder further down."""
    if not known or not given:
        return known == given
    a, b = PurePath(known).parts, PurePath(given).parts
    shorter = min(len(a), len(b))
    return a[-shorter:] == b[-shorter:]


def _place(regulation: Regulation, placement: Placement) -> bool:
    changed = False
    wanted = {
        "level": placement.level,
        "issuer": placement.issuer,
        "audience": placement.audience,
        "secrecy": placement.secrecy,
    }
    for name, value in wanted.items():
        if value not in ("", None) and getattr(regulation, name) != value:
            setattr(regulation, name, value)
            changed = True
    return changed


def _fill(version: RegulationVersion, law: ParsedLaw, dates: VersionDates, entered: EnteredDates) -> bool:
    """Set dates and facts; True if something changed. What a person entered on the version before is kept."""
    before = {field.attname: getattr(version, field.attname) for field in version._meta.concrete_fields}
    for name in ("adopted", "promulgated", "revised", "effective", "expires"):
        given = getattr(entered, name)
        read = getattr(dates, name)
        if given is not None:
            day, origin = given, DateOrigin.ENTERED
        elif getattr(version, f"{name}_origin") == DateOrigin.ENTERED:
            continue
        else:
            day, origin = read.on, read.origin
        setattr(version, f"{name}_on", day)
        setattr(version, f"{name}_origin", DateOrigin(origin).value)
    version.file_date = dates.in_file_name
    version.starts_on = starts_on(version)
    version.document_number = (law.document_number or version.document_number)[:200]
    version.header = "\n".join(law.header)
    version.article_count = law.articles
    version.characters = law.balance.source
    version.doubts = [dataclasses.asdict(doubt) for doubt in law.doubts[:500]]
    return any(getattr(version, name) != value for name, value in before.items())


def starts_on(version: RegulationVersion) -> dt.date | None:
    """The day from which a version counts: effective, else the latest of what made it (施行日期待核)."""
    if version.effective_on:
        return version.effective_on
    own = [day for day in (version.revised_on, version.file_date) if day]
    if own:
        return max(own)
    if version.promulgated_on or version.adopted_on:
        return version.promulgated_on or version.adopted_on
    return None if version.key == UNDATED else dt.date.fromisoformat(version.key)


def text_hash(text: str) -> str:
    """The fingerprint of an article's wording, blanks aside."""
    return hashlib.blake2b(solid(text).encode(), digest_size=16).hexdigest()


def write_provisions(version: RegulationVersion, law: ParsedLaw) -> None:
    """Replace the provisions of a version by the units of `law`, inside the open transaction. Provisions known before, by
    text and then by path, keep uid and lineage; others take the lineage of the version before (or after) by similarity."""
    old = list(Provision.objects.filter(version=version).order_by("position"))
    rows: list[Provision] = []
    depths: list[int] = []
    for position, unit in enumerate(law.units):
        depth = 0 if unit.parent is None else depths[unit.parent] + 1
        depths.append(depth)
        text = unit.text
        rows.append(
            Provision(
                version=version,
                position=position,
                depth=depth,
                kind=unit.kind,
                number=unit.number,
                sub_number=unit.sub,
                label=unit.label[:100],
                heading=unit.heading,
                path=unit.path,
                text=text,
                text_hash=text_hash(text),
                heading_path="\n".join(law.headings_of(unit)),
                in_annex=unit.in_annex,
            )
        )
    _keep_identity(old, rows)
    edges = _continue_lineages(version, rows)
    fresh = [row for row in rows if has_lineage(row) and row.lineage_id is None]
    lineages = Lineage.objects.bulk_create(
        [Lineage(regulation_id=version.regulation_id) for _ in fresh], batch_size=500
    )
    for row, lineage in zip(fresh, lineages, strict=True):
        row.lineage = lineage

    if old:
        Provision.objects.filter(version=version)._raw_delete(Provision.objects.db)  # type: ignore[attr-defined]
    for depth in sorted(set(depths)):
        level = [index for index, value in enumerate(depths) if value == depth]
        for index in level:
            parent = law.units[index].parent
            if parent is not None:
                rows[index].parent = rows[parent]
        Provision.objects.bulk_create([rows[index] for index in level], batch_size=500)
    if edges:
        LineageEdge.objects.bulk_create(
            [
                LineageEdge(source=source, target=row.lineage, kind=kind, similarity=similarity)
                if forward
                else LineageEdge(source=row.lineage, target=source, kind=kind, similarity=similarity)
                for source, row, kind, similarity, forward in edges
                if row.lineage is not None and row.lineage_id != source.pk
            ],
            ignore_conflicts=True,
        )


def _keep_identity(old: Sequence[Provision], rows: Sequence[Provision]) -> None:
    by_text: dict[tuple[str, str], list[Provision]] = defaultdict(list)
    for provision in old:
        by_text[(provision.kind, provision.text_hash)].append(provision)
    by_path = {provision.path: provision for provision in old}
    taken: set[int] = set()

    def take(row: Provision, known: Provision) -> None:
        row.uid = known.uid
        row.lineage_id = known.lineage_id
        taken.add(known.pk)

    left: list[Provision] = []
    for row in rows:
        twins = (
            [twin for twin in by_text.get((row.kind, row.text_hash), []) if twin.pk not in taken] if row.text else []
        )
        twin = next((twin for twin in twins if twin.path == row.path), twins[0] if twins else None)
        if twin is not None:
            take(row, twin)
        else:
            left.append(row)
    for row in left:
        known = by_path.get(row.path)
        if known is not None and known.pk not in taken and known.kind == row.kind:
            take(row, known)


_Edge = tuple[Lineage, Provision, str, float, bool]


def _continue_lineages(version: RegulationVersion, rows: Sequence[Provision]) -> list[_Edge]:
    """Give rows the lineages of the neighbouring versions; returns the edges for articles split or merged."""
    siblings = in_order(RegulationVersion.objects.filter(regulation=version.regulation_id).exclude(pk=version.pk))
    ordered = in_order([*siblings, version])
    place = next(index for index, other in enumerate(ordered) if other is version)
    edges: list[_Edge] = []
    for neighbour, is_older in ((ordered[place - 1] if place else None, True), (_at(ordered, place + 1), False)):
        if neighbour is None:
            continue
        used = {row.lineage_id for row in rows if row.lineage_id}
        theirs = [
            provision
            for provision in Provision.objects.filter(version=neighbour, lineage__isnull=False)
            .select_related("lineage")
            .order_by("position")
            if provision.lineage_id not in used
        ]
        mine = [row for row in rows if has_lineage(row) and row.lineage_id is None]
        if not theirs or not mine:
            continue
        older, newer = (theirs, mine) if is_older else (mine, theirs)
        matching = match([_piece(p) for p in older], [_piece(p) for p in newer])
        for pair in matching.pairs:
            known, row = (theirs[pair.old], mine[pair.new]) if is_older else (theirs[pair.new], mine[pair.old])
            row.lineage = known.lineage
        for kind, found in ((LineageEdge.Kind.SPLIT, matching.splits), (LineageEdge.Kind.MERGED, matching.merges)):
            for pair in found:
                known, row = (theirs[pair.old], mine[pair.new]) if is_older else (theirs[pair.new], mine[pair.old])
                if known.lineage is not None:
                    edges.append((known.lineage, row, kind.value, pair.similarity, is_older))
    return edges


def _at(versions: Sequence[RegulationVersion], index: int) -> RegulationVersion | None:
    return versions[index] if index < len(versions) else None


def _piece(provision: Provision) -> Piece:
    return Piece(provision.text, provision.text_hash, provision.path, provision.kind)
