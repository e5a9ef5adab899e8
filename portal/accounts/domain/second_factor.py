"""The second factor: codes from an authenticator app (RFC 6238), and recovery codes. Works without any network."""

from __future__ import annotations

import base64
import secrets
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django_otp.oath import TOTP

from portal.accounts.domain.handles import keyed_hash
from portal.accounts.models import Authenticator, RecoveryCode, User
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.rights import declare, may

# Not something one may do but something one is: whoever holds it needs the second factor. Roles get it as they get rights.
PRIVILEGED = declare(
    "accounts.privileged", "管理类身份，登录须用动态口令", "Administrative duties: signing in needs a code"
).code
RECOVERY_CODES = 10
_STEP_SECONDS = 30
_TOLERANCE = 1


class WrongCode(ValueError):
    """The code is not the one that the app shows now, or was used already."""


class AlreadyEnrolled(ValueError):
    """There is an authenticator already; it is removed first."""


def is_obliged(user: User) -> bool:
    """Whether the person must have a second factor: `SECOND_FACTOR` is `required` and the person has administrative duties."""
    return settings.SECOND_FACTOR == "required" and may(user, PRIVILEGED)


def has_second_factor(user: User) -> bool:
    """Whether the person has set one up."""
    return Authenticator.objects.filter(user=user, confirmed_at__isnull=False).exists()


def begin_enrolment(user: User) -> Authenticator:
    """A new secret to be confirmed by a first code; the same one while it waits. Raises AlreadyEnrolled."""
    authenticator, _ = Authenticator.objects.get_or_create(
        user=user, defaults={"secret": base64.b32encode(secrets.token_bytes(20)).decode(), "made_at": now()}
    )
    if authenticator.confirmed_at is not None:
        raise AlreadyEnrolled
    return authenticator


def address_for_app(authenticator: Authenticator, issuer: str) -> str:
    """The `otpauth://` address that an app reads from the QR code."""
    label = quote(f"{issuer}:{authenticator.user.username}")
    return f"otpauth://totp/{label}?" + urlencode({"secret": authenticator.secret, "issuer": issuer}, quote_via=quote)


def confirm_enrolment(user: User, code: str) -> list[str]:
    """Let the authenticator count from now on; returns the recovery codes, which are shown once. Raises WrongCode."""
    with transaction.atomic():
        authenticator = Authenticator.objects.select_for_update().filter(user=user, confirmed_at__isnull=True).first()
        if authenticator is None or not _accept(authenticator, code):
            raise WrongCode
        authenticator.confirmed_at = now()
        authenticator.save(update_fields=["confirmed_at"])
        audit(user, "account.second_factor_added", target_kind="user", target_uid=user.uid)
        return new_recovery_codes(user)


def new_recovery_codes(user: User) -> list[str]:
    """Make ten new recovery codes; older ones are void. Only their keyed hashes are kept."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    codes = ["".join(secrets.choice(letters) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create([RecoveryCode(user=user, digest=_digest(user, code)) for code in codes])
        audit(user, "account.recovery_codes_made", target_kind="user", target_uid=user.uid)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(user: User) -> int:
    """How many recovery codes are unused."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def verify_code(user: User, code: str) -> None:
    """Accept a code of the app or an unused recovery code, each once. Raises WrongCode. Counting failures is the caller's.

    A recovery code's use is written to the audit trail.
    """
    code = "".join(code.split()).replace("-", "").lower()[:40]
    with transaction.atomic():
        authenticator = Authenticator.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
        if authenticator is None:
            raise WrongCode
        if _accept(authenticator, code):
            return
        used = RecoveryCode.objects.filter(user=user, digest=_digest(user, code), used_at__isnull=True)
        if not used.update(used_at=now()):
            raise WrongCode
        audit(user, "account.recovery_code_used", target_kind="user", target_uid=user.uid)


def remove_second_factor(actor: Any, user: User) -> None:
    """Take authenticator and recovery codes away. `actor` is the person, an administrator, or None for the command line."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        audit(actor, "account.second_factor_removed", target_kind="user", target_uid=user.uid)


def _digest(user: User, code: str) -> str:
    return keyed_hash("recovery", f"{user.uid} {code}")


def _accept(authenticator: Authenticator, code: str) -> bool:
    code = "".join(code.split())
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return False
    clock = TOTP(base64.b32decode(authenticator.secret), step=_STEP_SECONDS)
    clock.time = now().timestamp()
    if not clock.verify(int(code), tolerance=_TOLERANCE, min_t=authenticator.last_step + 1):
        return False
    authenticator.last_step = clock.t()
    authenticator.save(update_fields=["last_step"])
    return True
