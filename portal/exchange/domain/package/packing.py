"""Writing a package."""

from __future__ import annotations

import dataclasses
import hashlib
import zipfile
from collections.abc import Callable, Iterator
from typing import IO

from portal.exchange.domain.package.envelope import new_content_key, seal_key_for, seal_values, sign
from portal.exchange.domain.package.format import MANIFEST, SEALED, SIGNATURE, Header, Part, manifest_of
from portal.exchange.domain.values import canonical
from portal.ground.exchange import CannotGive, ExchangeKind, Row, Scope

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # a ZIP's own dates tell nothing here


@dataclasses.dataclass(frozen=True)
class Packed:
    """What was written: rows by kind, and the labels of the kinds that had to be left out."""

    counts: dict[str, int]
    left_out: tuple[str, ...] = ()


def pack(
    target: IO[bytes],
    header: Header,
    seal_key: bytes,
    kinds: tuple[ExchangeKind, ...],
    scope: Scope,
    seen: Callable[[ExchangeKind, Row], None],
) -> Packed:
    """Write the rows of all kinds in the scope, sealed for the holder of `seal_key` and signed by us. `seen` is called with each
    row as it goes out. A kind that cannot give its rows is left out as a whole."""
    content_key = new_content_key()
    parts = []
    left_out = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind in kinds:
            try:
                rows = kind.export(scope)
            except CannotGive as failure:
                failure.tell()
                left_out.append(str(kind.label))
                continue
            lines = _lines(kind, rows, content_key, str(header.uid), seen)
            parts.append(_write_part(archive, kind, lines))
        sealed = seal_key_for(seal_key, content_key, str(header.uid))
        manifest = canonical(manifest_of(header, sealed, parts)).encode()
        archive.writestr(_entry(MANIFEST), manifest)
        archive.writestr(_entry(SIGNATURE), sign(manifest))
    return Packed({part.kind: part.rows for part in parts}, tuple(left_out))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _lines(
    kind: ExchangeKind,
    rows: Iterator[Row],
    content_key: bytes,
    package: str,
    seen: Callable[[ExchangeKind, Row], None],
) -> Iterator[bytes]:
    for row in rows:
        seen(kind, row)
        clear = {name: value for name, value in row.items() if name not in kind.sealed}
        if kind.sealed:
            secret = {name: value for name, value in row.items() if name in kind.sealed}
            clear[SEALED] = seal_values(content_key, secret, f"{package} {kind.name} {row['uid']}")
        yield canonical(clear).encode() + b"\n"


def _write_part(archive: zipfile.ZipFile, kind: ExchangeKind, lines: Iterator[bytes]) -> Part:
    name = f"parts/{kind.name}.jsonl"
    digest = hashlib.sha256()
    rows = size = 0
    with archive.open(_entry(name), "w") as part:
        for line in lines:
            part.write(line)
            digest.update(line)
            rows += 1
            size += len(line)
    return Part(kind.name, kind.version, name, rows, size, digest.hexdigest())
