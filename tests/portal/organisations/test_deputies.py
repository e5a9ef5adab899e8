"""Deputies and the page that says who can do what."""

import datetime as dt

import pytest
from django.test import Client

from portal.ground.clock import today
from portal.ground.models import OutboxEntry
from portal.ground.rights import may
from portal.organisations.domain.deputies import end_deputy, name_deputy
from portal.organisations.domain.grants import GrantRefused, withdraw
from portal.organisations.domain.rights import forget_cached_scopes
from portal.organisations.models import RoleGrant
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user
from tests.factories.counting import queries_of

pytestmark = pytest.mark.django_db
BACKEND = "portal.accounts.backends.LoginHandleBackend"
WEEK = dt.timedelta(days=7)


@pytest.fixture
def branch():
    return make_branch(make_committee())


@pytest.fixture
def secretary(branch):
    user = make_staff("secretary", branch)
    make_member(branch, user=user)
    return user


@pytest.fixture
def colleague(branch):
    return make_member(branch, name="代理人").user


def _grant(user):
    return RoleGrant.objects.get(user=user)


def _named(secretary, colleague, **more):
    dates = {"valid_from": today(), "valid_to": today() + WEEK, **more}
    return name_deputy(secretary, _grant(secretary), colleague, **dates)


def test_deputy_holds_the_role_for_the_period_and_it_is_audited(secretary, colleague, branch):
    _named(secretary, colleague, reason="出差")

    assert may(colleague, "pages.edit", branch)
    assert OutboxEntry.objects.filter(name="audit.line", payload__action="deputy.named").exists()


def test_deputy_of_next_week_holds_nothing_yet(secretary, colleague, branch):
    _named(secretary, colleague, valid_from=today() + dt.timedelta(days=1))

    assert not may(colleague, "pages.edit", branch)


def test_deputy_ends_with_the_grant_that_it_stands_in_for(secretary, colleague, branch):
    _named(secretary, colleague)
    withdraw(make_user(is_superuser=True), _grant(secretary))
    forget_cached_scopes(colleague)

    assert not may(colleague, "pages.edit", branch)


def test_deputy_ended_by_the_holder_holds_nothing(secretary, colleague, branch):
    end_deputy(secretary, _named(secretary, colleague))
    forget_cached_scopes(colleague)

    assert not may(colleague, "pages.edit", branch)


@pytest.mark.parametrize(
    ("start", "length"), [(-1, 5), (0, 93), (3, -1)], ids=["yesterday", "over a quarter", "ends before it begins"]
)
def test_deputy_for_impossible_dates_is_refused(secretary, colleague, start, length):
    first = today() + dt.timedelta(days=start)

    with pytest.raises(GrantRefused):
        _named(secretary, colleague, valid_from=first, valid_to=first + dt.timedelta(days=length))


def test_deputy_from_another_branch_is_refused(secretary, branch):
    stranger = make_member(make_branch(branch.get_parent(), "别的支部")).user

    with pytest.raises(GrantRefused, match="下级"):
        _named(secretary, stranger)


def test_deputy_of_a_deputy_is_refused(secretary, colleague, branch):
    deputy = _named(secretary, colleague)
    third = make_member(branch).user

    with pytest.raises(GrantRefused, match="不能再请"):
        name_deputy(colleague, deputy, third, valid_from=today(), valid_to=today())


def test_deputy_for_one_of_the_three_administrators_is_refused(colleague, branch):
    auditor = make_staff("auditor", branch)

    with pytest.raises(GrantRefused, match="三类管理员"):
        _named(auditor, colleague)


def test_nobody_names_a_deputy_for_somebody_else(secretary, colleague, branch):
    editor = make_staff("editor", branch)

    with pytest.raises(GrantRefused):
        name_deputy(editor, _grant(secretary), colleague, valid_from=today(), valid_to=today())


def test_form_names_a_deputy_and_the_list_ends_it(client, secretary, colleague):
    client.force_login(secretary, backend=BACKEND)
    address = f"/organisations/roles/{_grant(secretary).uid}/deputy/"

    wrong = client.post(address, {"login": "nobody-of-this-name", "valid_from": today(), "valid_to": today()})
    right = client.post(address, {"login": colleague.username, "valid_from": today(), "valid_to": today() + WEEK})

    assert "账号在用" in wrong.content.decode()
    assert "nobody-of-this-name" in wrong.content.decode(), "what was typed is kept"
    assert right.status_code == 302
    assert "林晓" in client.get("/organisations/roles/").content.decode()
    made = RoleGrant.objects.get(deputy_for__isnull=False)
    client.post(f"/organisations/deputies/{made.uid}/end/")
    made.refresh_from_db()
    assert made.valid_to < today()


def test_role_of_somebody_else_is_absent(client, secretary, colleague):
    client.force_login(colleague, backend=BACKEND)

    assert client.get(f"/organisations/roles/{_grant(secretary).uid}/deputy/").status_code == 404
    assert client.post(f"/organisations/deputies/{_grant(secretary).uid}/end/").status_code == 404


def test_page_lists_who_can_do_what_here_and_above_with_deputies(client, secretary, colleague, branch):
    make_staff("admin", branch.get_parent(), display_name="上级管理员")
    make_staff("editor", make_branch(branch.get_parent(), "别的支部"), display_name="别处的编辑")
    RoleGrant.objects.update(valid_from=dt.date(2026, 3, 1))
    _named(secretary, colleague)
    client.force_login(colleague, backend=BACKEND)

    html = client.get(f"/organisations/{branch.uid}/rights/").content.decode()

    assert "上级管理员" in html
    assert "2026-03-01" in html
    assert "代理" in html
    assert "编写页面" in html
    assert "别处的编辑" not in html


def test_page_leads_to_organisations_nearby_that_concern_the_reader(client, colleague, branch):
    top = branch.get_parent()
    other = make_branch(top, "别的支部")

    def links(user, row):
        client.force_login(user, backend=BACKEND)
        page = client.get(f"/organisations/{row.uid}/rights/").content.decode()
        return {one.name for one in (top, branch, other) if f'href="/organisations/{one.uid}/rights/"' in page}

    assert links(colleague, top) == {branch.name}
    assert links(colleague, branch) == {top.name}
    assert links(make_staff("security_admin", top), top) == {branch.name, other.name}
    assert links(make_staff("admin", branch), branch) == set()


def test_page_is_absent_for_people_of_other_branches(client, branch):
    client.force_login(make_member(make_branch(branch.get_parent(), "别的支部")).user, backend=BACKEND)

    assert client.get(f"/organisations/{branch.uid}/rights/").status_code == 404
    assert client.get("/organisations/00000000-0000-7000-8000-000000000000/rights/").status_code == 404


def test_page_takes_the_same_queries_for_one_and_three_people(branch, colleague):
    client = Client()
    client.force_login(colleague, backend=BACKEND)
    counts = []
    client.get("/")
    for more in (1, 2):
        for _ in range(more):
            make_staff("editor", branch)
        counts.append(len(queries_of(lambda: client.get(f"/organisations/{branch.uid}/rights/"))))

    assert 5 < counts[0] == counts[1] <= 20
