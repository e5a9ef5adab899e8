"""What a branch site shows."""

from __future__ import annotations

import dataclasses
from typing import Any

from portal.basepage.models import BasePage
from portal.ground.suppliers import viewer_of
from portal.organisations.models import Member, Post, subtree_filter
from portal.pages.domain.listing import Listing, listing_of
from portal.pages.domain.stories import Story, page_types, stories


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
    organisation = branch.organisation
    counted = Member.objects.filter(subtree_filter(organisation.path, "organisation__path"), stage__in=Member.COUNTED)
    posts: tuple[Post, ...] = ()
    if getattr(user, "is_authenticated", False):
        posts = tuple(Post.objects.filter(organisation=organisation, ended_on__isnull=True).select_related("member"))
    below = (
        BasePage.objects.visible_to(viewer_of(user))
        .filter(content_type__in=page_types("branch"), path__startswith=branch.path, depth=branch.depth + 1)
        .order_by("path")
    )
    return BranchFront(
        organisation=organisation,
        members=counted.count(),
        posts=posts,
        below=tuple(stories(below)),
        listing=listing_of(branch, user, page=page),
    )
