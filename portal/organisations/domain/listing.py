"""The organisations that everybody may know of."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Q

from portal.organisations.models import Organisation, subtree_filter
from portal.organisations.models.organisation import OrganisationQuerySet


def listed_organisations(text: str = "", above: uuid.UUID | None = None) -> OrganisationQuerySet:
    """Those of the directory, in tree order: not dissolved, no party groups; with `text` in a name; directly below `above`."""
    rows: OrganisationQuerySet = Organisation.objects.current().exclude(kind=Organisation.Kind.GROUP).order_by("path")
    if wanted := text.strip():
        rows = rows.filter(Q(name__icontains=wanted) | Q(short_name__icontains=wanted))
    if above is not None:
        parent = Organisation.objects.current().filter(uid=above).first()
        if parent is None:
            return rows.none()
        rows = rows.filter(subtree_filter(parent.path), depth=parent.depth + 1)
    return rows


def uids_above(organisations: Iterable[Organisation]) -> dict[str, uuid.UUID]:
    """Tree path → uid of what stands directly above these organisations: one query."""
    paths = {organisation.parent_path for organisation in organisations} - {""}
    return dict(Organisation.objects.filter(path__in=paths).values_list("path", "uid")) if paths else {}
