"""What leaves one site and comes into another is the same there, and comes back the same."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest

from portal.exchange.domain.keys import own_site
from portal.exchange.domain.package.unpacking import open_package
from portal.exchange.models import ReceivedPackage, StagedLine
from portal.ground.exchange import kinds
from portal.members.domain.fields import BY_NAME
from portal.members.models import AccessEntry
from portal.organisations.models import Member, Organisation, OrganisationEvent, Post
from portal.records.models import Seal
from portal.shared.slugs import pinyin_key
from tests.portal.exchange.makers import make_register, package_for, rows_of, take_in, trust, two_sites, wipe

pytestmark = pytest.mark.django_db


def opened(content):
    """The rows of a package for the site that is on, by kind."""
    package = open_package(content, own_site())
    return {kind.name: list(package.rows(kind)) for kind in kinds()}


def test_subtree_into_an_empty_site_and_out_again_gives_identical_parts(settings):
    upper, lower = two_sites(settings)
    top = make_register()
    before = rows_of(top)
    first = package_for(trust(lower), top)
    wipe()
    lower.be()
    partner = trust(upper)
    sent = opened(first)

    row = take_in(first)

    assert row.state == ReceivedPackage.State.DONE, row.note
    top = Organisation.objects.get(uid=before["organisations"][0]["uid"])
    assert rows_of(top) == before
    second = package_for(partner, top)
    upper.be()
    trust(lower)
    assert opened(second) == sent == before
    assert {name: len(rows) for name, rows in before.items()} == {
        "organisations": 5,
        "organisation_events": 8,
        "members": 2,
        "posts": 2,
        "disclosure.items": 2,
    }


def test_what_came_in_works_here(settings):
    upper, lower = two_sites(settings)
    top = make_register()
    content = package_for(trust(lower), top)
    wipe()
    lower.be()
    trust(upper)

    row = take_in(content)

    member = Member.objects.get(name="林晓")
    assert member.file.id_lookup == BY_NAME["id_number"].hashed(member.file.id_number)
    assert member.file.pinyin == pinyin_key("林晓")[:200]
    assert [entry.act for entry in AccessEntry.objects.filter(member=member)] == ["imported"]
    assert Post.objects.get(kind="secretary").member == member
    assert Organisation.objects.get(name="运行党支部").get_parent().name == "检修党总支"
    assert Organisation.find_problems() == ([], [], [], [], [])
    assert OrganisationEvent.objects.get(kind="moved").detail["entered_elsewhere_by"] == "王琳"
    assert Seal.objects.filter(kind="exchange.package", uid=str(row.uid)).count() == 1
    assert row.counts["members"] == {"new": 2}
    assert not StagedLine.objects.filter(package=row).exists()


def test_same_package_twice_changes_nothing_and_says_so(settings):
    upper, lower = two_sites(settings)
    content = package_for(trust(lower), make_register())
    wipe()
    lower.be()
    trust(upper)
    take_in(content)
    before = rows_of(Organisation.objects.get(depth=1))

    again = take_in(content)

    assert (again.is_repeated, again.is_older, again.state) == (True, True, ReceivedPackage.State.DONE)
    assert again.counts == {name: {"same": len(rows)} for name, rows in before.items()}
    assert rows_of(Organisation.objects.get(depth=1)) == before


def test_sensitive_values_are_nowhere_in_the_file(settings):
    _upper, lower = two_sites(settings)
    top = make_register()
    content = package_for(trust(lower), top)

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        clear = b"".join(archive.read(name) for name in archive.namelist()).decode()
    member = Member.objects.get(name="林晓")
    for secret in (member.file.id_number, member.file.phone, "林晓", "警告", "优秀共产党员", "1988-03-07", "王琳"):
        assert secret not in clear
    assert "检修第一党支部" in clear
    assert dt.date(1988, 3, 7) == member.file.born_on
