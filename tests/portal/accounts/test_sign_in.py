"""Signing in by user name, phone or work number; refusals that tell nothing; lockout that cannot hit a rival."""

import pytest
from django.contrib.auth import authenticate

from portal.accounts.domain.handles import HandleTaken, add_handle, user_by_login
from portal.accounts.models import LoginHandle, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "jiang-chuan-7-lines"


def make_login(name: str = "linxiao") -> User:
    user = make_user(name)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize("typed", ["linxiao", "13800000001", "１３８ ００００ ０００１", "gw-0071", "GW-0071"])
def test_user_by_login_finds_the_person_by_any_handle(typed):
    user = make_login()
    add_handle(user, LoginHandle.Kind.PHONE, "13800000001")
    add_handle(user, LoginHandle.Kind.WORK_NUMBER, "GW-0071")

    assert user_by_login(typed) == user


@pytest.mark.parametrize("typed", ["", " ", "nobody", "\x00", "a" * 5000])
def test_user_by_login_odd_input_finds_nobody(typed):
    make_login()

    assert user_by_login(typed) is None


def test_add_handle_of_somebody_else_is_refused():
    add_handle(make_login("a"), LoginHandle.Kind.PHONE, "13800000001")

    with pytest.raises(HandleTaken):
        add_handle(make_login("b"), LoginHandle.Kind.PHONE, "138 0000 0001")


def test_handles_are_not_stored_in_the_clear():
    add_handle(make_login(), LoginHandle.Kind.PHONE, "13800000001")

    stored = LoginHandle.objects.get().lookup
    assert len(stored) == 64
    assert "13800000001" not in stored


def test_password_is_argon2id():
    assert make_login().password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_authenticate_disabled_user_is_nobody(rf):
    user = make_login()
    user.is_active = False
    user.save()

    assert authenticate(rf.post("/"), username="linxiao", password=PASSWORD) is None


def test_sign_in_ten_wrong_passwords_lock_this_address_only(client, django_user_model):
    make_login()
    for _ in range(10):
        last = client.post("/account/login/", {"username": "linxiao", "password": "wrong"})

    right_here = client.post("/account/login/", {"username": "linxiao", "password": PASSWORD})
    right_elsewhere = client.post(
        "/account/login/", {"username": "linxiao", "password": PASSWORD}, REMOTE_ADDR="10.1.1.9"
    )

    assert (last.status_code, right_here.status_code, right_elsewhere.status_code) == (429, 429, 302)
    assert "登录已暂停" in last.content.decode()


def test_sign_in_wrong_name_and_wrong_password_say_the_same(client):
    make_login()

    texts = [
        client.post("/account/login/", {"username": name, "password": "wrong"}).context["form"].non_field_errors()[0]
        for name in ("linxiao", "nobody")
    ]

    assert texts[0] == texts[1]
    assert "用户名或密码不正确" in texts[0]
