"""Small makers of test data: each makes one thing, with only what the test names."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from portal.accounts.models import User
from portal.basepage.models import BasePage
from portal.organisations.domain.members import enter_member
from portal.organisations.domain.tree import dissolve_organisation, found_organisation
from portal.organisations.models import Member, Organisation, RoleGrant

_count = itertools.count(1)


def make_committee(name: str = "江川公司党委", **fields: Any) -> Organisation:
    """A committee at the top of a tree of its own."""
    return _organisation(None, f"C{next(_count):04}", name, Organisation.Kind.COMMITTEE, fields)


def make_branch(parent: Organisation | None = None, name: str = "检修一班党支部", **fields: Any) -> Organisation:
    """A branch below `parent` (or below a committee of its own)."""
    kind = fields.pop("kind", Organisation.Kind.BRANCH)
    return _organisation(parent or make_committee(), f"B{next(_count):04}", name, kind, fields)


def _organisation(parent: Organisation | None, code: str, name: str, kind: str, fields: dict[str, Any]) -> Organisation:
    """Founded years ago, so that a test can let things happen to it; dissolved when `ended_on` says so."""
    ended_on = fields.pop("ended_on", None)
    founded_on = fields.pop("founded_on", dt.date(2015, 7, 1))
    made = found_organisation(code=code, name=name, kind=kind, parent=parent, founded_on=founded_on, **fields)
    return dissolve_organisation(made, on=ended_on) if ended_on else made


def make_user(name: str = "", **fields: Any) -> User:
    """A login without a usable password."""
    number = next(_count)
    return User.objects.create(
        username=name or f"user{number}", display_name=fields.pop("display_name", "林晓"), **fields
    )


def make_member(organisation: Organisation | None = None, **fields: Any) -> Member:
    """A member with a login, in `organisation` (or a branch of its own)."""
    user = fields.pop("user", None) or make_user()
    return enter_member(fields.pop("name", "林晓"), organisation or make_branch(), user=user, **fields)


def make_staff(role: str, organisation: Organisation, **fields: Any) -> User:
    """A login that holds a role in an organisation."""
    user = make_user(**fields)
    RoleGrant.objects.create(user=user, role=role, organisation=organisation)
    return user


def site_root() -> BasePage:
    """The page that Wagtail's own migrations leave as the default site's root, or the tree's root."""
    from wagtail.models import Site

    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is not None:
        return BasePage.objects.get(pk=site.root_page_id)
    return BasePage.objects.get(depth=1)
