"""Who has an address may play it, for a while: signed addresses that name one version and die by themselves.

The token stands in the path, so playlists keep relative addresses and nothing is rewritten but the master. Whether a
person may have an address at all is decided by the caller (`portal.files`), before asking here.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import hashlib
import struct
import uuid

from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from media_pipeline.models import Asset
from portal.ground.clock import now

MIN_LIFETIME_SECONDS = 2 * 3600
_SALT = "media_pipeline.playback.1"
_MAC_BYTES = 16
_VIEWER_BYTES = 6
_LAYOUT = struct.Struct(f">16sI{_VIEWER_BYTES}s")


class NotReady(Exception):
    """Nothing of this asset plays yet."""


class ForgedToken(Exception):
    """The token was not made by us."""


class ExpiredToken(Exception):
    """The token was ours; its time is over."""


@dataclasses.dataclass(frozen=True)
class Playback:
    """Addresses for one viewer, valid until `expires_at`; `duration_seconds` and the size are those of the picture."""

    manifest_url: str
    poster_url: str
    expires_at: dt.datetime
    duration_seconds: float
    width: int
    height: int


@dataclasses.dataclass(frozen=True)
class Grant:
    """What a token says: this version, until then, made for the viewer with this digest."""

    version_uid: uuid.UUID
    expires_at: dt.datetime
    viewer: bytes


def playback_for(asset: Asset, viewer_key: str) -> Playback:
    """Addresses that play the current version: valid for two hours, or for twice a longer duration.

    `viewer_key` names the viewer for tracing (only a digest of it is carried). Raises NotReady when nothing plays yet.
    Writes nothing.
    """
    version = asset.current_version
    if version is None:
        raise NotReady(str(asset.uid))
    lifetime = max(MIN_LIFETIME_SECONDS, 2 * version.duration_seconds)
    expires_at = (now() + dt.timedelta(seconds=lifetime)).replace(microsecond=0)
    token = make_token(Grant(version.uid, expires_at, viewer_digest(viewer_key)))
    return Playback(
        manifest_url=reverse("play:master", args=[token]),
        poster_url=reverse("play:poster", args=[token]),
        expires_at=expires_at,
        duration_seconds=version.duration_seconds,
        width=version.width,
        height=version.height,
    )


def viewer_digest(viewer_key: str) -> bytes:
    """A short digest of a viewer's key: enough to find out who passed an address on, of no use for anything else."""
    return hashlib.sha256(viewer_key.encode()).digest()[:_VIEWER_BYTES]


def make_token(grant: Grant) -> str:
    """The token of a grant: URL-safe text of fixed length."""
    body = _LAYOUT.pack(grant.version_uid.bytes, int(grant.expires_at.timestamp()), grant.viewer)
    return base64.urlsafe_b64encode(body + _mac(body)).rstrip(b"=").decode()


def read_token(token: str) -> Grant:
    """The grant of a token. Raises ForgedToken or ExpiredToken; the comparison takes the same time for every forgery."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ForgedToken from None
    body, mac = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
    if len(body) != _LAYOUT.size or not constant_time_compare(mac, _mac(body)):
        raise ForgedToken
    version, expires, viewer = _LAYOUT.unpack(body)
    grant = Grant(uuid.UUID(bytes=version), dt.datetime.fromtimestamp(expires, tz=dt.UTC), viewer)
    if grant.expires_at <= now():
        raise ExpiredToken
    return grant


def _mac(body: bytes) -> bytes:
    return salted_hmac(_SALT, body, algorithm="sha256").digest()[:_MAC_BYTES]
