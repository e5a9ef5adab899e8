"""Rights on pictures and documents: whoever may add files in a subtree may use all files they can see there, and change
those that their own subtree owns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from wagtail.models import Collection
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy
from wagtail.permissions import register_permission_policy

from portal.files.models import PortalDocument, PortalImage
from portal.ground.rights import declare, may
from portal.ground.suppliers import viewer_of
from portal.organisations.domain.audiences import visible_filter
from portal.organisations.domain.rights import paths_where, within_paths

ADD = declare("files.add", "上传和使用文件", "Upload and use files").code
MANAGE = declare("files.manage", "管理所有文件", "Manage all files").code


class OrganisationFilePolicy(CollectionOwnershipPermissionPolicy):
    """Wagtail asks by collection; we answer by owner organisation and leave collections as plain folders."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return may(user, ADD)

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        return may(user, ADD)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return self.user_has_any_permission_for_instance(user, [action], instance)

    def user_has_any_permission_for_instance(self, user: Any, actions: Iterable[str], instance: Any) -> bool:
        if set(actions) & {"choose", "view", "add"}:
            return may(user, ADD)
        if instance.uploaded_by_user_id == user.pk and may(user, ADD):
            return True
        return may(user, ADD, instance.owner_organisation) if instance.owner_organisation_id else may(user, MANAGE)

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> Any:
        if not may(user, ADD):
            return self.model._default_manager.none()
        paths = paths_where(user, ADD)
        if paths is None:  # everywhere
            return self.model._default_manager.all()
        condition = Q(uploaded_by_user=user) | within_paths(paths, "owner_organisation__path")
        if set(actions) & {"choose", "view"}:
            condition |= visible_filter(viewer_of(user))
        return self.model._default_manager.filter(condition)

    def instances_user_has_permission_for(self, user: Any, action: str) -> Any:
        return self.instances_user_has_any_permission_for(user, [action])

    def collections_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> Any:
        return Collection.objects.all() if may(user, ADD) else Collection.objects.none()

    def collections_user_has_permission_for(self, user: Any, action: str) -> Any:
        return self.collections_user_has_any_permission_for(user, [action])

    def users_with_any_permission(self, actions: Iterable[str]) -> Any:
        return get_user_model()._default_manager.filter(Q(role_grants__isnull=False) | Q(is_superuser=True)).distinct()


def register_file_policies() -> None:
    """Register for both models, in place of Wagtail's collection policy."""
    for model in (PortalImage, PortalDocument):
        register_permission_policy(
            model,
            OrganisationFilePolicy(model, auth_model=model, owner_field_name="uploaded_by_user"),
            exact_class=True,  # Wagtail registers its own for the same models later; the exact one wins
        )
