"""Organisations, members and grants in the administration: own subtree only, rules from the domain."""

import pytest

from portal.organisations.domain.members import enter_member
from portal.organisations.domain.tree import (
    CodeTaken,
    StillInUse,
    WrongLevel,
    dissolve_organisation,
    found_organisation,
)
from portal.organisations.models import Organisation
from tests.factories import make_branch, make_committee, make_staff

pytestmark = pytest.mark.django_db
BACKEND = "portal.accounts.backends.LoginHandleBackend"


@pytest.fixture
def two_trees():
    ours, theirs = make_committee("甲公司党委"), make_committee("乙公司党委")
    return make_staff("admin", ours), make_branch(ours, "甲一支部"), make_branch(theirs, "乙一支部")


def test_list_shows_only_the_own_subtree(client, two_trees):
    admin, _ours, _theirs = two_trees
    client.force_login(admin, backend=BACKEND)

    page = client.get("/admin/organisations/").content.decode()

    assert "甲一支部" in page
    assert "乙一支部" not in page


def test_edit_of_a_foreign_organisation_answers_as_absent(client, two_trees):
    admin, _ours, theirs = two_trees
    client.force_login(admin, backend=BACKEND)

    answer = client.post(f"/admin/organisations/{theirs.pk}/rename/", {"name": "改名"})

    assert answer.status_code == 404
    assert Organisation.objects.get(pk=theirs.pk).name == "乙一支部"


@pytest.mark.parametrize("role", ["secretary", "editor", "reviewer", "auditor"])
def test_list_is_refused_to_other_roles(client, role):
    client.force_login(make_staff(role, make_committee()), backend=BACKEND)

    assert client.get("/admin/organisations/").status_code == 403


def test_found_organisation_code_of_a_dissolved_one_is_refused():
    branch = dissolve_organisation(make_branch())

    with pytest.raises(CodeTaken, match=branch.code):
        found_organisation(code=branch.code, name="新", kind="branch", parent=branch.get_parent())


def test_found_organisation_branch_without_parent_is_refused():
    with pytest.raises(WrongLevel):
        found_organisation(code="X", name="孤支部", kind="branch", parent=None)


def test_dissolve_organisation_with_members_is_refused():
    branch = make_branch()
    enter_member("林晓", branch)

    with pytest.raises(StillInUse, match=branch.name):
        dissolve_organisation(branch)
