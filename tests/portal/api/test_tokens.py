"""Tokens: made by the person, shown once, never more than the person may do, dead with the password."""

import datetime as dt

import pytest
from django.test import Client

from portal.accounts.domain.passwords import change_password
from portal.accounts.models import User
from portal.api.domain import limits
from portal.api.domain.tokens import TokenNotValid, TokenRefused, create_token, revoke_token, token_of
from portal.api.models import ApiToken
from portal.ground.clock import now
from portal.ground.models import OutboxEntry
from portal.ground.personal import Person, holders
from portal.organisations.models import Role
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user
from tests.factories.counting import queries_of

pytestmark = pytest.mark.django_db
SCOPES = ("content.read", "learning.read", "learning.write", "desk.read", "desk.write")
BACKEND = "portal.accounts.backends.LoginHandleBackend"


def token_for(user, *scopes, days=30):
    return create_token(user, "看板", scopes or SCOPES, days, known=SCOPES)


def ask(path, text, **kwargs):
    return Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {text}"}, **kwargs)


def code(answer):
    return answer.status_code, answer.json().get("code")


def test_token_works_as_the_person_within_its_scopes():
    member = make_member()
    _, text = token_for(member.user, "content.read")

    assert ask("me", text).json()["uid"] == str(member.user.uid)
    assert code(ask("notices", text)) == (403, "scope_missing")


def test_token_itself_is_kept_nowhere():
    user = make_user()
    token, text = token_for(user)

    stored = " ".join(str(value) for value in ApiToken.objects.filter(pk=token.pk).values_list()[0])
    told = " ".join(str(entry.payload) for entry in OutboxEntry.objects.all())

    assert text not in stored + told
    assert text[9:] not in stored
    assert "api.token_made" in told


def _revoke(token, user):
    revoke_token(user, token)


def _expire(token, user):
    ApiToken.objects.filter(pk=token.pk).update(expires_at=now() - dt.timedelta(seconds=1))


def _disable(token, user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def _change(token, user):
    change_password(user, "Neues-Passwort-2026!")


def _told_to_change(token, user):
    user.set_password("Altes-Passwort-2026!")
    user.save()
    ApiToken.objects.filter(pk=token.pk).delete()
    User.objects.filter(pk=user.pk).update(must_change_password=True)


@pytest.mark.parametrize("end", [_revoke, _expire, _disable, _change])
def test_token_that_is_dead_opens_nothing(end):
    user = make_user()
    token, text = token_for(user)
    assert ask("me", text).status_code == 200

    end(token, user)

    assert code(ask("me", text)) == (401, "token_not_valid")
    assert code(ask("pages", text)) == (401, "token_not_valid")


def test_token_rests_while_the_password_must_be_changed():
    user = make_user()
    user.set_password("Altes-Passwort-2026!")
    user.save()
    _, text = token_for(user)
    User.objects.filter(pk=user.pk).update(must_change_password=True)

    with pytest.raises(TokenNotValid):
        token_of(text)


@pytest.mark.parametrize("text", ["", "lh_", "lh_" + "x" * 43, "nothing", "lh_\x00"])
def test_invented_token_is_refused(text):
    with pytest.raises(TokenNotValid):
        token_of(text)


def test_token_never_gives_a_right_that_the_person_lost():
    branch = make_branch()
    secretary = make_staff(Role.SECRETARY, branch)
    _, text = token_for(secretary)
    assert ask("me", text).json()["roles"][0]["role"] == "secretary"

    secretary.role_grants.all().delete()

    assert ask("me", text).json()["roles"] == []


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [("", SCOPES, 30), ("看板", (), 30), ("看板", ("all",), 30), ("看板", SCOPES, 366), ("看板", SCOPES, 0)],
)
def test_token_without_name_scope_or_end_is_refused(name, scopes, days):
    with pytest.raises(TokenRefused):
        create_token(make_user(), name, scopes, days, known=SCOPES)


def test_person_has_twenty_living_tokens_at_most():
    user = make_user()
    made = [token_for(user)[0] for _ in range(20)]
    with pytest.raises(TokenRefused):
        token_for(user)

    revoke_token(user, made[0])

    assert token_for(user)


def test_use_is_noted_once_a_minute():
    user = make_user()
    token, text = token_for(user)
    ask("me", text, REMOTE_ADDR="10.1.2.3")
    token.refresh_from_db()
    first = token.used_at

    queries = queries_of(lambda: ask("me", text))
    token.refresh_from_db()

    assert (token.used_from, token.used_at) == ("10.1.2.3", first)
    assert not [query for query in queries if query.startswith("UPDATE")]


def test_revoking_twice_is_told_once():
    user = make_user()
    token, _ = token_for(user)

    assert [revoke_token(user, token), revoke_token(user, token)] == [True, False]
    assert OutboxEntry.objects.filter(payload__action="api.token_revoked").count() == 1


def test_writing_by_session_needs_the_token_of_the_form_and_by_api_token_not():
    member = make_member()
    client = Client(enforce_csrf_checks=True)
    client.force_login(member.user, backend=BACKEND)
    _, text = token_for(member.user)

    assert code(client.post("/api/v1/notices/read")) == (403, "csrf")
    client.get("/account/tokens/")
    sent = client.post("/api/v1/notices/read", headers={"X-CSRFToken": client.cookies["csrftoken"].value})
    assert sent.status_code == 200
    by_token = Client(enforce_csrf_checks=True).post(
        "/api/v1/notices/read", headers={"Authorization": f"Bearer {text}"}
    )
    assert by_token.status_code == 200


def test_who_asks_too_often_is_told_when_to_come_back(settings, monkeypatch):
    settings.API_RATE_PER_MINUTE, settings.API_ANONYMOUS_RATE_PER_MINUTE = 3, 2
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_015.0)
    _, text = token_for(make_user())

    by_token = [ask("organisations", text).status_code for _ in range(4)]
    anonymous = [Client().get("/api/v1/organisations", REMOTE_ADDR="10.0.0.9") for _ in range(3)]
    elsewhere = Client().get("/api/v1/organisations", REMOTE_ADDR="10.0.0.10")

    assert by_token == [200, 200, 200, 429]
    assert [answer.status_code for answer in anonymous] == [200, 200, 429]
    assert anonymous[-1]["Retry-After"] == "45"
    assert anonymous[-1].json()["code"] == "too_often"
    assert elsewhere.status_code == 200
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_060.0)
    assert ask("organisations", text).status_code == 200


def test_invented_tokens_count_against_the_address(settings):
    settings.API_ANONYMOUS_RATE_PER_MINUTE = 2

    assert [ask("me", "lh_no").status_code for _ in range(3)] == [401, 401, 429]


# --- pages --------------------------------------------------------------------------------------------------------------
@pytest.fixture
def signed_in(client):
    user = make_user()
    client.force_login(user, backend=BACKEND)
    client.get("/account/tokens/")
    session = client.session
    session["accounts.confirmed"] = int(now().timestamp())
    session.save()
    client.user = user
    return client


def test_person_makes_sees_and_revokes_a_token_on_the_pages(signed_in):
    made = signed_in.post("/account/tokens/new/", {"name": "看板", "scopes": ["content.read"], "days": "30"})
    token = ApiToken.objects.get(user=signed_in.user)
    text = made.content.decode().split('id="token">')[1].split("<")[0]

    assert ask("me", text).status_code == 200
    listed = signed_in.get("/account/tokens/").content.decode()
    assert "看板" in listed
    assert text not in listed
    signed_in.post(f"/account/tokens/{token.uid}/revoke/")
    assert ask("me", text).status_code == 401
    assert "已撤销" in signed_in.get("/account/tokens/").content.decode()


def test_making_a_token_asks_who_it_is_when_that_is_long_ago(signed_in):
    session = signed_in.session
    session["accounts.confirmed"] = 0
    session.save()

    assert signed_in.get("/account/tokens/new/").url.startswith("/account/confirm/")


def test_form_that_lacks_a_scope_says_so_and_loses_nothing(signed_in):
    answer = signed_in.post("/account/tokens/new/", {"name": "看板", "days": "30"}).content.decode()

    assert "field-error" in answer
    assert 'value="看板"' in answer
    assert not ApiToken.objects.exists()


def test_token_of_another_is_absent_on_the_own_pages(signed_in):
    other, _ = token_for(make_user())

    assert signed_in.post(f"/account/tokens/{other.uid}/revoke/").status_code == 404
    other.refresh_from_db()
    assert other.revoked_at is None


def test_security_administrator_sees_and_revokes_tokens_of_the_own_subtree_only(client):
    committee = make_committee()
    inside, outside = make_member(make_branch(committee)), make_member()
    (near, text), (far, _) = token_for(inside.user), token_for(outside.user)
    client.force_login(make_staff(Role.SECURITY_ADMIN, committee), backend=BACKEND)

    page = client.get("/admin/api-tokens/").content.decode()

    assert near.start in page
    assert far.start not in page
    assert client.post(f"/admin/api-tokens/{far.uid}/revoke/").status_code == 404
    assert client.post(f"/admin/api-tokens/{near.uid}/revoke/").status_code == 302
    assert ask("me", text).status_code == 401


def test_tokens_are_in_the_own_data_and_go_with_it():
    user = make_user()
    token, text = token_for(user)
    holder = next(one for one in holders() if one.name == "api")
    person = Person(user_uid=user.uid, user_id=user.pk)

    tables = list(holder.export(person))

    assert tables[0].rows[0]["name"] == "看板"
    assert text not in str(tables)
    assert token.digest not in str(tables)
    assert holder.erase(person).rows == 1
    assert not ApiToken.objects.exists()


@pytest.mark.slow
def test_lists_of_tokens_ask_as_many_queries_for_three_as_for_one(signed_in, client):
    admin = Client()
    admin.force_login(make_user(is_superuser=True, is_active=True), backend=BACKEND)

    def counted():
        found = []
        for who, path in ((signed_in, "/account/tokens/"), (admin, "/admin/api-tokens/")):
            who.get(path)
            found.append(len(queries_of(lambda who=who, path=path: who.get(path))))
        return found

    token_for(signed_in.user)
    once = counted()
    token_for(signed_in.user)
    token_for(make_user())

    assert counted() == once
