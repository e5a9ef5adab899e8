"""Rights on pages follow the owner organisation, never the place in the page tree (ADR 0003).

One policy answers Wagtail's explorer, chooser, editor and workflow; `PageTester` answers for one page. Wagtail's own
group permissions on pages are not used.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import swapper
from django.contrib.auth import get_user_model
from django.db.models import Q
from wagtail.models import AbstractPage, PagePermissionTester
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import policy_registry

from portal.basepage.rights import RIGHT_OF_ACTION
from portal.ground.rights import may
from portal.ground.suppliers import viewer_of
from portal.organisations.domain.audiences import visible_filter
from portal.organisations.domain.rights import paths_where, users_with, within_paths

OWNER_PATH = "owner_organisation__path"


def _rights(actions: Iterable[str]) -> set[str]:
    return {RIGHT_OF_ACTION[action] for action in actions if action in RIGHT_OF_ACTION}


class OrganisationPagePolicy(PagePermissionPolicy):
    """Answers by `may(user, right, page.owner_organisation)`."""

    def get_all_permissions_for_user(self, user: Any) -> list[Any]:
        return []

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        return any(may(user, right) for right in _rights(actions))

    def user_has_any_permission_for_instance(self, user: Any, actions: Iterable[str], instance: Any) -> bool:
        return any(may(user, right, instance.owner_organisation) for right in _rights(actions))

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> Any:
        if not user.is_active:
            return self.model._default_manager.none()
        condition = Q(pk__in=[])
        for right in _rights(actions):
            condition |= within_paths(paths_where(user, right), OWNER_PATH)
        return self.model._default_manager.filter(condition)

    def users_with_any_permission(self, actions: Iterable[str], include_superusers: bool = True) -> Any:
        users = get_user_model()._default_manager.filter(is_active=True)
        wanted = [
            user.pk
            for user in users.filter(role_grants__isnull=False).distinct()
            if self.user_has_any_permission(user, actions)
        ]
        condition = Q(pk__in=wanted)
        return users.filter(condition | Q(is_superuser=True) if include_superusers else condition)

    def users_with_any_permission_for_instance(
        self, actions: Iterable[str], instance: Any, include_superusers: bool = True
    ) -> Any:
        condition = Q(pk__in=[])
        if instance.owner_organisation is not None:
            for right in _rights(actions):
                condition |= users_with(right, instance.owner_organisation)
        if include_superusers:
            condition |= Q(is_superuser=True)
        return get_user_model()._default_manager.filter(is_active=True).filter(condition).distinct()

    def instances_with_direct_explore_permission(self, user: Any) -> Any:
        pages = self.model.base_page_model.objects
        if user.is_superuser:
            return pages.filter(depth=1)
        return (
            pages.filter(depth=2) if self.user_has_any_permission(user, {"add", "change", "publish"}) else pages.none()
        )

    def explorable_root_instance(self, user: Any) -> Any:
        """Where the explorer begins: the tree's root for superusers, the site's root page for everybody else with a right.
        Read once for this user object; Wagtail's own way works out a common ancestor by three queries."""
        if not hasattr(user, self._explorable_root_instance_cache_name):
            root = self.instances_with_direct_explore_permission(user).order_by("path").first()
            setattr(user, self._explorable_root_instance_cache_name, root)
        return getattr(user, self._explorable_root_instance_cache_name)

    def explorable_instances(self, user: Any) -> Any:
        """Pages the user may work on, and the sections above them that the user may see anyway."""
        if not user.is_active:
            return self.model._default_manager.none()
        if user.is_superuser:
            return self.model._default_manager.all()
        rights = _rights({"add", "change", "publish"})
        if not any(may(user, right) for right in rights):
            return self.model._default_manager.none()
        condition = Q(numchild__gt=0) & visible_filter(viewer_of(user))
        for right in rights:
            condition |= within_paths(paths_where(user, right), OWNER_PATH)
        return self.model._default_manager.filter(condition).exclude(depth=1)


class PageTester(PagePermissionTester):
    """Wagtail's questions about one page, answered by the owner organisation.

    New pages inherit the owner from the section they are added to, so adding asks for the right there; a section may be
    open to contributions from every unit (`open_to_units`).
    """

    def __init__(self, user: Any, page: Any) -> None:
        super().__init__(user, page)
        if user.is_active and not user.is_superuser:
            owner = _owner_of(user, page)
            self.permissions = {
                action for action, right in RIGHT_OF_ACTION.items() if owner is not None and may(user, right, owner)
            }
            if getattr(page, "open_to_units", False) and may(user, RIGHT_OF_ACTION["add"]):
                self.permissions.add("add")

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """Wagtail's answer. For those who may change but not publish it is known without asking the database for a live
        page (no) and for a draft without children (yes), so that a listing stays flat."""
        if self.user.is_active and not self.user.is_superuser and not self.page_is_root:
            if "publish" not in self.permissions and self.page.live:
                return False
            if "change" in self.permissions and not self.page.live and self.page.is_leaf():
                return True
        answer: bool = super().can_delete(ignore_bulk)
        return answer


def _owner_of(user: Any, page: Any) -> Any:
    """The owner organisation of a page, read once for this user object however many pages it owns."""
    known = user.__dict__.setdefault("_page_owners", {})
    if page.owner_organisation_id not in known:
        known[page.owner_organisation_id] = page.owner_organisation
    return known[page.owner_organisation_id]


def register_page_policy() -> None:
    """Put our policy in the place of Wagtail's for every page type."""
    policy_registry.register(AbstractPage, OrganisationPagePolicy(swapper.get_model_name("wagtailcore", "Page")))
