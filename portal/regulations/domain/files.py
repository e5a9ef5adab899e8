"""Importing a file or a whole tree of files: each in a transaction of its own, each with a report, none stops the others."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import DatabaseError

from portal.regulations.domain.combining import combine, in_reading_order
from portal.regulations.domain.importing import (
    EnteredDates,
    ImportRefused,
    ImportResult,
    NewVersions,
    Placement,
    digest_of,
    import_law,
)
from portal.regulations.domain.levels import level_by_name
from portal.regulations.domain.parsing import Doubt, ParsedLaw, UnreadableSource, parse
from portal.regulations.domain.parsing.dates import date_in_name, title_in_name
from portal.regulations.domain.sources import MAX_BYTES, SUFFIXES, TEXT_SUFFIXES, text_of
from portal.regulations.domain.titles import title_key
from portal.regulations.models.version import UNDATED


class BadMetadata(Exception):
    """The metadata table cannot be used; `str()` is a Chinese sentence with the line."""


@dataclasses.dataclass(frozen=True)
class FileReport:
    """One line of the report. `outcome` is an import's outcome, "refused" or "skipped"; `error` is a Chinese sentence."""

    path: str
    outcome: str
    title: str = ""
    date: str = ""
    level: str = ""
    articles: int = 0
    balance: dict[str, Any] = dataclasses.field(default_factory=dict)
    doubts: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    regulation: str = ""
    error: str = ""
    to_confirm: bool = False  # stored as a draft: a further version of a work that was known before this run

    def line(self) -> dict[str, Any]:
        """What the report file holds of it: path, title, date, articles, lost, added, doubts."""
        doubts = [{"code": d["code"], "line": d["line"], "text": d["excerpt"] or d["message"]} for d in self.doubts]
        if self.error:
            doubts.append({"code": "not_imported", "line": 0, "text": self.error})
        if self.to_confirm:
            doubts.append({"code": "version_to_confirm", "line": 0, "text": self.date})
        return {
            "path": self.path,
            "title": self.title,
            "date": self.date,
            "articles": self.articles,
            "lost": self.balance.get("lost", 0),
            "added": self.balance.get("added", 0),
            "doubts": doubts,
        }


@dataclasses.dataclass(frozen=True)
class Metadata:
    """What a table says of one file."""

    dates: EnteredDates
    level: str = ""


@dataclasses.dataclass(frozen=True)
class Found:
    """A file to import, with its path relative to the folder given."""

    file: Path
    name: str


@dataclasses.dataclass(frozen=True)
class Options:
    """How to import a tree; see `import_regulation`."""

    placement: Placement = dataclasses.field(default_factory=Placement)
    metadata: dict[str, Metadata] = dataclasses.field(default_factory=dict)
    publish: bool = True
    replace: bool = False
    dry_run: bool = False
    accept_versions: bool = True
    batch: frozenset[str] = frozenset()  # the sources of this run
    actor: Any = None


def find_files(path: Path) -> list[Found]:
    """The file itself, or all files below the folder in the order of their names; hidden ones are left out.

    Raises FileNotFoundError.
    """
    if path.is_file():
        return [Found(path, path.name)]
    if not path.is_dir():
        raise FileNotFoundError(path)
    found: list[Found] = []
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            Found(Path(folder) / name, (Path(folder) / name).relative_to(path).as_posix())
            for name in sorted(names)
            if not name.startswith(".")
        ]
    return found


def import_files(files: list[Found], options: Options) -> Iterator[list[FileReport]]:
    """Import files one by one and yield the report of each; a law cut into several files gives one list with all of them.

    What cannot be read, is no law or does not fit is reported with a sentence, and the rest goes on.
    """
    run = dataclasses.replace(options, batch=frozenset(found.name for found in files))
    for group in _grouped(files):
        if len(group) == 1:
            yield [_import_one(group[0], run)]
        else:
            yield _import_parts(group, run)


def _grouped(files: list[Found]) -> list[list[Found]]:
    """Files without a date in their names that lie in one folder and carry one title and different second titles belong
    together: their first lines tell."""
    groups: dict[tuple[str, str], list[tuple[Found, str]]] = {}
    order: list[tuple[str, str] | Found] = []
    for found in files:
        heads = _first_titles(found.file) if date_in_name(found.file.stem) is None else []
        if len(heads) == 2:
            key = (str(found.file.parent), title_key(heads[0]))
            if key not in groups:
                groups[key] = []
                order.append(key)
            groups[key].append((found, title_key(heads[1])))
        else:
            order.append(found)
    result: list[list[Found]] = []
    for item in order:
        if isinstance(item, Found):
            result.append([item])
            continue
        members = groups[item]
        if len({part for _, part in members}) == len(members):
            result.append([found for found, _ in members])
        else:
            result += [[found] for found, _ in members]
    return result


def _first_titles(file: Path) -> list[str]:
    try:
        if file.suffix.lower() not in TEXT_SUFFIXES or file.stat().st_size > MAX_BYTES:
            return []
        with file.open("rb") as stream:
            start = stream.read(4096).decode("utf-8", errors="ignore")
    except OSError:
        return []
    start = start.split("<!-- INFO END", 1)[0]
    return [line[2:].strip() for line in start.splitlines() if line.startswith("# ")][:2]


@dataclasses.dataclass(frozen=True)
class _Read:
    found: Found
    law: ParsedLaw
    digest: str


def _read(found: Found) -> _Read:
    """Raises UnreadableSource."""
    if found.file.suffix.lower() not in SUFFIXES:
        raise UnreadableSource(
            f"不支持的文件类型（扩展名为 {found.file.suffix or '空'}），已跳过：请提供 Markdown、Word、网页、PDF 或文本文件。"
        )
    try:
        size = found.file.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableSource(
                f"文件有 {size / 1048576:.1f} MB，超过 {MAX_BYTES // 1048576} MB 的上限，请拆分后再导入。"
            )
        data = found.file.read_bytes()
    except OSError as error:
        raise UnreadableSource(f"文件无法读取（{error.strerror or error}），请检查权限和磁盘。") from error
    text, doubts = text_of(data, found.file.name)
    law = parse(text, fallback_title=title_in_name(found.file.stem))
    law.doubts = [*doubts, *law.doubts]
    return _Read(found, law, digest_of(text))


def _import_one(found: Found, options: Options) -> FileReport:
    try:
        read = _read(found)
    except UnreadableSource as error:
        return FileReport(found.name, "refused", title=title_in_name(found.file.stem), error=str(error))
    law = read.law
    if law.part_title:
        law.title = f"{law.title} {law.part_title}"
        law.doubts.append(Doubt(0, "lone_part", "只有法规的一部分，按单独的文件导入", law.part_title))
    return _store(found, law, read.digest, options)


def _import_parts(group: list[Found], options: Options) -> list[FileReport]:
    reads: list[_Read] = []
    reports: list[FileReport] = []
    for found in group:
        try:
            reads.append(_read(found))
        except UnreadableSource as error:
            reports.append(FileReport(found.name, "refused", title=title_in_name(found.file.stem), error=str(error)))
    if reports:
        waiting = "同一法规的另一部分无法读取，整部法规没有导入。"
        return [*reports, *(_report(read.found, "refused", read.law, error=waiting) for read in reads)]
    laws = in_reading_order([read.law for read in reads])
    by_law = {id(read.law): read for read in reads}
    ordered = [by_law[id(law)] for law in laws]
    digest = hashlib.sha256("".join(read.digest for read in ordered).encode()).hexdigest()
    first = ordered[0].found
    folder = Found(first.file, os.path.dirname(first.name) or first.name)
    whole = _store(folder, combine(laws), digest, options, metadata_of=first.name)
    return [
        dataclasses.replace(
            _report(read.found, whole.outcome, read.law, error=whole.error),
            date=whole.date,
            level=whole.level,
            regulation=whole.regulation,
            to_confirm=whole.to_confirm,
        )
        for read in ordered
    ]


def _store(found: Found, law: ParsedLaw, digest: str, options: Options, metadata_of: str = "") -> FileReport:
    row = _metadata(options.metadata, metadata_of or found.name)
    if row and row.dates != EnteredDates():
        law.doubts = [doubt for doubt in law.doubts if doubt.code != "no_event"]  # the table tells the dates
    placement = dataclasses.replace(options.placement, level=options.placement.level or (row.level if row else ""))
    try:
        result = import_law(
            law,
            digest=digest,
            source_path=found.name,
            placement=placement,
            entered=row.dates if row else None,
            publish=options.publish,
            replace=options.replace,
            preview=options.dry_run,
            new_versions=NewVersions(options.accept_versions, options.batch),
            actor=options.actor,
        )
    except ImportRefused as error:
        return _report(found, "refused", law, error=str(error))
    except DatabaseError as error:
        return _report(
            found, "refused", law, error=f"数据库没有接受这份文件，未写入任何内容（{type(error).__name__}）。"
        )
    return _report(found, result.outcome, law, result)


def _report(
    found: Found, outcome: str, law: ParsedLaw, result: ImportResult | None = None, error: str = ""
) -> FileReport:
    return FileReport(
        path=found.name,
        outcome=outcome,
        title=law.title,
        date=_date_of(result.key) if result else "",
        level=result.level if result else "",
        articles=law.articles,
        balance=dataclasses.asdict(law.balance) | {"even": law.balance.even},
        doubts=[dataclasses.asdict(doubt) for doubt in law.doubts],
        regulation=result.regulation.code if result and result.regulation else "",
        error=error,
        to_confirm=bool(result and result.to_confirm),
    )


def _date_of(key: str) -> str:
    return "" if key == UNDATED else key


# --- the table of metadata ------------------------------------------------------------------------------------------------
_DATE_COLUMNS = {
    "version": ("version_date",),
    "adopted": ("adopted", "adopted_on"),
    "promulgated": ("publish", "promulgated", "promulgated_on"),
    "revised": ("revised", "revised_on"),
    "effective": ("valid_from", "effective", "effective_on"),
    "repealed": ("repealed", "repealed_on"),
    "expires": ("expires", "expires_on"),
}


def read_metadata(file: Path) -> dict[str, Metadata]:
    """Read a tab-separated table with a header line: `path` and any of level, valid_from, publish, adopted, revised,
    repealed, expires, version_date (dates as YYYY-MM-DD, empty for unknown). Other columns are ignored. Raises BadMetadata."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        raise BadMetadata(f"元数据表 {file.name} 无法读取：{error}") from error
    if rows and "path" not in rows[0]:
        raise BadMetadata(f"元数据表 {file.name} 缺少 path 列（需要制表符分隔、首行为列名）。")
    found: dict[str, Metadata] = {}
    for number, row in enumerate(rows, start=2):
        dates: dict[str, dt.date] = {}
        for name, columns in _DATE_COLUMNS.items():
            value = next((row[column].strip() for column in columns if row.get(column)), "")
            if not value:
                continue
            try:
                dates[name] = dt.date.fromisoformat(value)
            except ValueError:
                raise BadMetadata(f"元数据表第 {number} 行的日期 {value!r} 不是 YYYY-MM-DD。") from None
        path = (row.get("path") or "").strip()
        if path:
            found[path] = Metadata(EnteredDates(**dates), level_by_name(row.get("level") or "") or "")
    return found


def _metadata(table: dict[str, Metadata], name: str) -> Metadata | None:
    """The row of a file: by its path, or by the end of it if the import began in another folder."""
    if not table:
        return None
    if name in table:
        return table[name]
    endings = [path for path in table if path.endswith("/" + name) or name.endswith("/" + path)]
    return table[endings[0]] if len(endings) == 1 else None
