"""The archive: an uncompressed tar with a manifest at its end. Writing it, and reading it as if an enemy had written it."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

FORMAT: Final = "linghang-backup/1"
MANIFEST: Final = "manifest.json"
FOLDERS: Final = frozenset({"database", "media", "private", "keys"})
LARGEST_MANIFEST: Final = 512 * 1024 * 1024
_CHUNK = 1024 * 1024
_NAME = re.compile(r"[^\x00-\x1f\x7f\\]{1,255}")


class BadArchive(Exception):
    """The archive is not a backup, is damaged, or holds what a backup never holds. The message is for people."""


@dataclasses.dataclass
class Summed:
    """A reader that counts and hashes what passes, and gives exactly `size` bytes: a file that shrinks while it is read is
    filled up with zeros and known as `torn`."""

    source: IO[bytes]
    size: int

    def __post_init__(self) -> None:
        self.digest = hashlib.sha256()
        self.given = 0
        self.torn = False

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        wanted = self.size - self.given if size < 0 else min(size, self.size - self.given)
        data = self.source.read(wanted) if wanted and not self.torn else b""
        if len(data) < wanted:
            self.torn = True
            data += bytes(wanted - len(data))
        self.digest.update(data)
        self.given += len(data)
        return data


class ArchiveWriter:
    """Writes members one after the other, and the manifest last. The file appears under its name only when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.draft = path.with_name(f".{path.name}.part")
        self.files: dict[str, list[Any]] = {}
        self.torn: list[str] = []
        self.draft.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # keys are in it
        self._file = os.fdopen(descriptor, "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115

    def add(self, name: str, source: IO[bytes], size: int) -> None:
        """Add `size` bytes from `source`."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        summed = Summed(source, size)
        self._tar.addfile(member, summed)  # type: ignore[arg-type]
        self.files[name] = [size, summed.digest.hexdigest()]
        if summed.torn:
            self.torn.append(name)

    def add_file(self, name: str, path: Path) -> None:
        """Add a file as it is now."""
        with path.open("rb") as source:
            self.add(name, source, os.fstat(source.fileno()).st_size)

    def add_folder(self, name: str, folder: Path) -> int:
        """Add all regular files below a folder; links are left out, and what vanishes meanwhile. Returns how many."""
        count = 0
        for path in files_below(folder):
            try:
                self.add_file(f"{name}/{path.relative_to(folder).as_posix()}", path)
            except FileNotFoundError:
                continue
            count += 1
        return count

    def finish(self, about: dict[str, Any]) -> None:
        """Write the manifest, and let the archive appear."""
        text = json.dumps({"format": FORMAT, **about, "files": self.files}, ensure_ascii=False).encode()
        member = tarfile.TarInfo(MANIFEST)
        member.size, member.mode = len(text), 0o600
        self._tar.addfile(member, io.BytesIO(text))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.draft.rename(self.path)

    def give_up(self) -> None:
        """Leave nothing behind."""
        self._file.close()
        self.draft.unlink(missing_ok=True)


def files_below(folder: Path) -> Iterator[Path]:
    """Regular files below a folder, sorted; no links, nothing hidden half-written."""
    if not folder.is_dir():
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            yield from files_below(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of an archive whose members are exactly what it says. Raises BadArchive; extracts nothing."""
    try:
        with tarfile.open(path, mode="r:") as tar:
            found = {}
            for member in tar:
                if member.name in found:
                    raise BadArchive(f"同名文件出现两次：{member.name[:100]} (twice)")
                if not member.isreg() or member.issparse():
                    raise BadArchive(f"只允许普通文件：{member.name[:100]} (not a plain file)")
                found[member.name] = member.size
            if found.get(MANIFEST, LARGEST_MANIFEST + 1) > LARGEST_MANIFEST:
                raise BadArchive("没有清单，或清单过大 (no manifest, or one too large)")
            reader = tar.extractfile(MANIFEST)
            manifest = json.loads(reader.read()) if reader else None
    except (tarfile.TarError, ValueError, RecursionError, EOFError, OSError) as error:
        raise BadArchive(f"读不出备份文件 (not a backup, or damaged): {type(error).__name__}") from None
    del found[MANIFEST]
    _check_manifest(manifest, found)
    return dict(manifest)


def _check_manifest(manifest: Any, found: dict[str, int]) -> None:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BadArchive("这不是领航的备份，或来自更新的版本 (not a backup of Linghang, or of a newer one)")
    files = manifest.get("files")
    if not isinstance(files, dict):
        raise BadArchive("清单不完整 (the manifest is not complete)")
    for name, about in files.items():
        if not is_safe_name(name):
            raise BadArchive(f"不允许的路径：{name[:100]!r} (a path that is not allowed)")
        good = isinstance(about, list) and len(about) == 2 and isinstance(about[0], int) and isinstance(about[1], str)
        if not good or found.get(name) != about[0]:
            raise BadArchive(f"文件与清单不符：{name[:100]} (differs from the manifest)")
    if extra := found.keys() - files.keys():
        raise BadArchive(f"清单里没有的文件：{sorted(extra)[0][:100]!r} (not in the manifest)")


def is_safe_name(name: str) -> bool:
    """Whether a member may be written: below one of our folders, no way out of it, no odd signs."""
    parts = PurePosixPath(name).parts
    return (
        name == "/".join(parts)
        and len(parts) >= 2
        and parts[0] in FOLDERS
        and all(part not in {".", ".."} and _NAME.fullmatch(part) is not None for part in parts)
        and len(name) <= 1000
    )


def extract(path: Path, manifest: dict[str, Any], target: Path) -> None:
    """Write all members below `target`, an empty folder, each checked against its checksum while it is written.

    Raises BadArchive when the disk is too small, a checksum differs, or the archive changed since its manifest was read.
    """
    files = manifest["files"]
    total = sum(size for size, _digest in files.values())
    free = shutil.disk_usage(target).free
    if total > free * 0.95:
        raise BadArchive(f"磁盘空间不足：需要 {total / 1e9:.1f} GB (the disk is too small)")
    with tarfile.open(path, mode="r:") as tar:
        for member in tar:
            if member.name == MANIFEST:
                continue
            if member.name not in files or not member.isreg() or member.size != files[member.name][0]:
                raise BadArchive(f"备份文件在恢复时变了 (the archive changed): {member.name[:100]!r}")
            place = target / member.name
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            source = tar.extractfile(member)
            if source is None or _write(source, place) != files[member.name][1]:
                raise BadArchive(f"校验和不符：{member.name[:100]} (checksum differs)")


def _write(source: IO[bytes], place: Path) -> str:
    digest = hashlib.sha256()
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while data := source.read(_CHUNK):
            digest.update(data)
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()
