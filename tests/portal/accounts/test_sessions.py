"""Sessions end when their time is over and when the person changes; devices; caches; cookies."""

import pytest
from django.test import Client

from portal.accounts.domain.sessions import end_sessions, forget_old_sign_ins
from portal.accounts.models import SignIn, User
from portal.accounts.web.visitors import browser_name
from portal.organisations.domain.grants import appoint, withdraw
from portal.organisations.domain.members import enter_member, move_member
from portal.organisations.models import RoleGrant
from tests.factories import make_branch, make_committee, make_user
from tests.portal.accounts.conftest import make_login, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PAGE = "/account/"


def is_in(client) -> bool:
    return client.get(PAGE).status_code == 200


def test_sign_in_gives_the_session_a_new_key(client, person):
    """A key that somebody planted before is worth nothing after."""
    client.get("/account/login/")
    session = client.session
    session["planted"] = "1"
    session.save()
    planted = session.session_key
    client.cookies["linghang_session"] = planted

    sign_in(client)

    assert client.session.session_key != planted
    stale = Client()
    stale.cookies["linghang_session"] = planted
    assert not is_in(stale)


def test_session_rests_at_most_thirty_minutes(client, person, clock):
    sign_in(client)
    answers = []
    for seconds in (29 * 60, 29 * 60, 30 * 60):
        clock.wait(seconds)
        answers.append(is_in(client))

    assert answers == [True, True, False]
    assert list(SignIn.objects.values_list("ending", flat=True)) == ["idle"]


def test_session_lasts_at_most_twelve_hours(client, person, clock):
    sign_in(client)
    for _ in range(12 * 3 - 1):
        clock.wait(20 * 60)
        assert is_in(client)
    clock.wait(20 * 60)

    assert not is_in(client)
    assert list(SignIn.objects.values_list("ending", flat=True)) == ["too_long"]
    assert "已超过时限" in client.get("/account/login/").content.decode()


def test_session_limits_follow_profile_and_settings(client, person, clock, settings):
    settings.PASSWORD_PROFILE = "asvs"
    sign_in(client)
    clock.wait(59 * 60)
    after_an_hour = is_in(client)
    settings.SESSION_IDLE_MINUTES = 5
    clock.wait(5 * 60)

    assert (after_an_hour, is_in(client)) == (True, False)


def test_session_writes_at_most_once_a_minute(client, person, clock, django_assert_num_queries):
    sign_in(client)
    client.get(PAGE)
    first = SignIn.objects.get().seen_at
    clock.wait(59)
    client.get(PAGE)
    unchanged = SignIn.objects.get().seen_at
    clock.wait(2)
    client.get(PAGE)

    assert unchanged == first
    assert (SignIn.objects.get().seen_at - first).total_seconds() == 61


def test_disabled_user_is_out_at_the_next_request_and_stays_out(client, person):
    sign_in(client)
    person.is_active = False
    person.save()
    end_sessions([person.pk], SignIn.Ending.ADMINISTRATOR)
    while_disabled = is_in(client)
    person.is_active = True
    person.save(update_fields=["is_active"])

    assert (while_disabled, is_in(client)) == (False, False)
    assert sign_in(Client()).status_code == 302


def test_moved_member_signs_in_anew(client, person):
    committee = make_committee()
    member = enter_member("林晓", make_branch(committee), user=person)
    sign_in(client)

    move_member(member, make_branch(committee))

    assert not is_in(client)
    assert SignIn.objects.get().ending == "duties"


def test_rights_given_and_withdrawn_end_the_session(client, person):
    committee = make_committee()
    sign_in(client)
    grant = appoint(None, person, "editor", committee)
    after_grant = is_in(client)
    sign_in(client)
    withdraw(None, RoleGrant.objects.get(pk=grant.pk))

    assert (after_grant, is_in(client)) == (False, False)


def test_end_sessions_of_one_leaves_the_others(client, person):
    make_login("other")
    other = Client()
    sign_in(client)
    sign_in(other, "other")

    end_sessions([person.pk], SignIn.Ending.ADMINISTRATOR)

    assert (is_in(client), is_in(other)) == (False, True)


@pytest.mark.parametrize("count", [1, 50])
def test_end_sessions_takes_the_same_queries_for_one_and_many(count, django_assert_num_queries):
    ids = [make_user().pk for _ in range(count)]

    with django_assert_num_queries(4):  # two, and the savepoint
        end_sessions(ids, SignIn.Ending.DUTIES)


def test_devices_are_listed_and_one_is_ended(person):
    here, there = Client(), Client()
    sign_in(here)
    there.post(
        "/account/login/",
        {"username": "linxiao", "password": "jiang-chuan-7-lines"},
        REMOTE_ADDR="10.2.2.2",
        HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
    )
    page = here.get(PAGE)
    other = next(row for row in page.context["devices"] if not row["here"])

    answer = here.post(f"/account/devices/{other['sign_in'].uid}/end/")

    assert (other["browser"], other["sign_in"].address) == ("Firefox · Linux", "10.2.2.2")
    assert [row["here"] for row in page.context["devices"]].count(True) == 1
    assert answer.url == PAGE
    assert (is_in(here), is_in(there)) == (True, False)
    assert SignIn.objects.get(address="10.2.2.2").ending == "removed"


def test_all_other_devices_are_ended_at_once(person):
    here, *others = Client(), Client(), Client()
    for client in (here, *others):
        sign_in(client)

    here.post("/account/devices/others/end/")

    assert [is_in(client) for client in (here, *others)] == [True, False, False]
    assert len(here.get(PAGE).context["devices"]) == 1


def test_device_of_somebody_else_answers_as_an_absent_one(client, person):
    make_login("other")
    other = Client()
    sign_in(other, "other")
    sign_in(client)
    foreign = SignIn.objects.get(user__username="other")

    answers = [
        client.post(f"/account/devices/{uid}/end/").status_code
        for uid in (foreign.uid, "00000000-0000-0000-0000-000000000000")
    ]

    assert answers == [404, 404]
    assert is_in(other)


@pytest.mark.parametrize("count", [1, 3])
def test_account_page_takes_the_same_queries_for_one_device_and_three(
    client, person, count, django_assert_max_num_queries
):
    for _ in range(count - 1):
        sign_in(Client())
    sign_in(client)
    client.get(PAGE)

    with django_assert_max_num_queries(26):
        client.get(PAGE)


def test_sign_out_ends_the_session_and_closes_the_device(client, person):
    sign_in(client)
    key = client.session.session_key

    client.post("/account/logout/")

    stale = Client()
    stale.cookies["linghang_session"] = key
    assert not is_in(stale)
    assert SignIn.objects.get().ending == "signed_out"


def test_sign_out_by_a_link_is_refused(client, person):
    sign_in(client)

    assert client.get("/account/logout/").status_code == 405
    assert is_in(client)


def test_pages_of_a_person_are_kept_in_no_cache(client, person):
    """The back button shows nothing after signing out."""
    sign_in(client)

    for address in (PAGE, "/workbench/", "/search/"):
        assert set(client.get(address)["Cache-Control"].split(", ")) == {"private", "no-store"}, address


def test_pages_for_everybody_may_still_be_kept(client):
    assert "no-store" not in client.get("/search/").get("Cache-Control", "")


def test_session_cookie_flags(client, person, settings):
    settings.SESSION_COOKIE_SECURE = True

    cookie = sign_in(client).cookies["linghang_session"]

    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("/r/", "/r/"),
        ("//evil.example/", "/workbench/"),
        ("https://evil.example/", "/workbench/"),
        ("/\\evil.example", "/workbench/"),
        ("javascript:alert(1)", "/workbench/"),
    ],
)
def test_sign_in_goes_on_only_within_the_site(client, person, wanted, there):
    assert sign_in(client, next=wanted).url == there


def test_session_from_before_the_gate_is_ended(client, person):
    sign_in(client)
    session = client.session
    del session["accounts.steps"]
    session.save()

    assert not is_in(client)


def test_old_sign_ins_are_forgotten_after_half_a_year(client, person, clock):
    sign_in(client)
    clock.wait(181 * 86400)
    sign_in(Client())

    assert forget_old_sign_ins() == 1
    assert SignIn.objects.count() == 1


def test_password_of_another_process_keeps_no_session_alive(client, person):
    sign_in(client)
    fresh = User.objects.get(pk=person.pk)
    fresh.set_password("quite-another-77")
    fresh.save()

    assert not is_in(client)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19) MicroMessenger/8.0", "微信 · iPhone"),
        ("curl/8", "未知浏览器"),
        ("", "未知浏览器"),
    ],
)
def test_browser_name(text, name):
    assert browser_name(text) == name
