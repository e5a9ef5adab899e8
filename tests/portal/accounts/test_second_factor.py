"""The second factor: no data before it, no code twice, required for administrators, asked again for what is most sensitive."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from portal.accounts.domain.second_factor import (
    WrongCode,
    address_for_app,
    begin_enrolment,
    confirm_enrolment,
    recovery_codes_left,
    verify_code,
)
from portal.accounts.models import Authenticator, RecoveryCode, SignIn, User
from portal.accounts.web.people import freshly_confirmed
from portal.ground.models import OutboxEntry
from portal.organisations.domain.rights import grant_role
from tests.factories import make_committee
from tests.portal.accounts.codes import code_of
from tests.portal.accounts.conftest import PASSWORD, make_login, sign_in

pytestmark = pytest.mark.django_db
FACTOR, ENROL, CONFIRM = "/account/factor/", "/account/factor/new/", "/account/confirm/"


@pytest.fixture
def guarded(person, clock):
    """林晓 with an authenticator, a minute later."""
    begin_enrolment(person)
    confirm_enrolment(person, code_of(person))
    clock.wait(60)
    return person


def other_code(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_code_of_the_standard_is_accepted(person, clock):
    """RFC 6238, appendix B: at 59 seconds the SHA-1 secret of the standard shows 94287082."""
    import base64
    import datetime as dt

    clock.moment = dt.datetime(1970, 1, 1, 0, 0, 59, tzinfo=dt.UTC)
    Authenticator.objects.create(
        user=person,
        secret=base64.b32encode(b"12345678901234567890").decode(),
        made_at=clock.moment,
        confirmed_at=clock.moment,
    )

    verify_code(person, "287082")


def test_no_page_knows_the_person_before_the_code(client, guarded):
    answer = sign_in(client)

    assert answer.url == FACTOR
    for address in ("/workbench/", "/", "/account/", "/account/password/", ENROL, "/search/", "/admin/", "/files/x"):
        assert client.get(address).url in {FACTOR, "/account/login/?next=/admin/"} if address != "/files/x" else True
    page = client.get(FACTOR).content.decode()
    assert "林晓" not in page
    assert client.post("/workbench/notices/read/").status_code in {403, 404}
    assert client.get("/workbench/", HTTP_HX_REQUEST="true").status_code == 403


def test_right_code_opens_under_a_new_session_key(client, guarded):
    sign_in(client, next="/r/")
    half = client.session.session_key

    answer = client.post(FACTOR, {"code": code_of(guarded)})

    assert answer.url == "/r/"
    assert client.session.session_key != half
    assert client.get("/workbench/").status_code == 200
    assert SignIn.objects.get().session_key == client.session.session_key


def test_half_open_session_can_be_left(client, guarded):
    sign_in(client)
    client.post("/account/logout/")

    assert client.get("/account/login/").status_code == 200
    assert SignIn.objects.get().ending == "signed_out"


@pytest.mark.parametrize("code", ["", "abc", "12345", "1234567", "０００００１", "\x00", "9" * 500])
def test_odd_codes_are_refused_and_stay_on_the_page(client, guarded, code):
    sign_in(client)

    answer = client.post(FACTOR, {"code": code})

    assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True)
    assert client.get("/workbench/").url == FACTOR


def test_code_opens_once(guarded):
    code = code_of(guarded)
    verify_code(guarded, code)

    with pytest.raises(WrongCode):
        verify_code(guarded, code)


def test_code_of_the_step_before_is_accepted_and_an_older_one_is_not(guarded, clock):
    code = code_of(guarded)
    clock.wait(30)
    verify_code(guarded, code)
    later = code_of(guarded)
    clock.wait(90)

    with pytest.raises(WrongCode):
        verify_code(guarded, later)


def test_five_wrong_codes_pause(client, guarded):
    sign_in(client)
    for _ in range(5):
        client.post(FACTOR, {"code": other_code(code_of(guarded))})

    answer = client.post(FACTOR, {"code": code_of(guarded)})

    assert "分钟后再试" in answer.content.decode()
    assert client.get("/workbench/").url == FACTOR


def test_code_of_somebody_else_does_not_open(client, guarded, clock):
    other = make_login("other")
    begin_enrolment(other)
    confirm_enrolment(other, code_of(other))
    clock.wait(60)
    sign_in(client)

    client.post(FACTOR, {"code": code_of(other)})

    assert client.get("/workbench/").url == FACTOR


def test_recovery_code_opens_once_and_is_audited(client, person, clock):
    begin_enrolment(person)
    codes = confirm_enrolment(person, code_of(person))
    clock.wait(60)
    for expected in ("/workbench/", None):
        browser = Client()
        sign_in(browser)
        answer = browser.post(FACTOR, {"code": codes[0].upper()})
        assert getattr(answer, "url", None) == expected

    assert recovery_codes_left(person) == 9
    assert OutboxEntry.objects.filter(payload__action="account.recovery_code_used").count() == 1


def test_secrets_are_kept_encrypted_and_recovery_codes_hashed(person):
    from django.db import connection

    begin_enrolment(person)
    secret = Authenticator.objects.get().secret
    codes = confirm_enrolment(person, code_of(person))
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_authenticator")
        stored = cursor.fetchone()[0]

    assert secret not in stored
    assert len(codes) == len(set(codes)) == 10
    assert all(re.fullmatch(r"\w{5}-\w{5}", code) for code in codes)
    assert not {code.replace("-", "") for code in codes} & set(RecoveryCode.objects.values_list("digest", flat=True))


def test_unconfirmed_authenticator_does_not_count(client, person):
    begin_enrolment(person)

    assert sign_in(client).url == "/workbench/"
    with pytest.raises(WrongCode):
        verify_code(person, code_of(person))


def test_address_for_app_holds_the_secret_and_the_name(person):
    authenticator = begin_enrolment(person)

    assert address_for_app(authenticator, "领航") == (
        f"otpauth://totp/%E9%A2%86%E8%88%AA%3Alinxiao?secret={authenticator.secret}&issuer=%E9%A2%86%E8%88%AA"
    )


@pytest.mark.parametrize("role", ["admin", "system_admin", "security_admin", "auditor"])
def test_administrators_enrol_before_anything_opens(client, person, clock, settings, role):
    settings.SECOND_FACTOR = "required"
    grant_role(person, role, make_committee())

    answer = sign_in(client)

    assert answer.url == ENROL
    assert client.get("/workbench/").url == ENROL
    page = client.get(ENROL).content.decode()
    assert "<svg" in page
    assert "林晓" not in page
    codes = client.post(ENROL, {"code": code_of(person)})
    assert len(codes.context["codes"]) == 10
    assert client.get("/account/factor/done/").url == "/workbench/"
    assert client.get("/workbench/").status_code == 200


@pytest.mark.parametrize("role", ["member", "secretary", "editor", "reviewer"])
def test_others_need_no_second_factor(client, person, settings, role):
    settings.SECOND_FACTOR = "required"
    grant_role(person, role, make_committee())

    assert sign_in(client).url == "/workbench/"


def test_superuser_needs_the_second_factor_too(client, person, settings):
    settings.SECOND_FACTOR = "required"
    User.objects.filter(pk=person.pk).update(is_superuser=True)

    assert sign_in(client, next="/admin/").url == ENROL
    assert client.get("/admin/").url == ENROL


def test_sign_in_page_of_the_administration_is_no_side_door(client, person):
    """Wagtail's own page would count no failures and ask for no code."""
    answers = [client.get("/admin/login/"), client.post("/admin/login/", {"username": "linxiao", "password": PASSWORD})]

    assert [answer.url for answer in answers] == ["/account/login/?next=/admin/"] * 2
    assert "_auth_user_id" not in client.session


def test_session_that_came_by_another_door_has_the_same_steps(client, guarded):
    client.force_login(guarded, backend="portal.accounts.backends.LoginHandleBackend")

    assert client.get("/workbench/").url == FACTOR


def test_person_appointed_while_signed_in_enrols_at_once(client, person, settings):
    from portal.organisations.domain.grants import appoint

    settings.SECOND_FACTOR = "required"
    sign_in(client)
    appoint(None, person, "auditor", make_committee())

    assert client.get("/workbench/").url == "/account/login/?next=/workbench/"
    assert sign_in(client).url == ENROL


def test_password_step_and_enrolment_come_one_after_the_other(client, person, settings):
    from portal.accounts.domain.passwords import give_one_time_password

    settings.SECOND_FACTOR = "required"
    grant_role(person, "auditor", make_committee())
    password = give_one_time_password(None, person)

    assert sign_in(client, password=password).url == ENROL
    assert client.get("/account/password/").url == ENROL
    client.get(ENROL)
    client.post(ENROL, {"code": code_of(person)})
    assert client.get("/account/factor/done/").url == "/account/password/"
    done = client.post(
        "/account/password/",
        {"old_password": password, "new_password1": "bei-du-kou-88", "new_password2": "bei-du-kou-88"},
    )
    assert done.url == "/workbench/"


def test_enrolment_freely_asks_for_the_password_when_signing_in_was_long_ago(client, person, clock):
    sign_in(client)
    clock.wait(11 * 60)

    asked = client.get(ENROL)
    back = client.post(f"{asked.url}", {"password": PASSWORD, "next": ENROL})

    assert asked.url == f"{CONFIRM}?next=%2Faccount%2Ffactor%2Fnew%2F"
    assert back.url == ENROL
    assert client.get(ENROL).status_code == 200


def test_step_up_is_asked_after_ten_minutes_and_takes_the_code(client, guarded, clock, rf):
    sign_in(client)
    client.post(FACTOR, {"code": code_of(guarded)})
    clock.wait(11 * 60)

    asked = client.post("/account/factor/recovery/")
    wrong = client.post(CONFIRM, {"code": PASSWORD})
    right = client.post(CONFIRM, {"code": code_of(guarded), "next": "/account/"})
    done = client.post("/account/factor/recovery/")

    assert "accounts/step_up.html" in [template.name for template in asked.templates]
    assert (wrong.status_code, right.url) == (200, "/account/")
    assert len(done.context["codes"]) == 10


def test_step_up_is_no_place_for_guessing_the_password(client, person, clock):
    sign_in(client)
    for n in range(5):
        client.post(CONFIRM, {"password": f"wrong-{n}"})

    assert "分钟后再试" in client.post(CONFIRM, {"password": PASSWORD}).content.decode()


def test_step_up_goes_back_only_within_the_site(client, person):
    sign_in(client)

    assert client.post(CONFIRM, {"password": PASSWORD, "next": "https://evil.example/"}).url == "/account/"


def test_freshly_confirmed_runs_the_view_only_when_fresh(rf, clock):
    view = freshly_confirmed(lambda request: HttpResponse("done"))
    request = rf.get("/some/where/?a=1")
    request.session = {"accounts.confirmed": clock.moment.timestamp()}
    fresh = view(request).content
    clock.wait(600)

    assert fresh == b"done"
    assert view(request).url == "/account/confirm/?next=%2Fsome%2Fwhere%2F%3Fa%3D1"


def test_second_factor_is_given_up_freely_but_not_by_the_obliged(client, guarded, settings):
    sign_in(client)
    client.post(FACTOR, {"code": code_of(guarded)})
    settings.SECOND_FACTOR = "required"
    User.objects.filter(pk=guarded.pk).update(is_superuser=True)
    client.post("/account/factor/remove/")
    kept = Authenticator.objects.filter(user=guarded).exists()
    User.objects.filter(pk=guarded.pk).update(is_superuser=False)
    client.post("/account/factor/remove/")

    assert (kept, Authenticator.objects.filter(user=guarded).exists()) == (True, False)
    assert not RecoveryCode.objects.exists()


def test_role_that_begins_at_midnight_asks_for_the_second_factor_in_an_open_session(client, person, clock, settings):
    """A deputy's grant may begin on a later day than it was given."""
    import datetime as dt

    settings.SECOND_FACTOR = "required"
    clock.moment = dt.datetime(2026, 11, 20, 15, 50, tzinfo=dt.UTC)  # ten to midnight in Shanghai
    committee = make_committee()
    grant_role(person, "admin", committee, valid_from=dt.date(2026, 11, 21))
    sign_in(client)
    before = client.get("/workbench/").status_code
    clock.wait(15 * 60)

    assert before == 200
    assert client.get("/workbench/").url == ENROL


def test_person_who_gave_the_code_is_not_asked_again_the_next_day(client, guarded, clock):
    import datetime as dt

    clock.moment = dt.datetime(2026, 11, 20, 15, 50, tzinfo=dt.UTC)
    sign_in(client)
    client.post(FACTOR, {"code": code_of(guarded)})
    clock.wait(15 * 60)

    assert client.get("/workbench/").status_code == 200
