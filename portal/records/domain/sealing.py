"""Sealing: what was submitted stays as it was, each version chained by hash with what the organisation entered before.

A seal covers salted digests, never the values, which lie beside it (`SealedContent`): a person can be erased and keys can
turn without breaking the chain. The layout is written down in `docs/operators/records.md` and checked independently by
`tools/verify_chain.py`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max

from portal.ground.audit import audit
from portal.ground.clock import BUSINESS_ZONE, now
from portal.records.domain.digests import UnsealableContent, canonical, digest_of, field_digest, seal_hash
from portal.records.models import ChainHead, Seal, SealedContent
from portal.shared.batches import batched

FIRST_HASH: Final = "0" * 64
REASON: Final = "$reason"
ATTACHMENT: Final = "$attachment."
AUDIT_CHAIN: Final = "audit"
_SALT_BYTES = 16
_LENGTHS = {"chain": 80, "kind": 60, "uid": 60, "entered_by": 40}


class ReasonMissing(ValueError):
    """A later version was to be sealed without saying why."""


class VersionOvertaken(Exception):
    """Somebody else sealed a newer version since the caller looked (`expected_version`)."""


@dataclasses.dataclass(frozen=True)
class Attachment:
    """A file that belongs to a record; sealed by its digest. `sha256` is hex, `size_bytes` the length."""

    name: str
    sha256: str
    size_bytes: int


@dataclasses.dataclass(frozen=True)
class Entry:
    """One record to be sealed, for `seal_many`. Fields as in `seal`."""

    kind: str
    uid: str
    chain: str
    content: Mapping[str, Any]
    happened_on: dt.date
    entered_by: Any
    reason: str = ""
    attachments: Sequence[Attachment] = ()
    personal: Collection[str] = ()
    due_on: dt.date | None = None
    expected_version: int | None = None


@dataclasses.dataclass(frozen=True)
class Change:
    """What one version changed in one field. None: was, or is, not there (or has been erased)."""

    field: str
    before: Any
    after: Any


@dataclasses.dataclass(frozen=True)
class Version:
    """A sealed version with its values as far as they still exist, and what it changed against the one before."""

    seal: Seal
    content: dict[str, Any]
    reason: str
    attachments: tuple[Attachment, ...]
    erased: frozenset[str]
    changes: tuple[Change, ...]


@dataclasses.dataclass(frozen=True)
class Fault:
    """Something in a chain that does not fit. `kind`: changed, content, removed, swapped, head."""

    chain: str
    number: int
    kind: str
    detail: str


def seal(
    kind: str,
    uid: Any,
    chain: str,
    content: Mapping[str, Any],
    *,
    happened_on: dt.date,
    entered_by: Any,
    reason: str = "",
    attachments: Sequence[Attachment] = (),
    personal: Collection[str] = (),
    due_on: dt.date | None = None,
    expected_version: int | None = None,
) -> Seal:
    """Seal the record `uid` of `kind` as it is now; the same uid again is its next version and needs a `reason`.

    `content` is plain data (text, whole numbers, Decimal, dates, UUIDs, lists, dicts); the fields named in `personal` are kept
    encrypted and can be erased. `happened_on` is the day of the event, `due_on` the last day on which entering it is in time.
    `entered_by` is a user (its uid is kept) or a word. Raises UnsealableContent, ReasonMissing, and VersionOvertaken when
    `expected_version` is given and is not the newest (0: none yet). Writes Seal and SealedContent in the open transaction
    (or one of its own), which from here on holds the chain: seal late, and several chains by `seal_many`.
    """
    entry = Entry(
        kind, str(uid), chain, content, happened_on, entered_by, reason, attachments, personal, due_on, expected_version
    )
    return seal_many([entry])[0]


def seal_many(entries: Sequence[Entry]) -> list[Seal]:
    """Seal many records at once, in the order given within each chain; all or none. As `seal`, and much faster."""
    prepared = [_Prepared(entry) for entry in entries]
    with transaction.atomic():
        heads = locked_heads({entry.chain for entry in entries})
        newest = _newest_versions(entries)
        moment = now()
        seals = [_chained(item, heads[item.entry.chain], newest, moment) for item in prepared]
        Seal.objects.bulk_create(seals, batch_size=500)
        SealedContent.objects.bulk_create(
            [
                SealedContent(seal=made, fields=item.fields, personal=item.personal)
                for made, item in zip(seals, prepared, strict=True)
            ],
            batch_size=500,
        )
        if len(heads) == 1:  # by far the most frequent, and a third quicker so
            heads[entries[0].chain].save(update_fields=["number", "hash"])
        else:
            ChainHead.objects.bulk_update(heads.values(), ["number", "hash"], batch_size=200)
    return seals


def versions_of(kind: str, uid: Any) -> list[Version]:
    """All versions of a record, oldest first, with who, when, why, before and after. Two queries."""
    rows = Seal.objects.filter(kind=kind, uid=str(uid)).select_related("content").order_by("version")
    found: list[Version] = []
    before: dict[str, Any] = {}
    lost: frozenset[str] = frozenset()
    for row in rows:
        version = _version(row, before, lost)
        found.append(version)
        before, lost = version.content, version.erased
    return found


def erase_personal(kind: str, uid: Any, *, by: Any, fields: Collection[str] | None = None) -> int:
    """Erase personal values (or the named `fields`, open ones too) from all versions of a record; the seals stay provable.

    Returns how many values were erased. Writes SealedContent and one audit line.
    """
    erased = 0
    with transaction.atomic():
        rows = SealedContent.objects.select_for_update().filter(seal__kind=kind, seal__uid=str(uid))
        for row in rows:
            kept = json.loads(row.personal) if row.personal else {}
            for name in [n for n in kept if fields is None or n in fields]:
                del kept[name]
                erased += 1
            for name in [n for n, part in row.fields.items() if fields is not None and n in fields and "v" in part]:
                row.fields[name] = {"d": field_digest(row.fields[name]["s"], name, row.fields[name]["v"])}
                erased += 1
            row.personal = canonical(kept) if kept else ""
            row.save(update_fields=["fields", "personal"])
        audit(by, "records.erased", target_kind=kind, target_uid=uid, values=erased)
    return erased


def verify_chain(chain: str) -> Iterator[Fault]:
    """Everything in a chain that does not fit, first to last: numbers, links, hashes, values, and where it ends."""
    number, previous = 0, FIRST_HASH
    rows = Seal.objects.filter(chain=chain).select_related("content").order_by("number")
    for row in rows.iterator(chunk_size=2000):
        if row.number != number + 1:
            yield Fault(chain, number + 1, "removed", f"{number + 1}–{row.number - 1}")
        elif row.previous_hash != previous:
            yield Fault(chain, row.number, "swapped", f"{row.kind} {row.uid} v{row.version}")
        if row.seal_hash != seal_hash(row):
            yield Fault(chain, row.number, "changed", f"{row.kind} {row.uid} v{row.version}")
        if not _content_fits(row):
            yield Fault(chain, row.number, "content", f"{row.kind} {row.uid} v{row.version}")
        number, previous = row.number, row.seal_hash
    head = ChainHead.objects.filter(chain=chain).first()
    if head is not None and (head.number, head.hash) != (number, previous):
        yield Fault(chain, head.number, "head", f"{number} / {head.number}")


class _Prepared:
    """An entry with its salts, digests and split into open and personal values, made before the chain is locked."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.entered_by = str(getattr(entry.entered_by, "uid", entry.entered_by) or "")
        keys = {"chain": entry.chain, "kind": entry.kind, "uid": entry.uid, "entered_by": self.entered_by}
        for name, text in keys.items():
            if len(text) > _LENGTHS[name] or not text.isprintable() or (not text and name != "entered_by"):
                raise UnsealableContent(f"{name}: {text!r}")
        if entry.chain == AUDIT_CHAIN:
            raise UnsealableContent(f"chain: {AUDIT_CHAIN!r}")
        if bad := [name for name in entry.content if name.startswith("$")]:
            raise UnsealableContent(f"{bad}")
        values: dict[str, Any] = dict(entry.content)
        if entry.reason:
            values[REASON] = entry.reason
        for place, attachment in enumerate(entry.attachments):
            values[f"{ATTACHMENT}{place}"] = [attachment.name, attachment.sha256, attachment.size_bytes]
        digests: dict[str, str] = {}
        self.fields: dict[str, dict[str, Any]] = {}
        personal: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            plain = json.loads(canonical(value))
            salt = secrets.token_hex(_SALT_BYTES)
            digests[name] = field_digest(salt, name, plain)
            if name in entry.personal:
                personal[name] = {"s": salt, "v": plain}
                self.fields[name] = {"d": digests[name]}
            else:
                self.fields[name] = {"s": salt, "v": plain}
        self.personal = canonical(personal) if personal else ""
        self.digest = digest_of(digests)


def locked_head(chain: str) -> ChainHead:
    """The end of a chain, locked until the open transaction ends; made when the chain is new."""
    return locked_heads([chain])[chain]


def locked_heads(chains: Collection[str]) -> dict[str, ChainHead]:
    """The ends of chains, always locked in the same order, so that two callers never wait for each other."""
    heads: dict[str, ChainHead] = {}
    for part in batched(sorted(set(chains)), 500):
        rows = ChainHead.objects.select_for_update().filter(chain__in=part).order_by("chain")
        heads |= {head.chain: head for head in rows}
        if new := [chain for chain in part if chain not in heads]:
            ChainHead.objects.bulk_create([ChainHead(chain=chain) for chain in new], ignore_conflicts=True)
            heads |= {head.chain: head for head in rows.filter(chain__in=new)}
    return heads


def _newest_versions(entries: Sequence[Entry]) -> dict[tuple[str, str], int]:
    """The newest version of each record. A record that moves between chains is locked by itself as well."""
    records = sorted({(entry.kind, entry.uid) for entry in entries})
    if connection.vendor == "postgresql":
        keys = [int.from_bytes(hashlib.sha256("\n".join(r).encode()).digest()[:8], signed=True) for r in records]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key ORDER BY key", [sorted(set(keys))]
            )
    newest = dict.fromkeys(records, 0)
    for kind in sorted({kind for kind, _uid in records}):
        uids = [uid for k, uid in records if k == kind]
        for start in range(0, len(uids), 500):
            part = Seal.objects.filter(kind=kind, uid__in=uids[start : start + 500])
            for uid, version in part.values_list("uid").annotate(newest=Max("version")):
                newest[(kind, uid)] = version
    return newest


def _chained(item: _Prepared, head: ChainHead, newest: dict[tuple[str, str], int], moment: dt.datetime) -> Seal:
    entry = item.entry
    key = (entry.kind, entry.uid)
    if entry.expected_version is not None and entry.expected_version != newest[key]:
        raise VersionOvertaken(f"{entry.kind} {entry.uid}: {newest[key]}")
    if newest[key] and not entry.reason.strip():
        raise ReasonMissing(f"{entry.kind} {entry.uid}")
    newest[key] += 1
    row = Seal(
        chain=entry.chain,
        number=head.number + 1,
        kind=entry.kind,
        uid=entry.uid,
        version=newest[key],
        happened_on=entry.happened_on,
        due_on=entry.due_on,
        entered_at=moment,
        entered_on=moment.astimezone(BUSINESS_ZONE).date(),
        entered_by=item.entered_by,
        content_digest=item.digest,
        previous_hash=head.hash,
    )
    row.seal_hash = seal_hash(row)
    head.number, head.hash = row.number, row.seal_hash
    return row


def _version(row: Seal, before: dict[str, Any], lost_before: frozenset[str]) -> Version:
    parts = dict(row.content.fields)
    if row.content.personal:
        parts |= json.loads(row.content.personal)
    values = {name: part["v"] for name, part in parts.items() if "v" in part}
    erased = frozenset(name for name, part in parts.items() if "v" not in part)
    reason = str(values.pop(REASON, ""))
    attached = sorted((name for name in values if name.startswith(ATTACHMENT)), key=lambda n: int(n.split(".")[1]))
    attachments = tuple(Attachment(*values.pop(name)) for name in attached)
    names = sorted(name for name in values.keys() | before.keys() if name not in erased | lost_before)
    changes = tuple(
        Change(name, before.get(name), values.get(name)) for name in names if before.get(name) != values.get(name)
    )
    return Version(row, values, reason, attachments, erased, changes)


def _content_fits(row: Seal) -> bool:
    content = getattr(row, "content", None)
    if content is None:
        return False
    personal = json.loads(content.personal) if content.personal else {}
    digests = {}
    for name, part in content.fields.items():
        digests[name] = field_digest(part["s"], name, part["v"]) if "v" in part else part["d"]
    for name, part in personal.items():
        if digests.get(name) != field_digest(part["s"], name, part["v"]):
            return False
    return digest_of(digests) == row.content_digest
