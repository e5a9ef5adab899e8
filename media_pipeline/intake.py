"""Taking an upload in: streamed to disk within limits, recognised by its content, stored under our own name, queued."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from django.db import transaction

from media_pipeline import limits, storage
from media_pipeline.models import Asset
from media_pipeline.operations import queue_processing
from media_pipeline.sniff import Container, container_of
from media_pipeline.verdicts import MediaRefused, Verdict
from portal.ground.ids import new_uid


class RefusedUpload(Exception):
    """The upload was not taken; nothing was stored. `message` is for the person who uploads, `code` for programs."""

    def __init__(self, verdict: Verdict) -> None:
        self.code = verdict.code
        self.message = verdict.sentence
        super().__init__(self.message)


class _Chunked(Protocol):
    size: int | None

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]: ...


def receive(file: _Chunked | BinaryIO, *, title: str) -> Asset:
    """Store an uploaded file (a Django file or any binary stream, read from where it stands) and queue its processing.

    Raises RefusedUpload with a sentence for the uploader when the file is empty, larger than VIDEO_MAX_BYTES, not a video
    by its content, or does not fit on the disk. Writes one Asset, one job, one private file; on refusal nothing.
    """
    uid = new_uid()
    part = storage.work_root() / "uploads" / f"{uid}.part"
    try:
        container, size, digest = _write_part(file, part)
        name = f"{storage.ORIGINALS}/{uid}"
        storage.store().take(part, name)
    except MediaRefused as refusal:
        raise RefusedUpload(refusal.verdict) from None
    finally:
        part.unlink(missing_ok=True)
    try:
        with transaction.atomic():
            asset = Asset.objects.create(
                uid=uid,
                title=title[:200],
                source_name=name,
                source_container=container.name,
                source_bytes=size,
                source_sha256=digest,
            )
            queue_processing(asset)
    except BaseException:
        storage.store().delete(name)
        raise
    return asset


def check_upload(file: BinaryIO) -> None:
    """Refuse early, by size and first bytes, what `receive` would refuse anyway; the file is left where it stood.

    For a form, so that its other errors show together with this one. Raises RefusedUpload. Writes nothing.
    """
    place = file.tell()
    try:
        _check_size(getattr(file, "size", None) or 0)
        container_of(file.read(limits.SNIFF_BYTES))
    except MediaRefused as refusal:
        raise RefusedUpload(refusal.verdict) from None
    finally:
        file.seek(place)


def _write_part(file: _Chunked | BinaryIO, part: Path) -> tuple[Container, int, str]:
    declared = getattr(file, "size", None)
    if declared is not None:
        _check_size(declared)
        _check_space(declared)
    part.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    size = 0
    head = b""
    container: Container | None = None
    try:
        with part.open("wb") as target:
            for block in _blocks(file):
                size += len(block)
                _check_size(size)
                if container is None:
                    head += block
                    if len(head) >= limits.SNIFF_BYTES:
                        container = container_of(head[: limits.SNIFF_BYTES])
                digest.update(block)
                target.write(block)
                if declared is None:
                    _check_space(0)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise _no_space(declared or size) from None
        raise
    return container or container_of(head), size, digest.hexdigest()


def _blocks(file: _Chunked | BinaryIO) -> Iterator[bytes]:
    if hasattr(file, "chunks"):
        yield from file.chunks(limits.COPY_BLOCK)
        return
    while block := file.read(limits.COPY_BLOCK):
        yield block


def _check_size(size: int) -> None:
    limit = limits.max_source_bytes()
    if size > limit:
        raise MediaRefused("too_large", size=limits.spoken_size(size), limit=limits.spoken_size(limit))


def _check_space(needed: int) -> None:
    if storage.free_local_bytes() - needed < limits.free_space_reserve():
        raise _no_space(needed)


def _no_space(needed: int) -> MediaRefused:
    return MediaRefused(
        "no_space", needed=limits.spoken_size(needed), free=limits.spoken_size(storage.free_local_bytes())
    )
