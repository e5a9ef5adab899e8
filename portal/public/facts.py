"""What plugins may ask about people and organisations. Answers are frozen values; no model is imported when this module is,
so a `plugin.py` may use it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db.models import Q

from portal.ground import rights, suppliers
from portal.ground.suppliers import Viewer


@dataclasses.dataclass(frozen=True)
class OrganisationFacts:
    """A party organisation. `kind` is committee, general_branch, branch or group; `depth` is 1 at the top."""

    id: int
    uid: uuid.UUID
    code: str
    name: str
    short_name: str
    kind: str
    depth: int


@dataclasses.dataclass(frozen=True)
class MemberFacts:
    """A member's file as far as plugins may see it. `user_id` is None for a member without a login."""

    uid: uuid.UUID
    name: str
    stage: str
    organisation_id: int
    organisation_name: str
    user_id: int | None


@dataclasses.dataclass(frozen=True)
class TermFacts:
    """The running term (届) of an organisation's leading body."""

    organisation_id: int
    number: int | None
    since: dt.date
    until: dt.date


@dataclasses.dataclass(frozen=True)
class PostFacts:
    """A post (职务) that a member holds now. `kind` is a code such as "secretary", `label` what people read."""

    organisation_id: int
    member: MemberFacts
    kind: str
    label: str
    since: dt.date


def _subtree(path: str, field: str) -> Any:
    return import_module("portal.organisations.models").subtree_filter(path, field)


def _members() -> Any:
    return apps.get_model("organisations", "Member")._default_manager.select_related("organisation")


def _member(row: Any) -> MemberFacts:
    return MemberFacts(row.uid, row.name, row.stage, row.organisation_id, str(row.organisation), row.user_id)


def _organisations() -> Any:
    return apps.get_model("organisations", "Organisation")._default_manager.filter(ended_on__isnull=True)


def _organisation(row: Any) -> OrganisationFacts:
    return OrganisationFacts(row.pk, row.uid, row.code, row.name, row.short_name, row.kind, row.depth)


def member_of(user: Any) -> MemberFacts | None:
    """The member file of a login, or None; the page shares one query for it."""
    file = import_module("portal.organisations.domain.people").member_of(user)
    return _member(file) if file is not None else None


def member_with_uid(uid: uuid.UUID | str) -> MemberFacts | None:
    """A member by uid, or None."""
    row = _members().filter(uid=uid).first()
    return _member(row) if row is not None else None


def members_within(organisation_id: int | None = None, *, limit: int | None = None) -> list[MemberFacts]:
    """The members of an organisation and all below it (of all organisations for None), in tree order, without those who left."""
    rows = _members().exclude(stage="left").order_by("organisation__path", "pk")
    if organisation_id is not None:
        top = _organisations().filter(pk=organisation_id).first()
        rows = rows.filter(_subtree(top.path, "organisation__path")) if top is not None else rows.none()
    return [_member(row) for row in rows[:limit]]


def members_of(organisation_id: int) -> list[MemberFacts]:
    """The members of one organisation itself, without those below it and without those who left, by the order of entering."""
    rows = _members().exclude(stage="left").filter(organisation_id=organisation_id).order_by("pk")
    return [_member(row) for row in rows]


def members_with_uids(uids: Iterable[uuid.UUID]) -> dict[uuid.UUID, MemberFacts]:
    """Members by uid, those who left too: one query. Unknown uids are left out."""
    return {row.uid: _member(row) for row in _members().filter(uid__in=list(uids))}


def organisations_within(organisation_id: int, kind: str = "") -> list[OrganisationFacts]:
    """An organisation and all below it that have not ended, in tree order, all or of one kind: two queries. Empty for none."""
    top = _organisations().filter(pk=organisation_id).first()
    if top is None:
        return []
    rows = _organisations().filter(_subtree(top.path, "path"))
    return [_organisation(row) for row in (rows.filter(kind=kind) if kind else rows).order_by("path")]


def organisations_above(organisation_id: int) -> list[OrganisationFacts]:
    """What stands above an organisation, from the top down: two queries. Empty for the top and for none."""
    row = _organisations().filter(pk=organisation_id).first()
    if row is None:
        return []
    paths = import_module("portal.organisations.models").paths_up(row.path)[:-1]
    return [_organisation(above) for above in _organisations().filter(path__in=list(paths)).order_by("path")]


def organisation_with_uid(uid: uuid.UUID | str) -> OrganisationFacts | None:
    """An organisation that has not ended, by its uid, or None."""
    row = _organisations().filter(uid=uid).first()
    return _organisation(row) if row is not None else None


def current_terms(organisation_ids: Iterable[int]) -> dict[int, TermFacts]:
    """The running terms of these organisations, by organisation: one query. Those without one are left out."""
    rows = apps.get_model("organisations", "Term")._default_manager.filter(
        organisation_id__in=list(organisation_ids), ended_on__isnull=True
    )
    return {row.organisation_id: TermFacts(row.organisation_id, row.number, row.since, row.until) for row in rows}


def current_posts(organisation_id: int) -> list[PostFacts]:
    """Who holds which post in an organisation now, by the date of taking office: one query."""
    rows = apps.get_model("organisations", "Post")._default_manager.filter(
        organisation_id=organisation_id, ended_on__isnull=True
    )
    return [
        PostFacts(row.organisation_id, _member(row.member), row.kind, str(row.get_kind_display()), row.since)
        for row in rows.select_related("member__organisation").order_by("since", "pk")
    ]


def organisations(kind: str = "") -> list[OrganisationFacts]:
    """The organisations that have not ended, in tree order, all or of one kind."""
    rows = _organisations().filter(kind=kind) if kind else _organisations()
    return [_organisation(row) for row in rows.order_by("path")]


def organisation(organisation_id: int) -> OrganisationFacts | None:
    """An organisation that has not ended, by its id, or None."""
    row = _organisations().filter(pk=organisation_id).first()
    return _organisation(row) if row is not None else None


def organisation_ids(uids: Iterable[uuid.UUID | str]) -> dict[uuid.UUID, int]:
    """The ids of organisations by their uids, ended ones as well: one query, for records that come from elsewhere."""
    rows = apps.get_model("organisations", "Organisation")._default_manager.filter(uid__in=list(uids))
    return dict(rows.values_list("uid", "pk"))


def may(user: Any, right: str, where: Any = None) -> bool:
    """Whether `user` has a right in `where`: an object with `owner_organisation`, or None for anywhere."""
    return rights.may(user, right, where)


def viewer_of(user: Any) -> Viewer:
    """The audience tokens and the clearance of a person; the public ones for somebody not signed in."""
    return suppliers.viewer_of(user)


def visible_filter(user: Any, prefix: str = "") -> Q:
    """The filter over a model with `audience` and `secrecy` (see `portal.public.models.Visible`) for what `user` may see."""
    condition: Q = import_module("portal.organisations.domain.audiences").visible_filter(viewer_of(user), prefix)
    return condition


def in_charge_filter(user: Any, right: str, prefix: str = "") -> Q:
    """The filter over a model with `owner_organisation` for what `user` has `right` on."""
    domain = import_module("portal.organisations.domain.rights")
    condition: Q = domain.within_paths(domain.paths_where(user, right), f"{prefix}owner_organisation__path")
    return condition


def users_in_charge(right: str) -> list[Any]:
    """The active logins that hold a right somewhere today."""
    domain = import_module("portal.organisations.domain.rights")
    users = apps.get_model("accounts", "User")._default_manager.filter(is_active=True)
    return [user for user in users.filter(role_grants__isnull=False).distinct() if domain.judge(user, right)]


def users_with_role(role: str) -> list[Any]:
    """The active logins that were granted a role and still hold it; for demo data and notices."""
    grants = apps.get_model("organisations", "RoleGrant")._default_manager
    today = import_module("portal.ground.clock").today()
    held = grants.filter(role=role, valid_from__lte=today).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today))
    return list(
        apps.get_model("accounts", "User")
        ._default_manager.filter(is_active=True, pk__in=held.values("user_id"))
        .order_by("pk")
    )


def public_audience_id() -> int:
    """The audience of everybody."""
    return int(import_module("portal.organisations.domain.audiences").public_audience().pk)


def members_audience_id() -> int:
    """The audience of everybody who is signed in."""
    return int(import_module("portal.organisations.domain.audiences").members_audience().pk)


def organisation_audience_id(organisation_id: int) -> int:
    """The audience of one organisation and all below it. Raises DoesNotExist."""
    row = apps.get_model("organisations", "Organisation")._default_manager.get(pk=organisation_id)
    return int(import_module("portal.organisations.domain.audiences").organisation_audience(row).pk)


def organisations_in_charge(user: Any, right: str) -> Any:
    """The organisations, not ended, in which a person holds a right: a queryset for the choices of a form."""
    domain = import_module("portal.organisations.domain.rights")
    return _organisations().filter(domain.within_paths(domain.paths_where(user, right), "path"))


def audience_id_of_scope(scope: str, organisation_id: int | None) -> int:
    """The audience that a scope in words means: "public", "members", or "organisation" (that one and all below it).

    Raises ValueError for another scope, or for "organisation" without one.
    """
    if scope == "public":
        return public_audience_id()
    if scope == "members":
        return members_audience_id()
    if scope == "organisation" and organisation_id is not None:
        return organisation_audience_id(organisation_id)
    raise ValueError(f"no audience for scope {scope!r} of organisation {organisation_id!r}")


def scope_of(audience_id: int | None) -> str:
    """The scope in words that an audience comes nearest to."""
    if audience_id == public_audience_id():
        return "public"
    return "members" if audience_id == members_audience_id() else "organisation"


def tokens_of(things: Iterable[Any]) -> dict[int, frozenset[str]]:
    """The audience tokens of many things with `audience_id`, by audience id: one query, for search documents."""
    ids = {thing.audience_id for thing in things if thing.audience_id is not None}
    found: dict[int, set[str]] = {}
    rows = apps.get_model("organisations", "AudienceToken")._default_manager.filter(audience_id__in=ids)
    for audience_id, token in rows.values_list("audience_id", "token"):
        found.setdefault(audience_id, set()).add(token)
    return {audience_id: frozenset(tokens) for audience_id, tokens in found.items()}
