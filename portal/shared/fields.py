"""Field classes for sensitive values."""

from __future__ import annotations

import base64
import functools
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class UndecipherableValue(Exception):
    """A stored value fits none of the installation's keys: the key file was lost or swapped."""


def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))


@functools.lru_cache(maxsize=4)
def _cipher_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([_fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """The installation's cipher: the first of `FIELD_KEYS` encrypts, all of them decrypt. For fields and for whole files."""
    return _cipher_of(tuple(settings.FIELD_KEYS))


def newest_cipher() -> Fernet:
    """The first of `FIELD_KEYS` alone: what it cannot decrypt was written with an older key."""
    return _fernet(settings.FIELD_KEYS[0])


class EncryptedTextField(models.TextField):
    """Text encrypted at rest (AES-128-CBC with HMAC). The first of `FIELD_KEYS` encrypts, all of them decrypt, so keys turn
    without a pause. Cannot be searched: keep a keyed hash beside it. Raises UndecipherableValue on reading with lost keys."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return cipher().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if not value:
            return value
        try:
            return cipher().decrypt(value.encode()).decode()
        except InvalidToken:
            raise UndecipherableValue(self.name) from None
