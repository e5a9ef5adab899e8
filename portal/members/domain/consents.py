"""What a member may agree to. Keeping the register rests on the party's own rules and asks for no consent; what goes beyond
does, each by itself, and can be taken back at any time (个人信息保护法, articles 14, 15 and 29)."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from portal.ground.audit import audit
from portal.ground.clock import now
from portal.members.models import Consent
from portal.organisations.models import Member

PHONE_IN_BRANCH = "phone_in_branch"


@dataclasses.dataclass(frozen=True)
class Purpose:
    """Something that happens only with consent."""

    code: str
    label: str | Promise
    meaning: str | Promise


PURPOSES = (
    Purpose(
        PHONE_IN_BRANCH,
        gettext_lazy("所在组织可直接看到我的电话"),
        gettext_lazy("同意后，能查看您档案的本组织工作人员不必逐次说明理由就能看到您的联系电话。随时可以撤回。"),
    ),
)


class UnknownPurpose(LookupError):
    """No such purpose is declared."""


def given_by(member: Member) -> dict[str, Consent]:
    """The consents a member has given and not taken back, by purpose."""
    return {row.purpose: row for row in Consent.objects.filter(member=member, withdrawn_at__isnull=True)}


def give_consent(member: Member, purpose: str, *, actor: Any) -> Consent:
    """The member agrees. Raises UnknownPurpose. Safe to repeat. Writes Consent and an audit line."""
    if purpose not in {known.code for known in PURPOSES}:
        raise UnknownPurpose(purpose)
    with transaction.atomic():
        consent, made = Consent.objects.get_or_create(member=member, purpose=purpose, withdrawn_at=None)
        if made:
            audit(actor, "members.consent_given", target_kind="member", target_uid=member.uid, purpose=purpose)
    return consent


def withdraw_consent(member: Member, purpose: str, *, actor: Any) -> bool:
    """The member takes it back; whether there was one. Writes Consent and an audit line."""
    with transaction.atomic():
        ended = Consent.objects.filter(member=member, purpose=purpose, withdrawn_at__isnull=True).update(
            withdrawn_at=now()
        )
        if ended:
            audit(actor, "members.consent_withdrawn", target_kind="member", target_uid=member.uid, purpose=purpose)
    return bool(ended)
