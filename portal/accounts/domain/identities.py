"""Whose account an outside identity is. Accounts are never made here, and administrators are never let in by what an outside
service claims at first sight."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from portal.accounts.domain.handles import keyed_hash
from portal.accounts.domain.second_factor import PRIVILEGED
from portal.accounts.models import ExternalIdentity, LoginHandle, User
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.rights import may


class NotKnownHere(ValueError):
    """The person is who the service says, but has no account here that may be opened that way."""


def user_of_identity(provider: str, subject: str, *, match: str, value: str) -> User:
    """The user of an outside identity. At the first time it is linked to the one active user whom `value` names by `match`
    (username, work_number or phone), unless that user has administrative duties: those sign in with password and code.

    Raises NotKnownHere. Writes the link and an audit line once.
    """
    if not subject:
        raise NotKnownHere
    known = ExternalIdentity.objects.select_related("user").filter(provider=provider, subject=subject).first()
    if known is not None:
        if not known.user.is_active:
            raise NotKnownHere
        ExternalIdentity.objects.filter(pk=known.pk).update(used_at=now())
        return known.user
    user = _named(match, value.strip())
    if user is None or not user.is_active or may(user, PRIVILEGED):
        raise NotKnownHere
    if ExternalIdentity.objects.filter(provider=provider, user=user).exists():
        raise NotKnownHere  # another person of the service holds this account
    moment = now()
    try:
        with transaction.atomic():
            ExternalIdentity.objects.create(
                user=user, provider=provider, subject=subject, linked_at=moment, used_at=moment
            )
            audit(user, "account.identity_linked", target_kind="user", target_uid=user.uid, provider=provider)
    except IntegrityError:
        raise NotKnownHere from None
    return user


def _named(match: str, value: str) -> User | None:
    if not value or "\x00" in value:
        return None
    if match == "username":
        return User.objects.filter(username=value[:150]).first()
    handle = LoginHandle.objects.select_related("user").filter(kind=match, lookup=keyed_hash(match, value)).first()
    return handle.user if handle else None
