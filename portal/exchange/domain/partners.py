"""The sites that we exchange with: entered from their card, trusted once the fingerprint was compared on another way."""

from __future__ import annotations

import hmac
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.exchange.domain.keys import Card, decoded, encoded, own_card
from portal.exchange.models import Partner
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.organisations.models import Organisation


class WrongPartner(ValueError):
    """The card cannot be entered; the message says why."""


class WrongFingerprint(ValueError):
    """What was typed is not the fingerprint of the card: the card was changed on the way, or mistyped."""


class WrongState(ValueError):
    """Somebody, or another click, was first."""


def enter_partner(
    card: Card, *, relation: str, organisation: Organisation | None, actor: Any, name: str = ""
) -> Partner:
    """Enter a site from its card, unconfirmed. A site that was entered before gets the new keys and must be confirmed anew.
    Raises WrongPartner for our own card or a sub-unit without its subtree. Writes Partner and an audit line."""
    if card.site == own_card().site:
        raise WrongPartner(_("这是本站自己的名片，请粘贴对方的。"))
    if relation == Partner.Relation.SUBORDINATE and organisation is None:
        raise WrongPartner(_("下级站点要选定它对应的组织。"))
    values = {
        "name": (name or card.name)[:120],
        "sign_key": encoded(card.sign_key),
        "seal_key": encoded(card.seal_key),
        "relation": relation,
        "organisation": organisation,
        "state": Partner.State.WAITING,
        "confirmed_by": None,
        "confirmed_at": None,
        "entered_by": actor if getattr(actor, "pk", None) else None,
        "entered_at": now(),
    }
    try:
        with transaction.atomic():
            partner, _new = Partner.objects.update_or_create(site_uid=card.site, defaults=values)
            audit(
                actor,
                "exchange.partner_entered",
                target_kind="exchange.partner",
                target_uid=partner.uid,
                relation=relation,
                fingerprint=card.fingerprint,
            )
    except IntegrityError:
        raise WrongPartner(_("刚刚有人登记了同一个站点，请刷新后再看。")) from None
    return partner


def card_of(partner: Partner) -> Card:
    """The card that a partner was entered from."""
    return Card(partner.site_uid, partner.name, decoded(partner.sign_key), decoded(partner.seal_key))


def confirm_partner(partner: Partner, typed: str, *, actor: Any) -> Partner:
    """Trust a site after its administrator has read the fingerprint out. Blanks, case and hyphens do not matter. Raises
    WrongFingerprint, WrongState. Writes Partner and an audit line, also for a failed try."""
    card = card_of(partner)
    wanted = card.fingerprint.replace(" ", "")
    given = "".join(typed.split()).replace("-", "").lower()
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        audit(actor, "exchange.fingerprint_refused", target_kind="exchange.partner", target_uid=partner.uid)
        raise WrongFingerprint
    with transaction.atomic():
        waiting = Partner.objects.filter(
            pk=partner.pk, state=Partner.State.WAITING, sign_key=partner.sign_key, seal_key=partner.seal_key
        )
        who = actor if getattr(actor, "pk", None) else None
        if not waiting.update(state=Partner.State.CONFIRMED, confirmed_by=who, confirmed_at=now()):
            raise WrongState
        audit(
            actor,
            "exchange.partner_confirmed",
            target_kind="exchange.partner",
            target_uid=partner.uid,
            fingerprint=card.fingerprint,
        )
    partner.refresh_from_db()
    return partner


def end_partner(partner: Partner, *, actor: Any) -> Partner:
    """Trust a site no longer: nothing is made for it nor taken from it until its card is entered and confirmed again."""
    with transaction.atomic():
        Partner.objects.filter(pk=partner.pk).update(state=Partner.State.ENDED)
        audit(actor, "exchange.partner_ended", target_kind="exchange.partner", target_uid=partner.uid)
    partner.refresh_from_db()
    return partner
