"""The security administrator's work on accounts: within the own subtree, never on those who stand beside."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.account_admin.domain.accounts import (
    AccountRefused,
    accounts_within,
    disable_account,
    enable_account,
    lift_pause,
    open_account,
    reset_password,
    sign_out_everywhere,
    take_second_factor_away,
)
from portal.accounts.checks import second_factor_is_required, superusers_are_not_for_daily_work
from portal.accounts.domain.second_factor import begin_enrolment, confirm_enrolment, has_second_factor
from portal.accounts.models import User
from portal.ground.models import OutboxEntry
from portal.organisations.domain.members import enter_member
from portal.organisations.models import Member, Role
from tests.factories import make_branch, make_committee, make_staff, make_user
from tests.portal.accounts.codes import code_of
from tests.portal.accounts.conftest import PASSWORD, make_login, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
BACKEND = "portal.accounts.backends.LoginHandleBackend"
LIST = "/admin/accounts/"
ACTS = [reset_password, disable_account, enable_account, lift_pause, take_second_factor_away, sign_out_everywhere]


@pytest.fixture
def house():
    """A committee with a security administrator, a branch with a member, and a foreign tree with another."""
    committee, foreign = make_committee("甲公司党委"), make_committee("乙公司党委")
    branch = make_branch(committee, "甲一支部")

    class House:
        top, own_branch = committee, branch
        keeper = make_staff("security_admin", committee, name="keeper")
        own, other = make_login("own"), make_login("foreign")

    enter_member("林晓", branch, user=House.own)
    enter_member("周远", make_branch(foreign, "乙一支部"), user=House.other)
    return House


def audited() -> list[tuple[str, str]]:
    lines = OutboxEntry.objects.filter(name="audit.line", payload__action__startswith="account.").order_by("pk")
    return [(line.payload["action"], line.payload["actor"]) for line in lines]


@pytest.fixture
def desk(client, house):
    client.force_login(house.keeper, backend=BACKEND)
    return client


def act(client, user, name):
    return client.post(f"{LIST}{user.uid}/{name}/")


def test_accounts_within_are_those_of_the_own_subtree(house):
    user, _password = open_account(house.keeper, username="clerk", display_name="文书", organisation=house.own_branch)

    assert set(accounts_within(house.keeper)) == {house.own, user}


def test_account_follows_its_member_to_another_organisation(house):
    user, _password = open_account(house.keeper, username="clerk", display_name="文书", organisation=house.own_branch)
    enter_member("文书", make_branch(make_committee()), user=user)

    assert user not in accounts_within(house.keeper)


@pytest.mark.parametrize("operation", ACTS)
def test_foreign_account_is_out_of_reach(house, operation):
    with pytest.raises(AccountRefused, match="范围"):
        operation(house.keeper, house.other)
    assert audited() == []


@pytest.mark.parametrize("operation", ACTS)
@pytest.mark.parametrize("role", ["system_admin", "auditor", "security_admin"])
def test_account_of_one_of_the_three_is_looked_after_on_the_server(house, operation, role):
    """Whoever could reset them would work in their place."""
    user = make_staff(role, house.top)
    enter_member("甲", house.own_branch, user=user)

    with pytest.raises(AccountRefused, match="只能在服务器上"):
        operation(house.keeper, user)


def test_account_of_a_superuser_is_out_of_reach(house):
    User.objects.filter(pk=house.own.pk).update(is_superuser=True)

    with pytest.raises(AccountRefused, match="只能在服务器上"):
        reset_password(house.keeper, User.objects.get(pk=house.own.pk))


@pytest.mark.parametrize("operation", ACTS)
def test_own_account_is_for_somebody_else(house, operation):
    with pytest.raises(AccountRefused, match="您自己的账号"):
        operation(house.keeper, house.keeper)


def test_open_account_links_the_member_and_signs_in_by_work_number(house, client):
    member = enter_member("周明", house.own_branch)

    user, password = open_account(
        house.keeper,
        username="zhouming",
        display_name="周明",
        organisation=house.own_branch,
        member=member,
        work_number="GW-0071",
    )

    assert Member.objects.get(pk=member.pk).user == user
    assert sign_in(client, "gw-0071", password).url == "/account/password/"
    assert [action for action, actor in audited() if actor == str(house.keeper.uid)] == [
        "account.opened",
        "account.password_reset",
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"username": "own"}, "用户名已经有人"),
        ({"username": "two words"}, "用户名只能"),
        ({"username": "a\x00b"}, "用户名只能"),
        ({"username": "new", "work_number": "GW-1"}, "工号已经是"),
    ],
)
def test_open_account_refusals_say_why_and_leave_nothing(house, fields, sentence):
    open_account(None, username="taken", display_name="甲", organisation=house.own_branch, work_number="GW-1")
    before = User.objects.count()

    with pytest.raises(AccountRefused, match=sentence):
        open_account(house.keeper, display_name="乙", organisation=house.own_branch, **fields)
    assert User.objects.count() == before


def test_open_account_for_a_foreign_organisation_is_refused(house):
    with pytest.raises(AccountRefused, match="不能在这个组织"):
        open_account(house.keeper, username="new", display_name="乙", organisation=make_committee())


def test_open_account_never_takes_a_member_over(house):
    member = Member.objects.get(user=house.own)

    with pytest.raises(AccountRefused, match="已经有账号"):
        open_account(house.keeper, username="new", display_name="乙", organisation=house.own_branch, member=member)
    assert Member.objects.get(pk=member.pk).user == house.own


@pytest.mark.parametrize("role", [role for role in Role.values if role != "security_admin"])
def test_pages_are_refused_to_all_other_roles(client, house, role):
    client.force_login(make_staff(role, house.top), backend=BACKEND)

    answers = [client.get(address).status_code for address in (LIST, f"{LIST}new/", f"{LIST}{house.own.uid}/")]

    assert answers == [403] * 3
    assert act(client, house.own, "disable").status_code == 403
    assert User.objects.get(pk=house.own.pk).is_active


def test_list_shows_the_own_subtree_and_searches(desk, house):
    page = desk.get(LIST).content.decode()
    found = desk.get(LIST, {"q": "own", "state": "active"}).content.decode()
    nothing = desk.get(LIST, {"q": "\x00foreign"}).content.decode()

    assert f"{LIST}{house.own.uid}/" in page
    assert str(house.other.uid) not in page
    assert f"{LIST}{house.own.uid}/" in found
    assert "没有找到账号" in nothing


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_one_account_and_three(desk, house, count, django_assert_max_num_queries):
    for n in range(count - 1):
        enter_member("甲", house.own_branch, user=make_user(f"more{n}"))
    desk.get(LIST)

    with django_assert_max_num_queries(18):
        desk.get(LIST)


def test_foreign_account_answers_as_an_absent_one(desk, house):
    absent = "00000000-0000-0000-0000-000000000000"

    for path in ("", "reset/", "disable/"):
        method = desk.post if path else desk.get
        answers = [method(f"{LIST}{uid}/{path}") for uid in (house.other.uid, absent)]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert User.objects.get(pk=house.other.pk).is_active


def test_reset_shows_a_one_time_password_once_and_ends_sessions(desk, house):
    person = Client()
    sign_in(person, "own", PASSWORD)

    page = act(desk, house.own, "reset").content.decode()
    password = re.search(r"<code>(\S{4}-\S{4}-\S{4})</code>", page)[1]

    assert person.get("/account/").status_code == 302
    assert password not in desk.get(f"{LIST}{house.own.uid}/").content.decode()
    assert sign_in(person, "own", password).url == "/account/password/"


def test_disable_and_enable(desk, house):
    person = Client()
    sign_in(person, "own", PASSWORD)

    act(desk, house.own, "disable")
    while_disabled = (person.get("/account/").status_code, sign_in(Client(), "own", PASSWORD).status_code)
    act(desk, house.own, "enable")

    assert while_disabled == (302, 200)
    assert sign_in(Client(), "own", PASSWORD).status_code == 302
    assert [action for action, _ in audited() if action.startswith("account.")].count("account.disabled") == 1


def test_unlock_lifts_the_pause(desk, house):
    for n in range(6):
        sign_in(Client(), "own", f"wrong-{n}")
    paused = sign_in(Client(), "own", PASSWORD).status_code
    shown = desk.get(f"{LIST}{house.own.uid}/").content.decode()

    act(desk, house.own, "unlock")

    assert (paused, sign_in(Client(), "own", PASSWORD).status_code) == (429, 302)
    assert "近期多次输错密码" in shown


def test_second_factor_is_taken_away_for_a_lost_telephone(desk, house):
    begin_enrolment(house.own)
    confirm_enrolment(house.own, code_of(house.own))

    act(desk, house.own, "factor")

    assert not has_second_factor(house.own)
    assert sign_in(Client(), "own", PASSWORD).url == "/workbench/"


def test_acts_ask_for_proof_after_ten_minutes(clock, desk, house):
    clock.wait(11 * 60)

    answer = act(desk, house.own, "disable")

    assert "accounts/step_up.html" in [template.name for template in answer.templates]
    assert User.objects.get(pk=house.own.pk).is_active


def test_acts_are_no_links(desk, house):
    assert desk.get(f"{LIST}{house.own.uid}/disable/").status_code == 405
    assert act(desk, house.own, "explode").status_code == 404


def test_form_opens_an_account_for_a_member_of_that_name(desk, house):
    enter_member("周明", house.own_branch)
    form = {
        "organisation": house.own_branch.code,
        "username": "zhouming",
        "display_name": "周明",
        "is_member": "on",
        "work_number": "",
        "phone": "13800000001",
    }

    page = desk.post(f"{LIST}new/", form).content.decode()
    again = desk.post(f"{LIST}new/", {**form, "username": "zhouming2"}).content.decode()

    assert re.search(r"<code>\S{4}-\S{4}-\S{4}</code>", page)
    assert User.objects.get(username="zhouming").member.name == "周明"
    assert "没有同名且无账号的党员" in again
    assert 'value="zhouming2"' in again


def test_command_looks_after_the_three_administrators(house, capsys):
    auditor = make_staff("auditor", house.top, name="watcher")

    call_command("account", "reset", "watcher")
    password = re.search(r"\S{4}-\S{4}-\S{4}", capsys.readouterr().out)[0]
    call_command("account", "disable", "watcher")

    auditor.refresh_from_db()
    assert auditor.check_password(password)
    assert not auditor.is_active
    assert [action for action, actor in audited() if actor == ""] == ["account.password_reset", "account.disabled"]


def test_command_opens_the_first_accounts_of_a_site(house, capsys):
    call_command("account", "open", "first", "--name", "甲", "--organisation", house.top.code)
    call_command("appoint", "first", "system_admin", "--organisation", house.top.code)

    assert User.objects.get(username="first").role_grants.get().role == "system_admin"
    with pytest.raises(CommandError, match="no such account"):
        call_command("account", "reset", "nobody")
    with pytest.raises(CommandError, match="--name"):
        call_command("account", "open", "second")


def test_check_names_active_superusers(settings):
    User.objects.create(username="root", is_superuser=True)
    User.objects.create(username="old", is_superuser=True, is_active=False)

    warnings = superusers_are_not_for_daily_work(None, databases=["default"])

    assert [warning.id for warning in warnings] == ["accounts.W002"]
    assert "Active superusers: root." in warnings[0].msg
    assert superusers_are_not_for_daily_work(None) == []


def test_check_wants_the_second_factor_in_production(settings):
    settings.SECOND_FACTOR = "required"
    required = second_factor_is_required(None)
    settings.SECOND_FACTOR = "optional"

    assert required == []
    assert [warning.id for warning in second_factor_is_required(None)] == ["accounts.W001"]
