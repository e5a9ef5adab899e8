"""Guessing is slowed down; a rival cannot lock anybody out; names cannot be found out."""

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.domain import attempts, devices
from portal.accounts.domain.second_factor import begin_enrolment, confirm_enrolment
from portal.accounts.hashers import Argon2id
from portal.accounts.models import AttemptCounter, User
from portal.ground.models import OutboxEntry
from tests.portal.accounts.codes import code_of
from tests.portal.accounts.conftest import make_login, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
OFFICE, HOME = "10.1.1.1", "192.168.7.7"


def guess(times, *, name="linxiao", address=OFFICE, client=None):
    """Wrong passwords from a browser without cookies, unless one is given."""
    return [sign_in(client or Client(), name, f"wrong-{n}", address).status_code for n in range(times)]


def test_five_wrong_passwords_pause_this_name_from_this_address_for_fifteen_minutes(person, clock):
    answers = guess(6)
    paused = sign_in(Client())
    clock.wait(15 * 60 + 1)

    assert answers == [200] * 5 + [429]
    assert paused.status_code == 429
    assert paused["Retry-After"] == "900"
    assert sign_in(Client()).status_code == 302


def test_rival_elsewhere_does_not_close_the_account_for_its_owner(person):
    guess(30, address=HOME)

    assert sign_in(Client(), address=OFFICE).status_code == 302


def test_rival_behind_the_same_address_does_not_close_a_device_that_signed_in_before(person):
    own = Client()
    sign_in(own)
    own.post("/account/logout/")

    guess(30)

    assert sign_in(Client()).status_code == 429
    assert sign_in(own).status_code == 302


def test_rival_at_the_next_seat_does_not_close_a_shared_computer(person):
    """In the examination room each computer has seen sign-ins before, though not this person's."""
    make_login("earlier")
    shared = Client()
    sign_in(shared, "earlier")
    shared.post("/account/logout/")

    guess(10)

    assert sign_in(shared).status_code == 302


def test_rival_with_a_known_device_closes_only_the_own_device(person):
    make_login("rival")
    rival, own = Client(), Client()
    sign_in(rival, "rival")
    rival.post("/account/logout/")
    sign_in(own)
    own.post("/account/logout/")

    answers = guess(6, client=rival)

    assert answers == [200] * 5 + [429]
    assert sign_in(own).status_code == 302


def test_attacked_account_opens_from_a_new_device_with_the_second_factor(person, clock):
    begin_enrolment(person)
    confirm_enrolment(person, code_of(person))
    clock.wait(60)
    guess(30)

    without = sign_in(Client())
    wrong = sign_in(Client(), code="000000")
    opened = sign_in(Client(), code=code_of(person))

    assert (without.status_code, wrong.status_code, opened.status_code) == (429, 200, 302)
    assert opened.url == "/workbench/"


def test_second_factor_beside_the_password_is_not_for_guessing_either(person, clock):
    begin_enrolment(person)
    confirm_enrolment(person, code_of(person))
    clock.wait(60)

    answers = [sign_in(Client(), password=f"wrong-{n}", code=code_of(person)).status_code for n in range(6)]

    assert answers == [200] * 5 + [429]
    assert sign_in(Client(), code=code_of(person)).status_code == 429


def test_many_addresses_leave_one_try_to_each_and_the_right_password_opens(person):
    for n in range(60):
        guess(1, address=f"10.9.{n}.1")

    assert guess(2, address="10.8.0.1") == [200, 429]
    assert sign_in(Client(), address="10.7.0.1").status_code == 302


def test_spraying_one_password_on_many_names_is_slowed_down_after_twenty(person, clock):
    answers = [sign_in(Client(), f"name{n}", "Spring-2026").status_code for n in range(40)]
    counted = AttemptCounter.objects.count()
    clock.wait(1)
    after_a_second = [sign_in(Client(), f"more{n}", "Spring-2026").status_code for n in range(2)]

    assert answers == [200] * 20 + [429] * 20
    assert counted == 20 * 2 + 1
    assert after_a_second == [200, 429]


def test_slowed_down_address_lets_a_device_in_that_the_person_used(person):
    own = Client()
    sign_in(own)
    own.post("/account/logout/")

    [sign_in(Client(), f"name{n}", "Spring-2026") for n in range(30)]

    assert sign_in(Client()).status_code == 429
    assert sign_in(own).status_code == 302


def test_address_gap_grows_up_to_half_a_minute():
    gaps = [attempts._address_gap(n) for n in (0, 19, 20, 25, 30, 45, 1000)]

    assert gaps == [0, 0, 1, 2, 4, 30, 30]


def test_addresses_of_one_ipv6_network_count_as_one(person):
    for n in range(5):
        guess(1, address=f"2001:db8:1:1::{n + 1}")

    assert sign_in(Client(), address="2001:db8:1:1::ffff").status_code == 429
    assert sign_in(Client(), address="2001:db8:1:2::1").status_code == 302


def test_success_starts_the_count_anew_but_not_the_address_as_a_whole(person):
    guess(4)
    sign_in(Client())

    assert guess(4) == [200] * 4
    assert max(AttemptCounter.objects.values_list("failures", flat=True)) == 8


def test_every_failure_looks_and_costs_the_same(person, monkeypatch):
    """Same status, same sentence, same number of queries, one hashing each: names cannot be told from one another."""
    make_login("disabled")
    make_login("external")
    User.objects.filter(username="disabled").update(is_active=False)
    User.objects.filter(username="external").update(password="!")
    hashed = []
    for method in ("verify", "encode"):
        plain = getattr(Argon2id, method)
        monkeypatch.setattr(Argon2id, method, lambda *args, plain=plain, **kw: hashed.append(1) or plain(*args, **kw))
    sign_in(Client(), "warm-up", "wrong")

    seen = {}
    for name in ("linxiao", "nobody", "disabled", "external"):
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = sign_in(Client(), name, "wrong")
        sentences = tuple(answer.context["form"].non_field_errors())
        seen[name] = (answer.status_code, len(hashed), len(queries), sentences)

    assert set(seen.values()) == {seen["linxiao"]}
    assert seen["linxiao"][:2] == (200, 1)
    assert "用户名或密码不正确" in seen["linxiao"][3][0]


def test_paused_unknown_name_says_the_same_as_a_paused_account(person):
    pages = []
    for name in ("linxiao", "nobody"):
        guess(5, name=name, address=f"10.3.{len(name)}.1")
        page = sign_in(Client(), name, address=f"10.3.{len(name)}.1")
        pages.append((page.status_code, page.context["minutes"], "登录已暂停" in page.content.decode()))

    assert pages == [(429, 15, True)] * 2


def test_paused_name_costs_no_hashing(person, monkeypatch):
    guess(5)
    monkeypatch.setattr(Argon2id, "verify", lambda *args: pytest.fail("hashed"))
    monkeypatch.setattr(Argon2id, "encode", lambda *args: pytest.fail("hashed"))

    assert sign_in(Client()).status_code == 429


def test_what_was_typed_is_kept_nowhere(person):
    sign_in(Client(), "my-secret-password", "linxiao")

    stored = [str(value) for row in AttemptCounter.objects.values_list() for value in row]
    assert not any("my-secret" in value for value in stored)
    assert not OutboxEntry.objects.filter(payload__icontains="my-secret").exists()


def test_device_cookie_cannot_be_forged_and_ends_after_half_a_year(person, clock):
    cookie = devices.cookie_after_sign_in(None, person)
    other = signing.dumps({"d": "x", "p": [], "t": clock.moment.timestamp()}, salt="another")
    device = devices.read_device(cookie)

    assert device.knows(person)
    assert not device.knows(make_login("other"))
    assert [devices.read_device(text) for text in (cookie + "x", other, "", "a" * 9999)] == [None] * 4
    clock.wait(181 * 86400)
    assert devices.read_device(cookie) is None


def test_device_cookie_names_nobody_and_is_out_of_reach_of_scripts(person):
    client = Client()
    answer = sign_in(client)

    cookie = answer.cookies[devices.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    data = signing.loads(cookie.value, salt="portal.accounts.device")
    assert set(data) == {"d", "p", "t"}
    assert str(person.uid) not in str(data)


def test_device_is_remembered_only_when_signing_in_is_complete(person, clock):
    """Whoever knows the password alone must not get a count of his own."""
    begin_enrolment(person)
    confirm_enrolment(person, code_of(person))
    clock.wait(60)
    client = Client()

    half = sign_in(client)
    assert devices.COOKIE not in half.cookies
    whole = client.post("/account/factor/", {"code": code_of(person)})

    assert devices.COOKIE in whole.cookies


def test_forwarded_address_is_believed_only_from_our_proxies(person, settings):
    def from_header(header):
        return Client().post(
            "/account/login/",
            {"username": "linxiao", "password": "wrong"},
            REMOTE_ADDR="10.0.0.1",
            HTTP_X_FORWARDED_FOR=header,
        )

    settings.TRUSTED_PROXIES = 1
    [from_header(f"1.1.1.{n}, 203.0.113.9") for n in range(5)]

    assert from_header("9.9.9.9, 203.0.113.9").status_code == 429
    assert from_header("203.0.113.10").status_code == 200


def test_lifting_the_pause_opens_at_once(person):
    guess(6)
    attempts.forget_failures_of(person)

    assert sign_in(Client()).status_code == 302


def test_old_counters_are_cleared_out(person, clock):
    guess(2)
    clock.wait(86400 + 1)
    guess(1, name="fresh")

    assert attempts.forget_old_counters() == 2
    assert AttemptCounter.objects.count() == 3


def test_pause_is_audited_once_also_for_unknown_names(person):
    guess(7)
    guess(7, name="nobody", address=HOME)

    lines = OutboxEntry.objects.filter(payload__action="account.sign_in_paused").order_by("pk")
    assert [line.payload["target_uid"] for line in lines] == [str(person.uid), ""]
