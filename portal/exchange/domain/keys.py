"""Our keys, and the public card by which others know us. Ed25519 signs, X25519 opens what is sealed for us; both follow from one
secret of the installation (`EXCHANGE_KEY`), so there is one thing to keep and to restore."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import json
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.exchange.domain.values import strict_json
from portal.exchange.models import OwnSite
from portal.ground.audit import audit
from portal.organisations.models import Organisation

CARD_FORMAT = "linghang-site"
CARD_VERSION = 1


class UnreadableCard(ValueError):
    """What was pasted is no site card; the message says what to do."""


@dataclasses.dataclass(frozen=True)
class Card:
    """What another site must know of one: uid, name, and its two public keys (32 bytes each)."""

    site: uuid.UUID
    name: str
    sign_key: bytes
    seal_key: bytes

    @property
    def fingerprint(self) -> str:
        """160 bits over uid and keys, as ten groups of four for reading out."""
        digest = hashlib.sha256(b"linghang-site-1\n" + self.site.bytes + self.sign_key + self.seal_key).hexdigest()
        return " ".join(digest[start : start + 4] for start in range(0, 40, 4))

    @property
    def text(self) -> str:
        """The card as one line to hand over."""
        content = {
            "format": CARD_FORMAT,
            "version": CARD_VERSION,
            "site": str(self.site),
            "name": self.name,
            "sign": encoded(self.sign_key),
            "seal": encoded(self.seal_key),
        }
        return json.dumps(content, ensure_ascii=False)


def encoded(key: bytes) -> str:
    """Bytes as text."""
    return base64.b64encode(key).decode()


def decoded(text: str) -> bytes:
    """Text as bytes. Raises ValueError."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError from None


def _derived(purpose: bytes) -> bytes:
    secret = settings.EXCHANGE_KEY.encode()
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"linghang-exchange-1 " + purpose).derive(secret)


def signing_key() -> Ed25519PrivateKey:
    """What we sign with."""
    return Ed25519PrivateKey.from_private_bytes(_derived(b"sign"))


def opening_key() -> X25519PrivateKey:
    """What opens the things sealed for us."""
    return X25519PrivateKey.from_private_bytes(_derived(b"seal"))


def own_site() -> OwnSite:
    """Who we are; made when first asked for, named after the top organisation."""
    found = OwnSite.objects.first()
    if found is not None:
        return found
    top = Organisation.objects.filter(depth=1, ended_on__isnull=True).first()
    made, _new = OwnSite.objects.get_or_create(single=True, defaults={"name": top.name if top else _("本站")})
    return made


def rename_own_site(name: str, *, actor: object) -> OwnSite:
    """Call ourselves otherwise. Writes an audit line; the keys and the fingerprint stay."""
    with transaction.atomic():
        site = own_site()
        site.name = name
        site.save(update_fields=["name"])
        audit(actor, "exchange.site_renamed", target_kind="exchange.site", target_uid=site.uid)
    return site


def own_card() -> Card:
    """Our public card."""
    site = own_site()
    sign, seal = signing_key().public_key(), opening_key().public_key()
    return Card(site.uid, site.name, sign.public_bytes_raw(), seal.public_bytes_raw())


def read_card(text: str) -> Card:
    """A card as pasted. Raises UnreadableCard."""
    try:
        content = strict_json(text.strip())
        if content["format"] != CARD_FORMAT:
            raise ValueError
        if content["version"] != CARD_VERSION:
            raise UnreadableCard(_("这张名片由更新的版本生成，请先升级本站。"))
        card = Card(
            uuid.UUID(content["site"]),
            str(content["name"]).strip()[:120],
            decoded(content["sign"]),
            decoded(content["seal"]),
        )
        if not (card.name and card.name.isprintable() and len(card.sign_key) == len(card.seal_key) == 32):
            raise ValueError
        opening_key().exchange(X25519PublicKey.from_public_bytes(card.seal_key))  # refuses points of small order
    except UnreadableCard:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnreadableCard(_("这不是完整的站点名片。请把对方页面上“本站名片”里的整段文字原样粘贴。")) from None
    return card
