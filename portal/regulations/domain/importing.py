"""Importing a regulation: text in, a work with a version of articles out. Everything about one text happens in one transaction."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterable
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
from portal.regulations.domain.parsing import ParsedLaw, parse
from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.parsing.dates import VersionDates, date_in_name, dates_of, title_in_name
from portal.regulations.domain.publishing import publish_in_transaction
from portal.regulations.domain.status import in_order
from portal.regulations.domain.storing import starts_on, write_provisions
from portal.regulations.domain.structuring.again import again_corrected
from portal.regulations.domain.titles import MAX_TITLE, title_key
from portal.regulations.models import DateOrigin, Level, Regulation, RegulationVersion
from portal.regulations.models.version import UNDATED

Outcome = Literal["created", "new_version", "updated", "unchanged", "previewed"]
READ_TEXTS = "regulations.read"  # the job that reads references and relations out of new texts


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
    if version.corrections and not same_text:
        law = again_corrected(version, law)
    changed = _fill(version, law, dates, entered, same_text) or changed or not same_text
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


def _fill(
    version: RegulationVersion, law: ParsedLaw, dates: VersionDates, entered: EnteredDates, same_text: bool
) -> bool:
    """Set dates and facts; True if something changed. What a person entered on the version before is kept, and of a text that
    is stored already what is known of its structure."""
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
    if not same_text:
        version.article_count = law.articles
        version.characters = law.balance.source
        version.doubts = [dataclasses.asdict(doubt) for doubt in law.doubts[:500]]
    return any(getattr(version, name) != value for name, value in before.items())
