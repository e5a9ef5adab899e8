"""Cryptography of a package: signing the manifest, and a content key that only the receiver can open (X25519, HKDF, AES-256-GCM)."""

from __future__ import annotations

import os
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.exchange.domain.keys import decoded, encoded, opening_key, signing_key
from portal.exchange.domain.values import canonical, strict_json

_SIGNED = b"linghang-exchange-manifest\n"
_NONCE_BYTES = 12
_STEP = 64  # sealed values are padded to a multiple, so that their length tells little


class CannotOpen(ValueError):
    """Sealed for somebody else, or changed on the way."""


def sign(manifest: bytes) -> str:
    """Our signature over a manifest."""
    return encoded(signing_key().sign(_SIGNED + manifest))


def is_signed_by(sign_key: bytes, manifest: bytes, signature: str) -> bool:
    """Whether the holder of a key signed exactly this."""
    try:
        Ed25519PublicKey.from_public_bytes(sign_key).verify(decoded(signature), _SIGNED + manifest)
    except (InvalidSignature, ValueError):
        return False
    return True


def new_content_key() -> bytes:
    """A key for one package."""
    return AESGCM.generate_key(256)


def seal_key_for(seal_key: bytes, content_key: bytes, package: str) -> dict[str, str]:
    """The content key for the holder of `seal_key` alone."""
    passing = X25519PrivateKey.generate()
    public = passing.public_key().public_bytes_raw()
    shared = passing.exchange(X25519PublicKey.from_public_bytes(seal_key))
    box = AESGCM(_wrapping(shared, public, seal_key)).encrypt(bytes(_NONCE_BYTES), content_key, package.encode())
    return {"public": encoded(public), "box": encoded(box)}


def open_key(sealed: dict[str, str], package: str) -> bytes:
    """The content key of a package for us. Raises CannotOpen."""
    try:
        own = opening_key()
        public = decoded(sealed["public"])
        shared = own.exchange(X25519PublicKey.from_public_bytes(public))
        wrapping = _wrapping(shared, public, own.public_key().public_bytes_raw())
        return AESGCM(wrapping).decrypt(bytes(_NONCE_BYTES), decoded(sealed["box"]), package.encode())
    except (InvalidTag, ValueError, KeyError, TypeError):
        raise CannotOpen from None


def _wrapping(shared: bytes, public: bytes, receiver: bytes) -> bytes:
    # each of these keys is used once, so the nonce may be nought
    return HKDF(hashes.SHA256(), 32, salt=public + receiver, info=b"linghang-exchange-1 wrap").derive(shared)


def seal_values(content_key: bytes, values: dict[str, Any], context: str) -> str:
    """Values that only a holder of the content key reads, tied to their row by `context`."""
    plain = canonical(values).encode()
    plain += b" " * (-len(plain) % _STEP)
    nonce = os.urandom(_NONCE_BYTES)
    return encoded(nonce + AESGCM(content_key).encrypt(nonce, plain, context.encode()))


def open_values(content_key: bytes, sealed: Any, context: str) -> dict[str, Any]:
    """The values of a row. Raises CannotOpen."""
    try:
        raw = decoded(sealed)
        plain = AESGCM(content_key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode())
        found = strict_json(plain)
    except (InvalidTag, ValueError, TypeError, RecursionError):
        raise CannotOpen from None
    if not isinstance(found, dict):
        raise CannotOpen
    return found
