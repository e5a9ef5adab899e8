"""Signing in by any handle, and answering Django's permission questions by our rights."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from portal.accounts.domain.handles import user_by_login
from portal.accounts.domain.loading import load_user
from portal.accounts.domain.permissions import answered_permissions, right_for
from portal.accounts.models import User
from portal.ground.rights import may


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
