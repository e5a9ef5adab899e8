"""Who may fetch a file. The one place that decides for pictures, documents and videos alike."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from portal.files.models import PortalRendition
from portal.ground.rights import may
from portal.ground.suppliers import PUBLIC_TOKEN, viewer_of
from portal.organisations.domain.audiences import may_see, tokens_of, visible_filter
from portal.organisations.domain.rights import paths_where, within_paths


class NotVisible(Exception):
    """This person may not see the file; to be answered exactly as if it did not exist."""


def may_fetch(user: Any, file: Any) -> bool:
    """Whether `user` may fetch a picture, document or video: by its audience, or by working on files of its owner."""
    if may_see(viewer_of(user), file):
        return True
    if user is None or not user.is_authenticated:
        return False
    return may(user, "files.add", file.owner_organisation) if file.owner_organisation_id else may(user, "files.manage")


def fetchable(user: Any, prefix: str = "") -> Q:
    """What `may_fetch` says, as a filter for any kind of file, so that a file one may not fetch and one that does not exist
    cost the same. `prefix` is a lookup path to the file that ends in "__"."""
    condition = visible_filter(viewer_of(user), prefix)
    if user is None or not user.is_authenticated or not may(user, "files.add"):
        return condition
    paths = paths_where(user, "files.add")
    if paths is None:
        return Q()
    condition |= within_paths(paths, f"{prefix}owner_organisation__path")
    if may(user, "files.manage"):
        condition |= Q(**{f"{prefix}owner_organisation__isnull": True})
    return condition


def is_public(file: Any) -> bool:
    """Whether everybody may fetch the file, so that caches on the way may keep it."""
    return file.secrecy == 0 and PUBLIC_TOKEN in tokens_of(file)


def rendition_to_show(user: Any, file_name: str) -> PortalRendition:
    """The rendition stored under `file_name` (such as "images/x.width-800.jpg"). Raises NotVisible, also when there is none:
    originals are never shown by their name."""
    if "\x00" in file_name:  # PostgreSQL refuses to compare it
        raise NotVisible(file_name)
    renditions = PortalRendition.objects.select_related("image__owner_organisation")
    rendition = renditions.filter(fetchable(user, "image__"), file=file_name).first()
    if rendition is None:
        raise NotVisible(file_name)
    return rendition
