"""Login handles: find a user by what was typed, without storing phone or work numbers in the clear."""

import hashlib
import hmac
import unicodedata

from django.conf import settings
from django.db import IntegrityError, transaction

from portal.accounts.models import LoginHandle, User


class HandleTaken(ValueError):
    """Another account already logs in by this phone or work number."""


def keyed_hash(kind: str, value: str) -> str:
    """HMAC-SHA-256 (hex) of the folded value under the installation's lookup key."""
    folded = "".join(unicodedata.normalize("NFKC", value).split()).lower()
    return hmac.new(settings.LOOKUP_KEY.encode(), f"{kind}:{folded}".encode(), hashlib.sha256).hexdigest()


def add_handle(user: User, kind: str, value: str) -> LoginHandle:
    """Let `user` log in by a phone or work number. Raises HandleTaken."""
    lookup = keyed_hash(kind, value)
    try:
        with transaction.atomic():
            handle, _ = LoginHandle.objects.get_or_create(kind=kind, lookup=lookup, defaults={"user": user})
    except IntegrityError:
        handle = LoginHandle.objects.get(kind=kind, lookup=lookup)
    if handle.user_id != user.pk:
        raise HandleTaken(kind)
    return handle


def user_by_login(typed: str) -> User | None:
    """The user whose user name, phone or work number was typed, or None. Two queries, whoever it is or is not."""
    typed = typed.strip()[:254]
    if "\x00" in typed or not typed:
        return None
    by_name = User.objects.filter(username=typed).first()
    lookups = [keyed_hash(kind, typed) for kind in LoginHandle.Kind.values]
    handle = LoginHandle.objects.select_related("user").filter(lookup__in=lookups).first()
    return by_name or (handle.user if handle else None)
