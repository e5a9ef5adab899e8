"""The private storage of originals and outputs: a folder on one machine, an object store in a cluster.

Names are ours (`originals/<uid>`, `hls/<asset>/<version>/<file>`), never made from what a user typed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage

from media_pipeline.limits import COPY_BLOCK

ORIGINALS = "originals"
OUTPUTS = "hls"
_REMOTE_PREFIX = "private/"


class StoredFileMissing(Exception):
    """The storage has no file of this name."""


@dataclasses.dataclass(frozen=True)
class LocalStore:
    """A folder. Files come in by rename from the same volume, so nothing half-written is ever seen under its name."""

    root: Path

    def path(self, name: str) -> Path:
        """The place of a name. Raises ValueError for a name that would leave the folder."""
        place = (self.root / name).resolve()
        if not place.is_relative_to(self.root.resolve()) or place == self.root.resolve():
            raise ValueError(f"not a name inside the private storage: {name!r}")
        return place

    def take(self, source: Path, name: str) -> None:
        """Move a finished file to its name, durably."""
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        _sync(source)
        source.replace(target)
        _sync(target.parent)

    def take_folder(self, source: Path, name: str) -> None:
        """Move a folder of finished files to its name in one step, durably; a folder left there by a crash is replaced."""
        target = self.path(name)
        for file in source.iterdir():
            _sync(file)
        _sync(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            shutil.rmtree(target)
        source.rename(target)
        _sync(target.parent)

    @contextlib.contextmanager
    def as_local_file(self, name: str, folder: Path) -> Iterator[Path]:
        """The file as a path for ffmpeg. Raises StoredFileMissing."""
        place = self.path(name)
        if not place.is_file():
            raise StoredFileMissing(name)
        yield place

    def size(self, name: str) -> int:
        """Bytes of a file. Raises StoredFileMissing."""
        try:
            return self.path(name).stat().st_size
        except FileNotFoundError:
            raise StoredFileMissing(name) from None

    def blocks(self, name: str, start: int, length: int) -> Blocks:
        """`length` bytes from `start`, in blocks; less if the file ends before. Raises StoredFileMissing at once."""
        try:
            handle = self.path(name).open("rb")
        except FileNotFoundError:
            raise StoredFileMissing(name) from None
        handle.seek(start)
        return Blocks(handle, length)

    def delete(self, name: str) -> None:
        """Remove a file or a folder; absent is fine."""
        place = self.path(name)
        if place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)


@dataclasses.dataclass(frozen=True)
class RemoteStore:
    """An object store behind django-storages' S3 backend, under the prefix `private/`."""

    backend: Any

    def take(self, source: Path, name: str) -> None:
        """Upload a finished file, then remove the local one. Repeating is harmless."""
        key = _REMOTE_PREFIX + name
        if self.backend.exists(key):
            self.backend.delete(key)
        with source.open("rb") as handle:
            self.backend.save(key, File(handle))
        source.unlink()

    def take_folder(self, source: Path, name: str) -> None:
        """Upload each file of a folder, then remove the folder."""
        for file in sorted(source.iterdir()):
            self.take(file, f"{name}/{file.name}")
        source.rmdir()

    @contextlib.contextmanager
    def as_local_file(self, name: str, folder: Path) -> Iterator[Path]:
        """A copy inside `folder` for ffmpeg, removed afterwards. Raises StoredFileMissing."""
        copy = folder / "source"
        with copy.open("wb") as target:
            target.writelines(self.blocks(name, 0, self.size(name)))
        try:
            yield copy
        finally:
            copy.unlink(missing_ok=True)

    def size(self, name: str) -> int:
        """Bytes of a file. Raises StoredFileMissing."""
        if not self.backend.exists(_REMOTE_PREFIX + name):
            raise StoredFileMissing(name)
        return int(self.backend.size(_REMOTE_PREFIX + name))

    def blocks(self, name: str, start: int, length: int) -> Blocks:
        """`length` bytes from `start` by one ranged request, in blocks. Raises StoredFileMissing at once."""
        if length <= 0:
            return Blocks(io.BytesIO(), 0)
        location = self.backend._normalize_name(_REMOTE_PREFIX + name)
        client = self.backend.connection.meta.client
        try:
            answer = client.get_object(
                Bucket=self.backend.bucket_name, Key=location, Range=f"bytes={start}-{start + length - 1}"
            )
        except client.exceptions.NoSuchKey:
            raise StoredFileMissing(name) from None
        return Blocks(answer["Body"], length)

    def delete(self, name: str) -> None:
        """Remove a file, or all files under a folder name; absent is fine."""
        key = _REMOTE_PREFIX + name
        self.backend.delete(key)
        with contextlib.suppress(FileNotFoundError):
            for file in self.backend.listdir(key)[1]:
                self.backend.delete(f"{key}/{file}")


Store = LocalStore | RemoteStore


def store() -> Store:
    """The private storage of this installation: the object store if the default storage is one, else the private folder."""
    if isinstance(default_storage, FileSystemStorage):
        return LocalStore(private_root())
    return RemoteStore(default_storage)


def private_root() -> Path:
    """The private folder on this machine (setting MEDIA_PRIVATE_ROOT)."""
    return Path(settings.MEDIA_PRIVATE_ROOT)


def work_root() -> Path:
    """Where uploads and encodings in progress lie: on the volume of the private folder, so that a rename is enough."""
    return private_root() / "work"


def free_local_bytes() -> int:
    """Free space of the volume where work in progress lies (and, on one machine, everything else)."""
    folder = work_root()
    folder.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(folder).free


class Blocks:
    """At most `length` bytes of an open file in blocks. `close` closes the file even if nothing was read: a plain generator
    that never began would not."""

    def __init__(self, handle: Any, length: int) -> None:
        self._handle = handle
        self._left = length

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = self._handle.read(min(self._left, COPY_BLOCK // 4)) if self._left > 0 else b""
        if not block:
            self.close()
            raise StopIteration
        self._left -= len(block)
        return bytes(block)

    def close(self) -> None:
        """Close the file; again is fine."""
        self._left = 0
        self._handle.close()


def _sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
