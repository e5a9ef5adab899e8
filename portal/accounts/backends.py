"""Signing in by any handle, and answering Django's permission questions by our rights."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from portal.accounts.domain.handles import user_by_login
from portal.accounts.domain.identities import NotKnownHere, user_of_identity
from portal.accounts.domain.loading import load_user
from portal.accounts.domain.permissions import answered_permissions, right_for
from portal.accounts.external.ldap import person_by_password
from portal.accounts.external.people import ServiceFailed
from portal.accounts.models import User
from portal.ground.rights import may

log = logging.getLogger(__name__)


class LoginHandleBackend(ModelBackend):
    """User name, phone or work number with a password. An unknown name costs as much time as a wrong password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The user, or None when name or password is wrong or the account is disabled."""
        if not username or password is None or len(password) > 1000:
            return None
        user = user_by_login(username)
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session, read with what others hang on it; None when disabled."""
        user: User | None = load_user(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the right that stands for a Django permission is held. Groups and permissions of Django's own grant nothing
        here: role × subtree × time is the only source, so a page of the administration need not read them."""
        right = right_for(perm)
        return user_obj.is_active and right is not None and may(user_obj, right)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether any permission of the app is held."""
        return user_obj.is_active and any(
            permission.startswith(f"{app_label}.") and may(user_obj, right)
            for permission, right in answered_permissions().items()
        )


class ExternalBackend(LoginHandleBackend):
    """Sessions of people who came through an identity service; there is no password to check."""

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> None:  # type: ignore[override]
        """Nobody: the service's answer is checked by the view that it comes back to."""


class LdapBackend(LoginHandleBackend):
    """Name and password of the unit's directory, asked after the own ones."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The user, or None: also while the directory cannot answer, which is logged."""
        service = settings.IDENTITY_SERVICES.get("ldap")
        if service is None or not username or not password:
            return None
        try:
            person = person_by_password(service, username.strip()[:254], password)
            if person is None:
                return None
            return user_of_identity("ldap", person.subject, match=service.match, value=person.value)
        except ServiceFailed:
            log.exception("the directory cannot be asked")
        except NotKnownHere:
            log.info("somebody of the directory has no account here")
        return None
