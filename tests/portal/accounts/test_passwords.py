"""Two profiles of rules, forced change, history, one-time passwords."""

import hashlib
import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from portal.accounts.domain.breaches import is_in_file
from portal.accounts.domain.passwords import give_one_time_password, new_password
from portal.accounts.domain.profiles import UnknownProfile, read_profile
from portal.accounts.models import OldPassword, User
from portal.ground.models import OutboxEntry
from tests.factories import make_user
from tests.portal.accounts.conftest import PASSWORD, make_login, sign_in

pytestmark = pytest.mark.django_db
CHANGE = "/account/password/"
NEW = "bei-du-kou-88-stops"


def refusals(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError as refused:
        return {error.code for error in refused.error_list}
    return set()


def change(client, old=PASSWORD, new=NEW, again=None):
    return client.post(CHANGE, {"old_password": old, "new_password1": new, "new_password2": again or new})


def test_profiles_name_their_source_and_figures():
    dengbao, asvs = read_profile("dengbao"), read_profile("asvs")

    assert "GB/T 22239-2019" in dengbao.source
    assert (dengbao.minimum_length, dengbao.classes, dengbao.expires_after_days, dengbao.remembered) == (10, 3, 90, 5)
    assert "Application Security Verification Standard" in asvs.source
    assert (asvs.minimum_length, asvs.classes, asvs.expires_after_days, asvs.remembered) == (12, 1, 0, 0)
    with pytest.raises(UnknownProfile, match="asvs, dengbao"):
        read_profile("../dengbao")


@pytest.mark.parametrize(
    ("profile", "password", "expected"),
    [
        ("dengbao", "Abc-1234", {"too_short"}),
        ("dengbao", "abcdefghjkmn", {"too_few_classes"}),
        ("dengbao", "qyxkvw-2749-pm", set()),
        ("dengbao", "密码安全第一条Abc1", set()),
        ("dengbao", "Password123", {"leaked"}),
        ("asvs", "horsestaplebattery", set()),
        ("asvs", "shortone-1A", {"too_short"}),
        ("asvs", "qwertyuiop123", {"leaked"}),
        ("asvs", "x" * 129, {"too_long"}),
    ],
)
def test_password_is_judged_by_the_profile(settings, profile, password, expected):
    settings.PASSWORD_PROFILE = profile

    assert refusals(password) == expected


def test_password_like_the_user_name_is_refused(person):
    assert refusals("Linxiao-2026", make_user("Linxiao-202")) == {"password_too_similar"}


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_leaked_password_is_found_in_a_sorted_file_of_hashes(tmp_path, count):
    words = [f"word-{n}" for n in range(count)]
    lines = sorted(f"{hashlib.sha1(word.encode()).hexdigest().upper()}:{n}" for n, word in enumerate(words))
    path = tmp_path / "leaked.txt"
    path.write_text("\r\n".join(lines) + "\r\n")

    assert all(is_in_file(word, path) for word in words)
    assert not any(is_in_file(f"other-{n}", path) for n in range(200))


def test_leaked_password_of_the_operators_file_is_refused(settings, tmp_path):
    path = tmp_path / "leaked.txt"
    path.write_text(hashlib.sha1(b"Jiangchuan-2026").hexdigest().upper() + "\n")
    settings.BREACHED_PASSWORDS = str(path)

    assert refusals("Jiangchuan-2026") == {"leaked"}
    assert refusals("Jiangchuan-2027") == set()


def test_last_five_passwords_are_refused_and_only_hashes_are_kept(person):
    for n in range(5):
        person.set_password(f"chang-jiang-{n}-bridges")
        person.save()

    kept = list(OldPassword.objects.values_list("password", flat=True))
    assert refusals(PASSWORD, person) == set()
    assert all(refusals(f"chang-jiang-{n}-bridges", person) == {"used_before"} for n in range(5))
    assert len(kept) == 5
    assert all(text.startswith("argon2$argon2id$") for text in kept)


def test_asvs_profile_lets_an_old_password_return(person, settings):
    settings.PASSWORD_PROFILE = "asvs"

    assert refusals(PASSWORD, person) == set()


def test_change_password_keeps_this_session_and_ends_the_others(client, person):
    other = Client()
    sign_in(client)
    sign_in(other)
    before = client.session.session_key

    answer = change(client)

    assert (answer.status_code, answer.url) == (302, "/account/")
    assert client.get("/account/").status_code == 200
    assert client.session.session_key != before
    assert other.get("/account/").status_code == 302
    assert User.objects.get(pk=person.pk).check_password(NEW)
    assert OutboxEntry.objects.filter(payload__action="account.password_changed").count() == 1


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("wrong", NEW, NEW, "原密码不正确。"),
        (PASSWORD, NEW, "else-where-99", "两次输入的新密码不一致。"),
        (PASSWORD, PASSWORD, PASSWORD, "新密码不能与原密码相同。"),
        (PASSWORD, "short", "short", "密码至少 10 个字符。"),
        ("\x00", "\x00", "\x00", "Null"),
    ],
)
def test_change_password_refusals_say_why(client, person, old, new, again, sentence):
    sign_in(client)

    answer = change(client, old, new, again)

    shown = " ".join(text for errors in answer.context["form"].errors.values() for text in errors)
    assert (answer.status_code, sentence in shown or sentence == "Null") == (200, True)
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_change_password_is_no_place_for_guessing_the_old_one(client, person):
    sign_in(client)
    for n in range(5):
        change(client, f"wrong-{n}")

    answer = change(client)

    assert "密码连续输错" in answer.content.decode()
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_one_time_password_opens_only_the_change_page(client, person):
    password = give_one_time_password(None, person)

    answer = sign_in(client, password=password)

    assert answer.url == "/account/password/"
    for address in ("/workbench/", "/", "/account/", "/search/", "/r/"):
        assert client.get(address).url == "/account/password/", address
    assert client.post("/workbench/notices/read/").status_code in {403, 404}
    assert "一次性密码" in client.get(CHANGE).content.decode()
    done = change(client, password)
    assert done.url == "/workbench/"
    assert client.get("/workbench/").status_code == 200
    assert sign_in(Client(), password=password).status_code == 200


def test_one_time_password_ends_after_three_days(client, person, clock):
    password = give_one_time_password(None, person)
    clock.wait(72 * 3600 + 1)

    answer = sign_in(client, password=password)

    assert "一次性密码已过期" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_one_time_password_meets_every_profile_and_is_not_in_the_trail(person, settings):
    for profile in ("dengbao", "asvs"):
        settings.PASSWORD_PROFILE = profile
        drawn = [new_password() for _ in range(50)]
        assert len(set(drawn)) == 50
        assert all(refusals(password) == set() for password in drawn)
        assert all(re.fullmatch(r"\w{4}-\w{4}-\w{4}", password) for password in drawn)
    password = give_one_time_password(None, person)
    assert not OutboxEntry.objects.filter(payload__icontains=password).exists()


def test_expired_password_is_changed_before_anything_else(client, person, clock):
    person.set_password(PASSWORD)
    person.save()
    clock.wait(90 * 86400)

    answer = sign_in(client)

    assert answer.url == "/account/password/"
    assert "已使用满 90 天" in client.get(CHANGE).content.decode()
    assert change(client).url == "/workbench/"


def test_expired_password_does_not_exist_in_the_asvs_profile(client, person, clock, settings):
    settings.PASSWORD_PROFILE = "asvs"
    clock.wait(1000 * 86400)

    assert sign_in(client).url == "/workbench/"


def test_password_cannot_be_reset_by_mail_or_in_the_administration(client):
    """Nobody gets in by a mailbox."""
    make_login("chief")
    User.objects.filter(username="chief").update(is_superuser=True)
    sign_in(client, "chief")

    assert client.get("/admin/password_reset/").status_code == 404
    page = client.get("/admin/account/").content.decode()
    assert "new_password1" not in page
