"""Operations of the API about oneself and the party organisations."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from plugins.sdk.api import OPEN, SIGNED_IN, Listing, PageNumber, PerPage, Words, allows, listing
from portal.organisations.domain.listing import listed_organisations, uids_above
from portal.organisations.domain.people import member_of
from portal.organisations.domain.rights import current_grants
from portal.organisations.models import Organisation

router = Router(tags=[_("党组织与本人")])


class OrganisationName(Schema):
    """An organisation, named."""

    uid: uuid.UUID
    name: str


class RoleHeld(Schema):
    """A role, and where it counts."""

    role: str
    label: str
    organisation: OrganisationName


class Me(Schema):
    """Who is asking. `organisation` is the branch of the member file, if there is one; `scopes` are those of the token."""

    uid: uuid.UUID
    display_name: str
    organisation: OrganisationName | None
    roles: list[RoleHeld]
    by_token: bool
    scopes: list[str]


class OrganisationRow(Schema):
    """An organisation of the directory. `above` is the uid of what stands above it."""

    uid: uuid.UUID
    name: str
    short_name: str
    kind: str
    kind_label: str
    above: uuid.UUID | None


def _named(organisation: Organisation) -> dict[str, Any]:
    return {"uid": organisation.uid, "name": organisation.name}


@router.get("/me", response=Me, summary=_("本人：姓名、组织、角色"))
@allows(SIGNED_IN, scope="content.read")
def me(request: HttpRequest) -> dict[str, Any]:
    """The person who asks."""
    user: Any = request.user
    member = member_of(user)
    token = getattr(request, "api_token", None)
    return {
        "uid": user.uid,
        "display_name": user.get_full_name(),
        "organisation": _named(member.organisation) if member else None,
        "roles": [
            {"role": grant.role, "label": str(grant.get_role_display()), "organisation": _named(grant.organisation)}
            for grant in current_grants(user).select_related("organisation").order_by("role", "pk")
        ],
        "by_token": token is not None,
        "scopes": list(token.scopes) if token is not None else [],
    }


@router.get("/organisations", response=Listing[OrganisationRow], summary=_("党组织名录"))
@allows(OPEN, scope="content.read")
def organisations(
    request: HttpRequest,
    q: Words = Query("", description=_("名称或简称的一部分")),
    above: uuid.UUID | None = Query(None, description=_("上级组织的编号：只列它的直接下级")),
    page: PageNumber = 1,
    per_page: PerPage = 20,
) -> dict[str, Any]:
    """The organisations that the directory shows: those that have not ended, without party groups."""
    return listing(listed_organisations(q, above), page, per_page, together=_rows)


def _rows(organisations: list[Organisation]) -> list[dict[str, Any]]:
    above = uids_above(organisations)
    return [_row(organisation, above.get(organisation.parent_path)) for organisation in organisations]


def _row(organisation: Organisation, above: uuid.UUID | None) -> dict[str, Any]:
    return {
        "uid": organisation.uid,
        "name": organisation.name,
        "short_name": organisation.short_name,
        "kind": organisation.kind,
        "kind_label": str(organisation.get_kind_display()),
        "above": above,
    }


@router.get("/organisations/{uid}", response=OrganisationRow, summary=_("一个党组织"))
@allows(OPEN, scope="content.read")
def organisation(request: HttpRequest, uid: uuid.UUID) -> dict[str, Any]:
    """One of them."""
    found = listed_organisations().filter(uid=uid).first()
    if found is None:
        raise Http404
    return _rows([found])[0]
