"""Who may exchange: cards, fingerprints, and what each site may be sent."""

from __future__ import annotations

import json

import pytest

from portal.exchange.domain.keys import UnreadableCard, own_card, own_site, read_card
from portal.exchange.domain.partners import WrongFingerprint, WrongPartner, confirm_partner, enter_partner
from portal.exchange.domain.sending import CannotSend, ask_package
from portal.exchange.models import Partner
from tests.factories import make_branch, make_committee, make_staff, make_user
from tests.portal.exchange import makers

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_card_that_was_exchanged_on_the_way_is_not_confirmed(settings):
    upper, lower = makers.two_sites(settings)
    _a, thief = makers.two_sites(settings)
    upper.be()
    told, stolen = lower.card.fingerprint, thief.card
    partner = enter_partner(stolen, relation="superior", organisation=None, actor=None)

    with pytest.raises(WrongFingerprint):
        confirm_partner(partner, told, actor=None)

    partner.refresh_from_db()
    assert partner.state == Partner.State.WAITING
    assert confirm_partner(partner, stolen.fingerprint.upper().replace(" ", "-"), actor=None).state == "confirmed"


@pytest.mark.parametrize("text", ["", "{}", "[1]", "x" * 2000, '{"format":"linghang-site","version":1}', "[" * 5000])
def test_what_is_no_card_is_refused(settings, text):
    makers.two_sites(settings)

    with pytest.raises(UnreadableCard):
        read_card(text)


def test_card_with_a_key_of_small_order_is_refused(settings):
    makers.two_sites(settings)
    card = json.loads(own_card().text)
    card["seal"] = "A" * 43 + "="

    with pytest.raises(UnreadableCard):
        read_card(json.dumps(card))


def test_card_with_an_unprintable_name_is_refused(settings):
    makers.two_sites(settings)
    card = {**json.loads(own_card().text), "name": "党\x00委"}

    with pytest.raises(UnreadableCard):
        read_card(json.dumps(card))


def test_own_card_and_sub_unit_without_subtree_are_refused(settings):
    _upper, lower = makers.two_sites(settings)

    with pytest.raises(WrongPartner, match="自己的名片"):
        enter_partner(own_card(), relation="superior", organisation=None, actor=None)
    with pytest.raises(WrongPartner, match="要选定"):
        enter_partner(lower.card, relation="subordinate", organisation=None, actor=None)


def test_sending_needs_the_right_there_a_confirmed_partner_and_the_partners_own_subtree(settings):
    _upper, lower = makers.two_sites(settings)
    top = make_committee()
    own, other = make_branch(top), make_branch(top)
    admin = make_staff("admin", own)
    partner = makers.trust(lower, relation="subordinate", organisation=own)

    with pytest.raises(CannotSend, match="您不能导出"):
        ask_package(partner, other, reason="年度数据上报", user=admin)
    with pytest.raises(CannotSend, match="不在这个下级站点的范围内"):
        ask_package(partner, other, reason="年度数据上报", user=make_user(is_superuser=True))
    with pytest.raises(CannotSend, match="至少四个字"):
        ask_package(partner, own, reason="无", user=admin)
    Partner.objects.update(state=Partner.State.WAITING)
    with pytest.raises(CannotSend, match="还没有确认"):
        ask_package(partner, own, reason="年度数据上报", user=admin)
    assert own_site().name == "集团党委"
