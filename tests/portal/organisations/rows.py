"""What the tests of the register look at."""

import datetime as dt

from portal.ground.models import OutboxEntry
from portal.organisations.models import (
    Member,
    Membership,
    Organisation,
    OrganisationEvent,
    OrganisationState,
    Post,
    RoleGrant,
    Term,
)

DAY = dt.date(2026, 3, 1)


def again(row):
    return Organisation.objects.get(pk=row.pk)


def everything():
    """What a refused operation must not have touched."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Organisation, OrganisationState, OrganisationEvent, Member, Membership, Post, Term, RoleGrant)
    } | {"outbox": OutboxEntry.objects.count()}
