"""Appointing people: three administrators that never come together, and nobody who lifts himself up."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from portal.accounts.models import User
from portal.ground.clock import today
from portal.ground.models import OutboxEntry
from portal.ground.rights import may
from portal.organisations.domain.grants import GrantRefused, appoint, end_grant, withdraw
from portal.organisations.domain.rights import grant_role, rights_of
from portal.organisations.models import DutiesConflict, Role, RoleGrant
from tests.factories import make_branch, make_committee, make_staff, make_user

pytestmark = pytest.mark.django_db
BACKEND = "portal.accounts.backends.LoginHandleBackend"
THREE = ["system_admin", "security_admin", "auditor"]


def audited() -> list[str]:
    lines = OutboxEntry.objects.filter(name="audit.line", payload__action__startswith="role.").order_by("pk")
    return [entry.payload["action"] for entry in lines]


@pytest.mark.parametrize("first", THREE)
@pytest.mark.parametrize("second", THREE)
def test_grant_role_two_of_the_three_administrators_are_refused(first, second):
    committee = make_committee()
    user = make_staff(first, committee)

    if first == second:
        assert grant_role(user, second, committee).role == second
        return
    with pytest.raises(DutiesConflict, match="必须由不同的人担任"):
        grant_role(user, second, make_branch(committee))
    assert set(RoleGrant.objects.filter(user=user).values_list("role", flat=True)) == {first}


def test_grant_role_second_duty_is_refused_also_for_a_later_time():
    committee = make_committee()
    user = make_staff("auditor", committee)

    with pytest.raises(DutiesConflict):
        grant_role(user, "system_admin", committee, valid_from=today() + dt.timedelta(days=100))


def test_grant_role_another_duty_after_the_first_ended_is_allowed():
    committee = make_committee()
    user = make_staff("auditor", committee)
    withdraw(None, RoleGrant.objects.get(user=user))

    assert grant_role(user, "system_admin", committee).role == "system_admin"


def test_end_grant_reopened_beside_another_duty_is_refused():
    committee = make_committee()
    user = make_staff("auditor", committee)
    old = RoleGrant.objects.get(user=user)
    withdraw(None, old)
    grant_role(user, "system_admin", committee)

    with pytest.raises(DutiesConflict):
        end_grant(None, old, None)
    old.refresh_from_db()
    assert old.valid_to == today() - dt.timedelta(days=1)


def test_three_administrators_share_no_right_but_the_door():
    shared = [rights_of(one) & rights_of(other) for one in THREE for other in THREE if one < other]

    assert shared == [frozenset({"admin.enter", "accounts.privileged"})] * 3


def test_unit_administrator_holds_no_duty_of_the_three():
    separated = rights_of("system_admin") | rights_of("security_admin") | rights_of("auditor")
    # How late records of the own units are entered is the superior's to see, too; files are seen covered by the auditor as well.
    oversight = {"records.timeliness", "members.view"}

    assert rights_of("admin") & separated == {"admin.enter", "accounts.privileged"} | oversight


@pytest.mark.parametrize("role", ["secretary", "editor", "reviewer", "admin"])
def test_appoint_security_administrator_gives_unit_roles_in_the_own_subtree(role):
    committee = make_committee()
    actor, user, branch = make_staff("security_admin", committee), make_user(), make_branch(committee)

    grant = appoint(actor, user, role, branch)

    assert (grant.role, grant.organisation, grant.granted_by) == (role, branch, actor)
    assert audited() == ["role.granted"]


@pytest.mark.parametrize("role", ["system_admin", "auditor"])
def test_appoint_security_administrator_makes_no_system_or_audit_administrator(role):
    committee = make_committee()

    with pytest.raises(GrantRefused, match="只能在服务器上"):
        appoint(make_staff("security_admin", committee), make_user(), role, committee)
    assert audited() == []


def test_appoint_security_administrator_makes_others_only_below():
    committee = make_committee()
    branch = make_branch(committee)
    actor = make_staff("security_admin", committee)

    appoint(actor, make_user(), "security_admin", branch)

    with pytest.raises(GrantRefused, match="下级组织"):
        appoint(actor, make_user(), "security_admin", committee)


def test_appoint_to_oneself_is_refused():
    committee = make_committee()
    actor = make_staff("security_admin", committee)

    with pytest.raises(GrantRefused, match="自己"):
        appoint(actor, actor, "admin", committee)


@pytest.mark.parametrize("role", ["admin", "system_admin", "auditor", "editor", "secretary"])
def test_appoint_other_roles_may_not(role):
    committee = make_committee()

    with pytest.raises(GrantRefused, match="没有"):
        appoint(make_staff(role, committee), make_user(), "editor", committee)


def test_appoint_in_a_foreign_tree_is_refused():
    with pytest.raises(GrantRefused, match="没有"):
        appoint(make_staff("security_admin", make_committee()), make_user(), "editor", make_committee())


def test_system_administrator_stands_only_at_the_top():
    with pytest.raises(GrantRefused, match="最上级"):
        appoint(None, make_user(), "system_admin", make_branch())


def test_withdraw_takes_the_right_at_once_and_keeps_the_row():
    committee = make_committee()
    actor, user = make_staff("security_admin", committee), make_staff("editor", committee)
    before = may(user, "pages.edit", committee)

    grant = withdraw(actor, RoleGrant.objects.get(user=user))

    assert (before, may(User.objects.get(pk=user.pk), "pages.edit", committee)) == (True, False)
    assert RoleGrant.objects.get(pk=grant.pk).valid_to == today() - dt.timedelta(days=1)
    assert audited() == ["role.withdrawn"]


def test_withdraw_auditor_by_the_security_administrator_is_refused():
    """Whoever watches cannot be sent away by whom he watches."""
    committee = make_committee()
    actor, auditor = make_staff("security_admin", committee), make_staff("auditor", committee)

    with pytest.raises(GrantRefused):
        withdraw(actor, RoleGrant.objects.get(user=auditor))
    assert may(auditor, "admin.enter")


def test_grants_page_is_the_security_administrators(client):
    committee = make_committee()
    answers = {}
    for role in Role.values:
        client.force_login(make_staff(role, committee), backend=BACKEND)
        answers[role] = client.get("/admin/grants/").status_code

    assert {role for role, status in answers.items() if status == 200} == {"security_admin"}


def test_grants_form_refuses_with_a_sentence_and_keeps_what_was_typed(client):
    committee = make_committee()
    user = make_user()
    client.force_login(make_staff("security_admin", committee), backend=BACKEND)
    form = {"user": user.username, "role": "auditor", "organisation": committee.code, "valid_from": "2026-11-21"}

    page = client.post("/admin/grants/new/", form).content.decode()
    nobody = client.post(
        "/admin/grants/new/", {**form, "user": "nobody-so-named", "organisation": "X9"}
    ).content.decode()

    assert "只能在服务器上" in page
    assert 'value="2026-11-21"' in page
    assert f'value="{user.username}"' in page
    assert "没有找到账号“nobody-so-named”" in nobody
    assert "没有找到“X9”" in nobody
    assert not RoleGrant.objects.filter(user=user).exists()


def test_grants_form_gives_a_role_and_lists_neither_everybody_nor_every_organisation(client):
    committee = make_committee()
    branch = make_branch(committee, "甲一支部")
    user = make_user("lin", display_name="林岚")
    client.force_login(make_staff("security_admin", committee), backend=BACKEND)

    page = client.get("/admin/grants/new/").content.decode()
    client.post(
        "/admin/grants/new/",
        {"user": "lin", "role": "secretary", "organisation": f"{branch.code} {branch}", "valid_from": "2026-11-21"},
    )

    assert ("林岚" in page, "甲一支部" in page) == (False, False)
    grant = RoleGrant.objects.get(user=user)
    assert (grant.role, grant.organisation) == ("secretary", branch)
    assert "林岚（lin）" in client.get(f"/admin/grants/edit/{grant.pk}/").content.decode()


def test_grants_form_ends_a_grant(client):
    committee = make_committee()
    user = make_staff("editor", committee)
    grant = RoleGrant.objects.get(user=user)
    client.force_login(make_staff("security_admin", committee), backend=BACKEND)

    client.post(f"/admin/grants/edit/{grant.pk}/", {"valid_to": "2026-01-01", "role": "admin"})

    grant.refresh_from_db()
    assert (grant.role, grant.valid_to) == ("editor", dt.date(2026, 1, 1))


def test_appoint_command_makes_and_withdraws_an_auditor():
    committee = make_committee()
    user = make_user("jiang")

    call_command("appoint", "jiang", "auditor")
    appointed = list(RoleGrant.objects.values_list("user__username", "role", "organisation"))
    call_command("appoint", "jiang", "auditor", "--withdraw")

    assert appointed == [("jiang", "auditor", committee.pk)]
    assert not may(User.objects.get(pk=user.pk), "admin.enter")


def test_appoint_command_second_duty_is_refused_with_a_sentence():
    make_staff("auditor", make_committee(), name="jiang")

    with pytest.raises(CommandError, match="必须由不同的人担任"):
        call_command("appoint", "jiang", "system_admin")


def test_look_of_the_site_is_the_system_administrators(client):
    committee = make_committee()
    answers = {}
    for role in Role.values:
        client.force_login(make_staff(role, committee), backend=BACKEND)
        answers[role] = client.get("/admin/settings/pages/sitelook/", follow=True).status_code

    assert {role for role, status in answers.items() if status == 200} == {"system_admin"}
