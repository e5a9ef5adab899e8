"""Bases for plugins' places in the administration. The host registers them and takes them away while the plugin is off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import Model
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from portal.organisations.admin_base import OrganisationScopedPolicy, ScopedModelViewSet, own_organisations
from portal.organisations.admin_gate import admin_routes
from portal.organisations.domain.rights import may_site_wide

__all__ = ["OwnedViewSet", "PlainViewSet", "RightPolicy", "own_organisations"]


class RightPolicy(ModelPermissionPolicy):
    """Answers Wagtail by one declared right, held over a whole tree, for rows that belong to no organisation and count for all."""

    def __init__(self, model: type[Model], right: str, *, may_delete: bool = False) -> None:
        super().__init__(model)
        self.right = right
        self.may_delete = may_delete

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Whether the right is held over the tree, and deleting is possible at all."""
        return (action != "delete" or self.may_delete) and may_site_wide(user, self.right)

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        """The same for any of the actions."""
        return any(self.user_has_permission(user, action) for action in actions)


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


class PlainViewSet(ModelViewSet):
    """List, add and change rows that belong to no organisation. Set `right` to the full name of the right needed."""

    right: ClassVar[str]
    may_delete: ClassVar[bool] = False
    copy_view_enabled = False
    add_to_admin_menu = True
    list_per_page = 50

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        register_permission_policy(self.model, RightPolicy(self.model, self.right, may_delete=self.may_delete))
        super().__init__(*args, **kwargs)
        admin_routes(f"{self.url_namespace}:*", self.right)


class OwnedViewSet(ScopedModelViewSet):
    """List, add and change rows that have `owner_organisation`, within the subtrees where the person holds `right`."""

    add_to_admin_menu = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        register_permission_policy(
            self.model, LockablePolicy(self.model, self.right, self.path_field, may_delete=self.may_delete)
        )
