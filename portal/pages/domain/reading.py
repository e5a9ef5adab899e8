"""Pages for programs: as the site's lists show them, by one look-up."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from plugins.sdk.runtime import page_search_types
from portal.basepage.models import BasePage
from portal.ground.suppliers import Viewer
from portal.pages.domain.stories import NEWEST_FIRST, page_types

PAGE_KINDS = ("news", "course", "microlesson", "case", "page", "column", "branch")


def page_kinds() -> tuple[str, ...]:
    """The kinds of pages that programs may ask for: the portal's own and those of plugins."""
    return (*PAGE_KINDS, *page_search_types())


def visible_pages(
    viewer: Viewer, *, kind: str = "", words: str = "", organisation: uuid.UUID | None = None
) -> QuerySet[BasePage]:
    """The live pages that the viewer may see, newest first: of one kind, with `words` in the title, owned by `organisation`."""
    types = page_types(*([kind] if kind in page_kinds() else [] if kind else page_kinds()))
    pages: QuerySet[BasePage] = BasePage.objects.visible_to(viewer).filter(content_type__in=tuple(types))
    if wanted := words.strip():
        pages = pages.filter(title__icontains=wanted)
    if organisation is not None:
        pages = pages.filter(owner_organisation__uid=organisation)
    return pages.select_related("owner_organisation").order_by(*NEWEST_FIRST)


def page_with_uid(viewer: Viewer, uid: uuid.UUID) -> Any:
    """The page in its own type, or None when it does not exist, may not be seen by this viewer, or has lost its type."""
    page = visible_pages(viewer).filter(uid=uid).first()
    if page is None:
        return None
    model: Any = ContentType.objects.get_for_id(page.content_type_id).model_class()
    if model is None:
        return None
    return model.objects.select_related("owner_organisation").filter(pk=page.pk).first()
