"""Bases for plugins' places in the administration. The host registers them and takes them away while the plugin is off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wagtail.permissions import register_permission_policy

from portal.organisations.admin_base import (
    OrganisationScopedPolicy,
    PlainViewSet,
    RightPolicy,
    ScopedModelViewSet,
    own_organisations,
)

__all__ = ["OwnedViewSet", "PlainViewSet", "RightPolicy", "own_organisations"]


class LockablePolicy(OrganisationScopedPolicy):
    """As the organisation's policy, save that a row whose `is_locked` is true cannot be changed or deleted by anybody."""

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        """Whether the right is held over the row's owner, and the row may still be changed."""
        if action in {"change", "delete"} and getattr(instance, "is_locked", False):
            return False
        return super().user_has_permission_for_instance(user, action, instance)

    def user_has_any_permission_for_instance(self, user: Any, actions: Iterable[str], instance: Any) -> bool:
        """The same for any of the actions."""
        wanted = set(actions)
        if getattr(instance, "is_locked", False):
            wanted -= {"change", "delete"}
        return bool(wanted) and super().user_has_any_permission_for_instance(user, wanted, instance)


class OwnedViewSet(ScopedModelViewSet):
    """List, add and change rows that have `owner_organisation`, within the subtrees where the person holds `right`."""

    add_to_admin_menu = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        register_permission_policy(
            self.model, LockablePolicy(self.model, self.right, self.path_field, may_delete=self.may_delete)
        )
