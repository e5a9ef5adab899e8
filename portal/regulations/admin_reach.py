"""Who may edit and publish which work in the administration."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from wagtail.permissions import policy_registry

from portal.ground.rights import may
from portal.organisations.domain.rights import paths_where
from portal.organisations.models import Organisation
from portal.regulations.models import Regulation, RegulationVersion

EDIT = "regulations.edit"
PUBLISH = "regulations.publish"


def keeps_common_rules(user: Any) -> bool:
    """Whether the person edits at the top of a tree: laws that belong to no organisation are kept there."""
    paths = paths_where(user, EDIT)
    return paths is None or any(len(path) == Organisation.steplen for path in paths)


def may_publish(user: Any, regulation: Regulation) -> bool:
    """Whether the person publishes and decides for this work."""
    if regulation.owner_organisation is not None:
        return may(user, PUBLISH, regulation.owner_organisation)
    return may(user, PUBLISH) and keeps_common_rules(user)


def works_to_edit(user: Any) -> Any:
    """The works that the person may edit."""
    return policy_registry.get_by_type(Regulation).instances_user_has_permission_for(user, "change")


def version_to_edit(user: Any, pk: int, *, writing: bool = False) -> RegulationVersion:
    """A version of a work that the person may edit; for `writing` a published one only for who may publish it.

    Raises Http404, PermissionDenied.
    """
    version = get_object_or_404(
        RegulationVersion.objects.select_related("regulation__owner_organisation"),
        pk=pk,
        regulation__in=works_to_edit(user),
    )
    is_public = version.state == RegulationVersion.State.PUBLISHED
    if writing and is_public and not may_publish(user, version.regulation):
        raise PermissionDenied
    return version


def version_to_publish(user: Any, pk: int) -> RegulationVersion:
    """A version for who may publish it. Raises Http404, PermissionDenied."""
    version = version_to_edit(user, pk)
    if not may_publish(user, version.regulation):
        raise PermissionDenied
    return version
