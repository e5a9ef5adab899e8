"""Making, finding and revoking tokens."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from portal.accounts.domain.passwords import is_password_due
from portal.api.models import ApiToken
from portal.ground.audit import audit
from portal.ground.clock import now

START = "lh_"
SHOWN = 9
MOST = 20
TOUCH = dt.timedelta(minutes=1)


class TokenRefused(ValueError):
    """A token cannot be made that way; the message is for people."""


class TokenNotValid(LookupError):
    """No living token reads like this: unknown, over, revoked, or its person may not sign in any more."""


def create_token(
    user: Any, name: str, scopes: Iterable[str], days: int, *, known: Iterable[str]
) -> tuple[ApiToken, str]:
    """Make a token for `user` that lives `days` days, and give its text back: it is shown once and kept nowhere.

    `known` are the scopes there are. Raises TokenRefused for a name or scopes that are missing, for more days than
    `API_TOKEN_DAYS`, and for more than 20 living tokens. Writes the token and an audit line.
    """
    name, chosen = " ".join(name.replace("\0", " ").split())[:60], sorted(set(scopes))
    if not name:
        raise TokenRefused(_("请给令牌起一个名称，以后好认出它。"))
    if not chosen or not set(chosen) <= set(known):
        raise TokenRefused(_("请至少选择一项范围。"))
    if not 1 <= days <= settings.API_TOKEN_DAYS:
        raise TokenRefused(_("有效期最长 %(n)d 天。") % {"n": settings.API_TOKEN_DAYS})
    text = START + secrets.token_urlsafe(32)
    moment = now()
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=user.pk)
        if living_tokens(user).count() >= MOST:
            raise TokenRefused(_("您已有 %(n)d 个有效的令牌，请先撤销不用的。") % {"n": MOST})
        token = ApiToken.objects.create(
            user=user,
            name=name,
            start=text[:SHOWN],
            digest=_digest(text),
            password_mark=_password_mark(user),
            scopes=chosen,
            made_at=moment,
            expires_at=moment + dt.timedelta(days=days),
        )
        audit(user, "api.token_made", target_kind="api_token", target_uid=token.uid, scopes=chosen, days=days)
    return token, text


def living_tokens(user: Any) -> QuerySet[ApiToken]:
    """The tokens of a person that are neither over nor revoked."""
    return ApiToken.objects.filter(user=user, revoked_at__isnull=True, expires_at__gt=now())


def token_of(text: str) -> ApiToken:
    """The living token that reads like this, with its user: one query. Raises TokenNotValid.

    A token dies with its time, when it is revoked, when the person's password changes or must be changed, and while the
    account is disabled.
    """
    token = (
        ApiToken.objects.select_related("user").filter(digest=_digest(text)).first() if text.startswith(START) else None
    )
    if token is None or why_dead(token):
        raise TokenNotValid
    return token


def why_dead(token: ApiToken) -> str:
    """The reason in a word why a token opens nothing, or an empty text: revoked, over, disabled or password."""
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at <= now():
        return "over"
    if not token.user.is_active:
        return "disabled"
    if is_password_due(token.user) or not constant_time_compare(token.password_mark, _password_mark(token.user)):
        return "password"
    return ""


def touch(token: ApiToken, address: str) -> None:
    """Note that a token was used, at most once a minute."""
    moment = now()
    unused = Q(used_at__isnull=True) | Q(used_at__lt=moment - TOUCH)
    if token.used_at is None or token.used_at < moment - TOUCH:
        ApiToken.objects.filter(unused, pk=token.pk).update(used_at=moment, used_from=address[:45])


def revoke_token(actor: Any, token: ApiToken) -> bool:
    """End a token at once; whether it was not revoked before. Safe to repeat. Writes an audit line."""
    with transaction.atomic():
        ended = ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now(), revoked_by=actor)
        if ended:
            audit(
                actor,
                "api.token_revoked",
                target_kind="api_token",
                target_uid=token.uid,
                of_user=str(token.user.uid),
            )
    return bool(ended)


def _digest(text: str) -> str:
    return hmac.new(settings.LOOKUP_KEY.encode(), f"api_token:{text[:200]}".encode(), hashlib.sha256).hexdigest()


def _password_mark(user: Any) -> str:
    return salted_hmac("portal.api.token", user.password, algorithm="sha256").hexdigest()
