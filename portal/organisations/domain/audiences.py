"""Who may see a thing. SQL and search compare the same tokens and the same secrecy level."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, F, Q
from django.db.models.lookups import In

from portal.ground.suppliers import ANONYMOUS, MEMBER_TOKEN, PUBLIC_TOKEN, Viewer
from portal.organisations.domain.rights import home_of, scopes_of
from portal.organisations.models import Audience, AudienceToken, Organisation, paths_up
from portal.shared.queries import WithoutIndex


class EmptyAudience(ValueError):
    """An audience needs at least one token: a thing nobody may see is not published at all."""


def audience_of_tokens(tokens: Iterable[str], label: str = "") -> Audience:
    """The audience with exactly these tokens, made when missing. Raises EmptyAudience."""
    wanted = sorted(set(tokens))
    if not wanted:
        raise EmptyAudience
    digest = hashlib.sha256("\n".join(wanted).encode()).hexdigest()
    existing = Audience.objects.filter(content_hash=digest).first()
    if existing is not None:
        return existing
    with transaction.atomic():
        audience, made = Audience.objects.get_or_create(content_hash=digest, defaults={"label": label[:200]})
        if made:
            AudienceToken.objects.bulk_create([AudienceToken(audience=audience, token=token) for token in wanted])
    return audience


def public_audience() -> Audience:
    """Everybody, signed in or not."""
    return audience_of_tokens([PUBLIC_TOKEN], "所有人")


def members_audience() -> Audience:
    """Every signed-in person of this installation."""
    return audience_of_tokens([MEMBER_TOKEN], "全体登录人员")


def organisation_audience(organisation: Organisation) -> Audience:
    """Everybody who belongs to this organisation or one below it."""
    return audience_of_tokens([f"ou:{organisation.pk}"], f"{organisation.name}")


def role_audience(role: str, organisation: Organisation) -> Audience:
    """Those who hold a role in this organisation or one below it."""
    return audience_of_tokens([f"role:{role}@{organisation.pk}"], f"{organisation.name} · {role}")


def viewer_of(user: Any) -> Viewer:
    """What a signed-in person presents: ids of the own organisation and all above it, never paths. Cached on the user."""
    if not user.is_active:
        return ANONYMOUS
    cached: Viewer | None = getattr(user, "_viewer", None)
    if cached is not None:
        return cached
    tokens = {PUBLIC_TOKEN, MEMBER_TOKEN}
    scopes = scopes_of(user)
    home = home_of(user)
    paths = {path for scope in scopes for path in paths_up(scope.path)}
    ids = dict(Organisation.objects.filter(path__in=paths).values_list("path", "pk")) if paths else {}
    if home is not None:
        tokens |= {f"ou:{ids[path]}" for path in paths_up(home.path) if path in ids}
    for scope in scopes:
        tokens |= {f"role:{scope.role}@{ids[path]}" for path in paths_up(scope.path) if path in ids}
    user._viewer = Viewer(frozenset(tokens), user.clearance)
    viewer: Viewer = user._viewer
    return viewer


def visible_filter(viewer: Viewer, prefix: str = "") -> Q:
    """The filter for any model with `audience` and `secrecy`: one of the viewer's tokens AND level at most the clearance.

    `prefix` is a lookup path that ends in "__", such as "version__regulation__".
    """
    audiences = AudienceToken.objects.filter(token__in=sorted(viewer.tokens)).values("audience_id")
    column = WithoutIndex(F(f"{prefix}audience_id"), output_field=BigIntegerField())  # nearly everything is public
    shared = In(column, audiences)
    return Q(shared) & Q(**{f"{prefix}secrecy__lte": viewer.clearance})


def may_see(viewer: Viewer, thing: Any) -> bool:
    """Whether one thing with `audience_id` and `secrecy` is visible: one query."""
    if thing.secrecy > viewer.clearance or thing.audience_id is None:
        return False
    return AudienceToken.objects.filter(audience_id=thing.audience_id, token__in=sorted(viewer.tokens)).exists()


def tokens_of(thing: Any) -> frozenset[str]:
    """The tokens of a thing's audience, for a search document."""
    if thing.audience_id is None:
        return frozenset()
    return frozenset(AudienceToken.objects.filter(audience_id=thing.audience_id).values_list("token", flat=True))
