"""What a branch site shows."""

from __future__ import annotations

import dataclasses
from typing import Any

from portal.basepage.models import BasePage
from portal.ground.prepared import Prepared
from portal.ground.suppliers import Viewer, viewer_of
from portal.organisations.models import Member, Post, subtree_filter
from portal.pages.domain.listing import Listing, listing_of
from portal.pages.domain.stories import Story, facts_of, page_types, stories_of_rows


@dataclasses.dataclass(frozen=True)
class BranchFront:
    """The facts of an organisation and what it published. `members` counts the members of the subtree."""

    organisation: Any
    members: int
    posts: tuple[Post, ...]
    below: tuple[Story, ...]
    listing: Listing


def branch_front(branch: Any, user: Any, *, page: str | None = None) -> BranchFront:
    """The site of an organisation for one reader. Who holds a post is shown to signed-in readers only."""
    # A branch site belongs to the organisation it is about, and the owner is read along with the page.
    is_owner = branch.organisation_id == branch.owner_organisation_id
    organisation = branch.owner_organisation if is_owner else branch.organisation
    viewer = viewer_of(user)
    counted = Member.objects.filter(subtree_filter(organisation.path, "organisation__path"), stage__in=Member.COUNTED)
    posts: tuple[Post, ...] = ()
    if getattr(user, "is_authenticated", False):
        posts = tuple(Post.objects.filter(organisation=organisation, ended_on__isnull=True).select_related("member"))
    below = _sites_below.rows(viewer, tuple(page_types("branch")), branch.depth, path=branch.path)
    return BranchFront(
        organisation=organisation,
        members=counted.count(),
        posts=posts,
        below=tuple(stories_of_rows(below)),
        listing=listing_of(branch, user, page=page),
    )


@Prepared
def _sites_below(viewer: Viewer, types: tuple[int, ...], depth: int, *, path: str) -> Any:
    sites = BasePage.objects.visible_to(viewer).filter(content_type__in=types, path__startswith=path, depth=depth + 1)
    return facts_of(sites.order_by("path"))
