"""The pages: who may, what they show, and the two commands."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from portal.exchange.models import Partner, ReceivedPackage, SentPackage
from portal.exchange.web.receiving import PER_PAGE
from portal.ground.jobs import run_due_jobs
from portal.organisations.domain.tree import describe_organisation
from portal.organisations.models import Organisation, RoleGrant
from portal.records.models import AuditLine
from tests.factories import make_committee, make_staff, make_user
from tests.factories.counting import queries_of
from tests.portal.exchange.makers import looked_at, make_register, package_for, rows_of, trust, two_sites, wipe

pytestmark = pytest.mark.django_db
BACKEND = "portal.accounts.backends.LoginHandleBackend"


@pytest.fixture
def at(client):
    """Sign in and ask."""

    def go(user):
        client.force_login(user, backend=BACKEND)
        return client

    return go


@pytest.fixture
def register(settings):
    """The superior's site is on, with a confirmed sub-unit."""
    upper, lower = two_sites(settings)
    top = make_register()
    return upper, lower, top, trust(lower)


@pytest.fixture
def arrived(settings):
    """The sub-unit's site has the superior's package, with conflicts, and a unit administrator who may take it in."""
    upper, lower = two_sites(settings)
    top = make_register()
    content = package_for(trust(lower), top)
    kept = rows_of(top)
    Partner.objects.exclude(site_uid=upper.uid).update(relation="superior")
    for branch in Organisation.objects.filter(depth__gt=1):
        describe_organisation(branch, address="本站填写的地址")
    lower.be()
    trust(upper)
    return content, top, kept


def test_partners_are_the_system_administrators_alone(at, register):
    _upper, _lower, top, partner = register
    system, unit = make_staff("system_admin", top), make_staff("admin", top)
    pages = [
        reverse("exchange:partners"),
        reverse("exchange:partner_new"),
        reverse("exchange:partner", args=[partner.uid]),
    ]

    assert [at(system).get(page).status_code for page in pages] == [200, 200, 200]
    assert [at(unit).get(page).status_code for page in pages] == [403, 403, 403]
    assert at(unit).post(reverse("exchange:partner_end", args=[partner.uid])).status_code == 403
    assert at(system).get(reverse("exchange:send")).status_code == 403
    assert at(system).get(reverse("exchange:receive")).status_code == 403


def test_card_is_entered_and_confirmed_by_its_fingerprint(at, settings):
    _upper, lower = two_sites(settings)
    top = make_committee()
    client = at(make_staff("system_admin", top))
    card = lower.card

    assert (
        "不是完整的站点名片" in client.post(reverse("exchange:partner_new"), {"card": "x", "relation": "superior"}).text
    )
    response = client.post(
        reverse("exchange:partner_new"), {"card": card.text, "relation": "subordinate", "organisation": top.code}
    )
    partner = Partner.objects.get()
    page = reverse("exchange:partner", args=[partner.uid])
    assert (response.status_code, response.url) == (302, page)
    assert card.fingerprint not in client.get(page).text
    wrong = client.post(page, {"fingerprint": card.fingerprint[:-1] + "x"})
    assert (wrong.status_code, Partner.objects.get().state) == (422, "waiting")
    client.post(page, {"fingerprint": card.fingerprint.upper()})
    partner.refresh_from_db()
    assert (partner.state, partner.organisation) == ("confirmed", top)
    assert card.fingerprint in client.get(page).text


def test_package_is_asked_for_made_and_fetched_by_the_right_only(at, register):
    _upper, _lower, top, partner = register
    admin, other = make_staff("admin", top), make_staff("admin", make_committee("别的党委"))
    form = {"partner": partner.pk, "organisation": top.code, "reason": "年度数据上报"}

    assert "您不能导出这个组织的数据" in at(other).post(reverse("exchange:send"), form).text
    response = at(admin).post(reverse("exchange:send"), form)
    row = SentPackage.objects.get()
    page, file = reverse("exchange:sent", args=[row.uid]), reverse("exchange:fetch", args=[row.uid])
    assert response.url == page
    assert 'hx-trigger="every 2s"' in at(admin).get(page).text
    assert at(admin).get(file).status_code == 404
    run_due_jobs()
    assert "下载" in at(admin).get(page).text
    fetched = at(admin).get(file)
    assert b"".join(fetched.streaming_content)[:2] == b"PK"
    assert "no-store" in fetched["Cache-Control"]
    assert [at(other).get(url).status_code for url in (page, file)] == [404, 404]
    RoleGrant.objects.filter(user=admin).delete()
    assert at(type(admin).objects.get(pk=admin.pk)).get(file).status_code == 403
    run_due_jobs()
    assert AuditLine.objects.filter(action="exchange.package_fetched").count() == 1


def test_conflicts_stand_side_by_side_and_are_decided_then_written(at, arrived):
    content, top, kept = arrived
    client = at(make_staff("admin", top))

    response = client.post(
        reverse("exchange:receive"), {"file": SimpleUploadedFile("package.zip", content, "application/zip")}
    )
    row = ReceivedPackage.objects.get()
    page = reverse("exchange:received", args=[row.uid])
    assert response.url == page
    assert "正在比对" in client.get(page).text
    run_due_jobs()
    text = client.get(page).text
    assert "本站填写的地址" in text
    assert "确认写入" not in text
    places = list(row.lines.filter(act="conflict").values_list("place", flat=True))
    assert len(places) == 4
    client.post(
        reverse("exchange:decide", args=[row.uid]), {f"line_{places[0]}": "ours", "line_x": "theirs", "page": "1"}
    )
    client.post(reverse("exchange:apply", args=[row.uid]))
    row.refresh_from_db()
    assert row.state == "checked"
    client.post(reverse("exchange:decide", args=[row.uid]), {"rest": "theirs"})
    assert "确认写入" in client.get(page).text
    client.post(reverse("exchange:apply", args=[row.uid]))
    run_due_jobs()
    assert "已导入。下面是当时比对的结果。" in client.get(page).text
    now = {line["uid"]: line["address"] for line in rows_of(top)["organisations"]}
    sent = {line["uid"]: line["address"] for line in kept["organisations"]}
    assert sum(now[uid] != sent[uid] for uid in now) == 1


def test_stranger_sees_nothing_of_a_package(at, arrived):
    content, top, _kept = arrived
    row = looked_at(content, make_staff("admin", top))
    stranger = at(make_staff("admin", make_committee("别的党委")))

    assert stranger.get(reverse("exchange:received", args=[row.uid])).status_code == 404
    for name in ("check", "decide", "apply", "drop"):
        assert stranger.post(reverse(f"exchange:{name}", args=[row.uid])).status_code == 404
    assert "江川" not in stranger.get(reverse("exchange:receive")).text
    upload = {"file": SimpleUploadedFile("package.zip", content, "application/zip")}
    assert "您不能导入" in stranger.post(reverse("exchange:receive"), upload).text


def test_given_up_package_leaves_no_file_and_no_lines(at, arrived):
    content, top, _kept = arrived
    admin = make_staff("admin", top)
    row = looked_at(content, admin)

    at(admin).post(reverse("exchange:drop", args=[row.uid]))

    row.refresh_from_db()
    assert (row.state, row.path, row.lines.count()) == ("dropped", "", 0)


@pytest.mark.parametrize("route", ["exchange:send", "exchange:receive", "exchange:partners"])
def test_lists_ask_as_much_for_three_as_for_one(at, register, route):
    _upper, _lower, top, partner = register
    user = make_user(is_superuser=True)
    client = at(user)

    def add():
        number = SentPackage.objects.count() + 1
        SentPackage.objects.create(partner=partner, organisation=top, user=user, reason="上报", serial=number)
        fields = {"package_uid": partner.uid, "serial": number, "packed_at": partner.entered_at, "size_bytes": 1}
        ReceivedPackage.objects.create(partner=partner, organisation=top, user=user, **fields)

    add()
    client.get(reverse(route))
    one = len(queries_of(lambda: client.get(reverse(route))))
    add()
    add()

    assert len(queries_of(lambda: client.get(reverse(route)))) == one
    assert PER_PAGE == 10


def test_commands_do_what_the_pages_do(register, settings, tmp_path):
    upper, lower, top, _partner = register
    user = make_user("operator", is_superuser=True)
    file, out = tmp_path / "package.zip", io.StringIO()

    call_command(
        "exchange_export", "江川公司党委", top.code, str(file), "--reason=年度数据上报", "--as=operator", stdout=out
    )
    assert "members: 2" in out.getvalue()
    with pytest.raises(CommandError, match="已存在"):
        call_command("exchange_export", "江川公司党委", top.code, str(file), "--reason=年度数据上报", "--as=operator")
    wipe()
    lower.be()
    trust(upper)
    call_command("exchange_import", str(file), "--as=operator", "--dry-run", stdout=out)
    assert "members: new 2" in out.getvalue()
    assert not Organisation.objects.exists()
    call_command("exchange_import", str(file), "--as=operator", stdout=out)
    assert Organisation.objects.count() == 5
    file.write_bytes(b"x")
    with pytest.raises(CommandError, match="不是数据交换包"):
        call_command("exchange_import", str(file), "--as", user.username)
