"""The form of a package: a ZIP of `manifest.json`, its signature, and one file of JSON lines a kind. What each part is, and how a
package of an older form becomes one of this form, stands here."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

FORMAT = "linghang-exchange"
VERSION = 1
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
PART_NAME = re.compile(r"parts/((?=[a-z0-9_.]{1,40}\.jsonl)[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?)\.jsonl")
SEALED = "sealed"

MAX_FILE_BYTES = 200 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_MANIFEST_BYTES = 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024
MAX_ROWS = 1_000_000
MAX_PARTS = 60

Manifest = dict[str, Any]

UPGRADES: dict[int, Callable[[Manifest], Manifest]] = {}
"""From the form with this number to the next one. The first form is 1; a reader of the form 2 adds `UPGRADES[1]`."""


class RefusedPackage(ValueError):
    """The file is not a package that can be taken in; the message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One kind in a package."""

    kind: str
    version: int
    file: str
    rows: int
    size_bytes: int
    sha256: str


@dataclasses.dataclass(frozen=True)
class Header:
    """What a manifest says. `top` is the scope's top: uid, code and name. `acknowledges` is the serial of the receiver's last
    package that the sender had applied; 0 for none."""

    uid: uuid.UUID
    sender: uuid.UUID
    sender_name: str
    receiver: uuid.UUID
    receiver_name: str
    top_uid: str
    top_code: str
    top_name: str
    purpose: str
    made_at: dt.datetime
    serial: int
    acknowledges: int


def manifest_of(header: Header, content_key: Mapping[str, str], parts: list[Part]) -> Manifest:
    """The manifest as written."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "uid": str(header.uid),
        "sender": {"site": str(header.sender), "name": header.sender_name},
        "receiver": {"site": str(header.receiver), "name": header.receiver_name},
        "scope": {"uid": header.top_uid, "code": header.top_code, "name": header.top_name},
        "purpose": header.purpose,
        "made_at": header.made_at.isoformat(),
        "serial": header.serial,
        "acknowledges": header.acknowledges,
        "content_key": dict(content_key),
        "parts": [dataclasses.asdict(part) for part in parts],
    }


def upgraded(manifest: Manifest) -> Manifest:
    """The manifest in today's form. Raises RefusedPackage for a newer one, or one without a way."""
    version = manifest.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise RefusedPackage(_("这不是数据交换包。"))
    if version > VERSION:
        message = _("数据包是第 %(theirs)s 版格式，本站只认识到第 %(ours)s 版；请先升级本站，再导入。")
        raise RefusedPackage(message % {"theirs": version, "ours": VERSION})
    while version < VERSION:
        if version not in UPGRADES:
            message = _("数据包是第 %(theirs)s 版格式，本站已不再支持；请对方升级后重新导出。")
            raise RefusedPackage(message % {"theirs": version})
        manifest = {**UPGRADES[version](manifest), "version": version + 1}
        version += 1
    return manifest


def read_manifest(manifest: Manifest) -> tuple[Header, dict[str, str], list[Part]]:
    """What an (upgraded) manifest says: header, sealed content key, parts. Raises RefusedPackage."""
    try:
        header = Header(
            uid=uuid.UUID(manifest["uid"]),
            sender=uuid.UUID(manifest["sender"]["site"]),
            sender_name=_short(manifest["sender"]["name"]),
            receiver=uuid.UUID(manifest["receiver"]["site"]),
            receiver_name=_short(manifest["receiver"]["name"]),
            top_uid=str(uuid.UUID(manifest["scope"]["uid"])),
            top_code=_short(manifest["scope"]["code"]),
            top_name=_short(manifest["scope"]["name"]),
            purpose=_short(manifest["purpose"], 200),
            made_at=dt.datetime.fromisoformat(manifest["made_at"]).astimezone(dt.UTC),
            serial=_count(manifest["serial"], 2**31 - 1),
            acknowledges=_count(manifest["acknowledges"], 2**31 - 1),
        )
        key = {"public": str(manifest["content_key"]["public"]), "box": str(manifest["content_key"]["box"])}
        parts = [_part(part) for part in manifest["parts"]]
        kinds = [part.kind for part in parts]
        if len(parts) > MAX_PARTS or len(set(kinds)) != len(kinds):
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise RefusedPackage(_("数据包的目录残缺，请对方重新导出。")) from None
    return header, key, parts


def _part(part: Any) -> Part:
    kind, file = str(part["kind"]), str(part["file"])
    match = PART_NAME.fullmatch(file)
    if match is None or match[1] != kind:
        raise ValueError
    if not isinstance(part["sha256"], str) or not re.fullmatch(r"[0-9a-f]{64}", part["sha256"]):
        raise ValueError
    rows, size = _count(part["rows"], MAX_ROWS), _count(part["size_bytes"], MAX_UNPACKED_BYTES)
    return Part(kind, max(_count(part["version"], 10_000), 1), file, rows, size, part["sha256"])


def _count(value: Any, largest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise ValueError
    return value


def _short(value: Any, longest: int = 120) -> str:
    if not isinstance(value, str) or len(value) > longest or not value.replace("\n", " ").isprintable():
        raise ValueError
    return value
