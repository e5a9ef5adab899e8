"""Two sites in one database: they differ by their key and their uid, and each has the rows while it is its turn."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings as django_settings
from django.test import override_settings

from plugins.bundled.disclosure.models import Item
from portal.exchange.domain.keys import Card, own_card, own_site
from portal.exchange.domain.partners import confirm_partner, enter_partner
from portal.exchange.domain.receiving import decide, receive, start_apply
from portal.exchange.domain.sending import ask_package, fetch_package
from portal.exchange.models import AgreedRow, OwnSite, Partner, ReceivedPackage, SentPackage
from portal.ground.clock import now
from portal.ground.exchange import Row, Scope, kinds
from portal.ground.jobs import run_due_jobs
from portal.members.domain.files import enter_award
from portal.members.models import AccessEntry, Award, MemberFile
from portal.organisations.domain.audiences import organisation_audience
from portal.organisations.domain.members import move_member
from portal.organisations.domain.tree import move_organisation, rename_organisation
from portal.organisations.models import (
    Member,
    Membership,
    Organisation,
    OrganisationEvent,
    OrganisationEventPart,
    OrganisationState,
    Post,
    RoleGrant,
    Term,
)
from tests.factories import make_branch, make_committee, make_user
from tests.kept import rolled_back
from tests.plugins.bundled.disclosure.makers import make_item
from tests.portal.members.makers import full_file

REASON = "年度数据上报"


@dataclasses.dataclass
class SiteHere:
    """One of the two sites."""

    settings: Any
    name: str
    uid: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)

    def be(self) -> None:
        """From now on the code runs as this site."""
        self.settings.EXCHANGE_KEY = f"key of {self.name}"
        OwnSite.objects.update_or_create(single=True, defaults={"name": self.name, "uid": self.uid})

    @property
    def card(self) -> Card:
        """Its card, from whichever site is on."""
        before, site = self.settings.EXCHANGE_KEY, own_site()
        kept = (site.name, site.uid)
        self.be()
        card = own_card()
        self.settings.EXCHANGE_KEY = before
        OwnSite.objects.update(name=kept[0], uid=kept[1])
        return card


@contextlib.contextmanager
def made_once(django_db_blocker: Any) -> Iterator[Any]:
    """What a module makes for all of its tests, with settings to make it by; both are taken back at its end."""
    with rolled_back(django_db_blocker), override_settings():
        yield django_settings


def at_hand(site: SiteHere, settings: Any) -> SiteHere:
    """A site that the module made, for one test: what it sets is undone after it."""
    return dataclasses.replace(site, settings=settings)


def two_sites(settings: Any) -> tuple[SiteHere, SiteHere]:
    """The superior's site, which is on, and the sub-unit's."""
    upper, lower = SiteHere(settings, "集团党委"), SiteHere(settings, "江川公司党委")
    upper.be()
    return upper, lower


def trust(other: SiteHere, relation: str = "superior", organisation: Organisation | None = None) -> Partner:
    """Enter and confirm the other site."""
    card = other.card
    partner = enter_partner(card, relation=relation, organisation=organisation, actor=None)
    return confirm_partner(partner, card.fingerprint, actor=None)


def make_register() -> Organisation:
    """A committee with everything that a package carries: history, an ended branch, terms, posts, files, awards."""
    top = make_committee("江川公司党委")
    workshop = make_branch(top, "检修党总支", kind="general_branch", address="江川路 1 号", introduction="一\n二")
    first = make_branch(workshop, "检修一班党支部", latitude="31.230400", longitude="121.473700")
    second = make_branch(top, "运行党支部")
    make_branch(top, "旧党支部", ended_on=dt.date(2020, 1, 5))
    rename_organisation(
        first, name="检修第一党支部", short_name="检修一", on=dt.date(2019, 3, 1), document_number="江〔2019〕3 号"
    )
    move_organisation(second, workshop, on=dt.date(2021, 6, 1), by=make_user(display_name="王琳"))
    Term.objects.create(organisation=first, number=2, since=dt.date(2024, 5, 1), until=dt.date(2027, 4, 30))
    first, second = Organisation.objects.get(pk=first.pk), Organisation.objects.get(pk=second.pk)
    one = full_file(first, name="林晓", nation="汉族", work_number="A-17", job_title="检修工")
    two = full_file(second, name="周岚", education="bachelor", since=dt.date(2022, 1, 1))
    move_member(two, first, on=dt.date(2024, 2, 1))
    actor = make_user()
    enter_award(
        one, kind="award", title="优秀共产党员", issuer="江川公司党委", happened_on=dt.date(2023, 7, 1), actor=actor
    )
    enter_award(two, kind="punishment", title="警告", issuer="纪委", happened_on=dt.date(2023, 8, 1), actor=actor)
    Post.objects.create(organisation=first, member=one, kind="secretary", since=dt.date(2024, 5, 1))
    Post.objects.create(
        organisation=first, member=two, kind="deputy_secretary", since=dt.date(2024, 5, 1), ended_on=dt.date(2025, 1, 1)
    )
    make_item(first, title="党费公示", state="published", published_at=now(), audience=organisation_audience(first))
    make_item(top, title="旧公示", state="expired", lasts=None, period="2025 年")
    make_item(second, title="还是草稿")
    return Organisation.objects.get(pk=top.pk)


def rows_of(top: Organisation | None) -> dict[str, list[Row]]:
    """Everything that a package of a subtree would carry, by kind."""
    return {kind.name: list(kind.export(Scope(top.path if top else ""))) for kind in kinds()}


def wipe() -> None:
    """Take all organisations, members and exchanges away, as on a site that was just set up. Logins stay."""
    for model in (
        Item,
        AgreedRow,
        ReceivedPackage,
        SentPackage,
        Partner,
        AccessEntry,
        Award,
        MemberFile,
        Post,
        Term,
        Membership,
        Member,
        OrganisationEventPart,
        OrganisationEvent,
        OrganisationState,
        RoleGrant,
        Organisation,
    ):
        model.objects.all().delete()


def package_for(partner: Partner, top: Organisation, user: Any = None) -> bytes:
    """A package as it leaves the site."""
    user = user or make_user(is_superuser=True)
    row = ask_package(partner, top, reason=REASON, user=user)
    run_due_jobs()
    row.refresh_from_db()
    assert row.state == SentPackage.State.READY, row.note
    return fetch_package(row, user=user).content


def take_in(content: bytes, user: Any = None, *, rest: str = "") -> ReceivedPackage:
    """Upload, compare, decide all conflicts alike, bring in."""
    row = looked_at(content, user)
    if row.state != ReceivedPackage.State.CHECKED:
        return row
    if rest:
        decide(row, {}, rest=rest)
    start_apply(row)
    run_due_jobs()
    row.refresh_from_db()
    return row


def looked_at(content: bytes, user: Any = None) -> ReceivedPackage:
    """Upload and compare."""
    row = receive(user or make_user(is_superuser=True), "package.zip", content)
    run_due_jobs()
    row.refresh_from_db()
    return row
