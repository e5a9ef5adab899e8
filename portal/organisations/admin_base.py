"""Base classes for the administration of rows that belong to an organisation: list, edit and history stay inside the subtrees
in which a person holds the right. Wagtail's own viewset asks only for the model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import policy_registry, register_permission_policy

from portal.ground.rights import may
from portal.organisations.admin_gate import admin_routes, only
from portal.organisations.domain.rights import may_site_wide, paths_where, within_paths
from portal.organisations.models import Organisation


class OrganisationScopedPolicy(ModelPermissionPolicy):
    """`right` in the row's organisation, found through `path_field`; deleting only where `may_delete` says so."""

    def __init__(self, model: type[Model], right: str, path_field: str, *, may_delete: bool = False) -> None:
        super().__init__(model)
        self.right = right
        self.path_field = path_field
        self.may_delete = may_delete

    def user_has_permission(self, user: Any, action: str) -> bool:
        return (action != "delete" or self.may_delete) and may(user, self.right)

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> Any:
        rows = self.model._default_manager
        if not self.user_has_any_permission(user, actions):
            return rows.none()
        return rows.filter(within_paths(paths_where(user, self.right), self.path_field))

    def instances_user_has_permission_for(self, user: Any, action: str) -> Any:
        return self.instances_user_has_any_permission_for(user, [action])

    def user_has_any_permission_for_instance(self, user: Any, actions: Iterable[str], instance: Any) -> bool:
        return self.instances_user_has_any_permission_for(user, actions).filter(pk=instance.pk).exists()

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return self.user_has_any_permission_for_instance(user, [action], instance)


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


class _OneRow:
    """A view of one row refuses rows outside the person's subtrees."""

    request: Any

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        row = super().get_object(*args, **kwargs)  # type: ignore[misc]
        policy = policy_registry.get_by_type(type(row))
        if not policy.user_has_permission_for_instance(self.request.user, "change", row):
            raise PermissionDenied
        return row


class ScopedIndexView(generic.IndexView):
    """The rows of the person's subtrees."""

    def get_base_queryset(self) -> Any:
        allowed = policy_registry.get_by_type(self.model).instances_user_has_permission_for(self.request.user, "change")
        return super().get_base_queryset().filter(pk__in=allowed.values("pk"))


class ScopedEditView(_OneRow, generic.EditView):
    pass


class ScopedDeleteView(_OneRow, generic.DeleteView):
    pass


class ScopedInspectView(_OneRow, generic.InspectView):
    pass


class ScopedHistoryView(_OneRow, generic.HistoryView):
    pass


class ScopedUsageView(_OneRow, generic.UsageView):
    pass


class ScopedModelViewSet(ModelViewSet):
    """A viewset whose every view stays inside the subtrees where the person holds `right`.

    `path_field` leads from the row to the tree path of its organisation. Registers the policy of its model.
    """

    right: ClassVar[str]
    path_field: ClassVar[str] = "owner_organisation__path"
    may_delete: ClassVar[bool] = False

    index_view_class = ScopedIndexView
    edit_view_class = ScopedEditView
    delete_view_class = ScopedDeleteView
    inspect_view_class = ScopedInspectView
    history_view_class = ScopedHistoryView
    usage_view_class = ScopedUsageView
    copy_view_enabled = False
    list_per_page = 50

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        register_permission_policy(
            self.model, OrganisationScopedPolicy(self.model, self.right, self.path_field, may_delete=self.may_delete)
        )
        super().__init__(*args, **kwargs)
        admin_routes(f"{self.url_namespace}:*", self.right, only("pk", self._rows_of))

    def _rows_of(self, user: Any) -> Any:
        return policy_registry.get_by_type(self.model).instances_user_has_permission_for(user, "change")


def own_organisations(user: Any, right: str) -> Any:
    """Current organisations in which `user` holds `right`: the choices of a form."""
    return Organisation.objects.current().filter(within_paths(paths_where(user, right), "path"))


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
