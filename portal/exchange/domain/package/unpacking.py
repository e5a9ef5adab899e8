"""Reading a package that anybody may have made: nothing is believed before the signature and the digests fit."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import uuid
import zipfile
import zlib
from collections.abc import Iterator

from django.utils.translation import gettext as _

from portal.exchange.domain.keys import decoded
from portal.exchange.domain.package.envelope import CannotOpen, is_signed_by, open_key, open_values
from portal.exchange.domain.package.format import (
    FORMAT,
    MANIFEST,
    MAX_FILE_BYTES,
    MAX_LINE_BYTES,
    MAX_MANIFEST_BYTES,
    MAX_PARTS,
    MAX_UNPACKED_BYTES,
    PART_NAME,
    SEALED,
    SIGNATURE,
    Header,
    Part,
    RefusedPackage,
    read_manifest,
    upgraded,
)
from portal.exchange.domain.values import strict_json
from portal.exchange.models import OwnSite, Partner
from portal.ground.exchange import ExchangeKind, Row, kinds

_BLOCK = 1024 * 1024
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@dataclasses.dataclass
class Package:
    """A package whose signature, receiver and digests were found right."""

    archive: zipfile.ZipFile
    partner: Partner
    header: Header
    content_key: bytes
    parts: dict[str, Part]
    unknown: list[str]

    def rows(self, kind: ExchangeKind) -> Iterator[Row]:
        """The rows of a kind, opened and in today's form. Raises RefusedPackage."""
        part = self.parts.get(kind.name)
        if part is None:
            return
        with self.archive.open(part.file) as lines:
            while line := lines.readline(MAX_LINE_BYTES + 1):
                yield self._row(kind, part, line)

    def _row(self, kind: ExchangeKind, part: Part, line: bytes) -> Row:
        try:
            row = strict_json(line)
            uid = row["uid"]
            if not isinstance(uid, str) or str(uuid.UUID(uid)) != uid:
                raise ValueError
            if SEALED in row:
                secret = open_values(self.content_key, row.pop(SEALED), f"{self.header.uid} {kind.name} {uid}")
                row = {**row, **secret}
        except CannotOpen:
            raise RefusedPackage(_("数据包里加密的内容打不开，请对方重新导出。")) from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise RefusedPackage(_("数据包里有读不懂的行，请对方重新导出。")) from None
        version = part.version
        while version < kind.version:
            row = kind.upgrades[version](row)
            version += 1
        return row


def open_package(content: bytes, own: OwnSite) -> Package:
    """Check everything that can be checked without looking at our own rows. Raises RefusedPackage.

    Nothing is ever unpacked to a folder; sizes are counted while reading, whatever the file says of itself.
    """
    if len(content) > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // 1024 // 1024
        raise RefusedPackage(_("文件超过 %(n)s MB；请对方缩小范围，分几次导出。") % {"n": limit})
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = _names(archive)
        raw = _whole(archive, MANIFEST, MAX_MANIFEST_BYTES)
        signature = _whole(archive, SIGNATURE, 200).decode("ascii")
        manifest = strict_json(raw)
    except RefusedPackage:
        raise
    except (*_BROKEN, RecursionError, KeyError):
        raise RefusedPackage(_("文件不完整，或者不是数据交换包；请重新拷贝。")) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise RefusedPackage(_("这不是数据交换包。"))
    manifest = upgraded(manifest)
    header, sealed_key, parts = read_manifest(manifest)
    partner = _sender(header, raw, signature)
    if header.receiver != own.uid:
        message = _("这个数据包是发给“%(name)s”的，不是发给本站的。")
        raise RefusedPackage(message % {"name": header.receiver_name})
    if {part.file for part in parts} != names:
        raise RefusedPackage(_("数据包里的文件与目录对不上，请对方重新导出。"))
    _check_parts(archive, parts)
    try:
        content_key = open_key(sealed_key, str(header.uid))
    except CannotOpen:
        raise RefusedPackage(_("数据包不是用本站现在的公钥加密的；请把新的名片交给对方，再重新导出。")) from None
    known = {kind.name: kind for kind in kinds()}
    for part in parts:
        if part.kind in known:
            _check_version(part, known[part.kind])
    return Package(
        archive,
        partner,
        header,
        content_key,
        {part.kind: part for part in parts if part.kind in known},
        [part.kind for part in parts if part.kind not in known],
    )


def _check_version(part: Part, kind: ExchangeKind) -> None:
    if part.version > kind.version:
        message = _("数据包里的“%(kind)s”由更新的版本生成；请先升级本站，再导入。")
        raise RefusedPackage(message % {"kind": kind.label})
    if any(version not in kind.upgrades for version in range(part.version, kind.version)):
        message = _("数据包里的“%(kind)s”由过旧的版本生成；请对方升级后重新导出。")
        raise RefusedPackage(message % {"kind": kind.label})


def _names(archive: zipfile.ZipFile) -> set[str]:
    """The parts' names. Refuses doubled names, paths that lead elsewhere, encryption, and sizes beyond all limits."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    parts = {name for name in names if PART_NAME.fullmatch(name)}
    fine = (
        len(entries) <= MAX_PARTS + 2
        and len(set(names)) == len(names)
        and set(names) == parts | {MANIFEST, SIGNATURE}
        and all(entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries)
        and not any(entry.flag_bits & 0x1 for entry in entries)
    )
    if not fine:
        raise RefusedPackage(_("压缩包里有不该有的文件，不能导入。"))
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise RefusedPackage(_("解开后太大，不能导入；请对方缩小范围，分几次导出。"))
    return parts


def _whole(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    with archive.open(name) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise RefusedPackage(_("这不是数据交换包。"))
    return content


def _sender(header: Header, raw: bytes, signature: str) -> Partner:
    """The confirmed partner who signed this. The same sentence for a forged signature and a changed manifest."""
    partner = Partner.objects.select_related("organisation").filter(site_uid=header.sender).first()
    if partner is None or partner.state != Partner.State.CONFIRMED:
        message = _("发送方“%(name)s”不在本站已确认的站点之列；请系统管理员先登记对方的名片并核对指纹。")
        raise RefusedPackage(message % {"name": header.sender_name})
    if not is_signed_by(decoded(partner.sign_key), raw, signature):
        raise RefusedPackage(_("签名不符：文件在途中被改动过，或者不是“%(name)s”发出的。") % {"name": partner.name})
    return partner


def _check_parts(archive: zipfile.ZipFile, parts: list[Part]) -> None:
    for part in parts:
        digest = hashlib.sha256()
        size = rows = 0
        try:
            with archive.open(part.file) as file:
                while block := file.read(_BLOCK):
                    size += len(block)
                    if size > part.size_bytes:
                        break
                    digest.update(block)
                    rows += block.count(b"\n")
        except _BROKEN:
            size = -1
        if (size, rows, digest.hexdigest()) != (part.size_bytes, part.rows, part.sha256):
            raise RefusedPackage(_("“%(part)s”的内容与签名的目录不符，文件已损坏或被改动。") % {"part": part.file})
