"""Who may do what where, and who may see what."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from portal.accounts.models import User
from portal.basepage.models import BasePage
from portal.ground.clock import today
from portal.ground.rights import UndeclaredRight, may
from portal.ground.suppliers import ANONYMOUS, viewer_of
from portal.organisations.domain.audiences import (
    EmptyAudience,
    audience_of_tokens,
    members_audience,
    organisation_audience,
    public_audience,
    role_audience,
)
from portal.organisations.domain.members import OrganisationEnded, enter_member, move_member
from portal.organisations.domain.people import member_of
from portal.organisations.domain.rights import home_of, scopes_of
from portal.organisations.models import Member, Membership, RoleGrant
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user, site_root

pytestmark = pytest.mark.django_db


def add_page(title: str, **fields: object) -> BasePage:
    return site_root().add_child(instance=BasePage(title=title, **fields))


def titles_seen_by(user: object) -> set[str]:
    return set(BasePage.objects.visible_to(viewer_of(user)).filter(depth__gt=2).values_list("title", flat=True))


def test_may_editor_of_one_branch_has_no_right_in_another():
    committee = make_committee()
    own, other = make_branch(committee), make_branch(committee)
    editor = make_staff("editor", own)

    answers = {
        name: may(editor, "pages.edit", where) for name, where in [("own", own), ("other", other), ("up", committee)]
    }

    assert answers == {"own": True, "other": False, "up": False}


def test_may_role_reaches_down_the_subtree():
    committee = make_committee()
    editor = make_staff("editor", committee)

    assert may(editor, "pages.edit", make_branch(committee)) is True


@pytest.mark.parametrize(
    ("starts", "ends", "expected"), [(-2, -1, False), (1, 2, False), (0, 0, True), (-1, None, True)]
)
def test_may_grant_counts_only_between_its_dates(starts, ends, expected):
    branch, user = make_branch(), make_user()
    RoleGrant.objects.create(
        user=user,
        role="editor",
        organisation=branch,
        valid_from=today() + dt.timedelta(days=starts),
        valid_to=today() + dt.timedelta(days=ends) if ends is not None else None,
    )

    assert may(user, "pages.edit", branch) is expected


def test_may_unknown_right_is_an_error():
    with pytest.raises(UndeclaredRight, match="pages\\.fly"):
        may(make_user(), "pages.fly")


def test_may_disabled_user_has_no_right():
    branch = make_branch()
    editor = make_staff("editor", branch, is_active=False)

    assert may(editor, "pages.edit", branch) is False


def test_audience_same_tokens_are_one_row():
    assert audience_of_tokens(["member", "public"]).pk == audience_of_tokens(["public", "member", "public"]).pk


def test_audience_without_tokens_is_refused():
    with pytest.raises(EmptyAudience):
        audience_of_tokens([])


def test_visible_to_each_person_sees_exactly_own_pages():
    committee = make_committee()
    mine, theirs = make_branch(committee, "甲支部"), make_branch(committee, "乙支部")
    member = make_member(mine)
    secretary = make_staff("secretary", mine)
    add_page("公开", audience=public_audience())
    add_page("登录可见", audience=members_audience())
    add_page("本支部", audience=organisation_audience(mine))
    add_page("别的支部", audience=organisation_audience(theirs))
    add_page("全党委", audience=organisation_audience(committee))
    add_page("书记", audience=role_audience("secretary", committee))
    add_page("受控", audience=public_audience(), secrecy=2)
    add_page("草稿", audience=public_audience(), live=False)

    seen = {
        who: titles_seen_by(user)
        for who, user in [("nobody", AnonymousUser()), ("member", member.user), ("secretary", secretary)]
    }

    assert seen == {
        "nobody": {"公开"},
        "member": {"公开", "登录可见", "本支部", "全党委"},
        "secretary": {"公开", "登录可见", "书记"},
    }


def test_viewer_of_moved_member_loses_the_old_branch():
    committee = make_committee()
    old, new = make_branch(committee), make_branch(committee)
    member = make_member(old)
    before = viewer_of(member.user).tokens

    move_member(member, new)

    after = viewer_of(member.user).tokens
    assert (f"ou:{old.pk}" in before, f"ou:{old.pk}" in after, f"ou:{new.pk}" in after) == (True, False, True)
    assert list(Membership.objects.filter(member=member).values_list("organisation_id", "until")) == [
        (old.pk, today()),
        (new.pk, None),
    ]


def test_enter_member_into_dissolved_branch_is_refused():
    branch = make_branch(ended_on=today())

    with pytest.raises(OrganisationEnded, match=branch.name):
        enter_member("林晓", branch)


def test_viewer_of_unknown_person_is_anonymous():
    assert viewer_of(None) is ANONYMOUS


@pytest.mark.parametrize("grants", [1, 3])
def test_viewer_of_takes_a_fixed_number_of_queries(grants, django_assert_num_queries):
    committee = make_committee()
    member = make_member(make_branch(committee))
    for _ in range(grants):
        RoleGrant.objects.create(user=member.user, role="editor", organisation=make_branch(committee))

    with django_assert_num_queries(3):
        viewer_of(member.user)


def test_a_suspended_member_keeps_the_file_and_loses_what_comes_with_membership():
    member = make_member(make_branch())
    Member.objects.filter(pk=member.pk).update(stage=Member.Stage.SUSPENDED)
    user = User.objects.get(pk=member.user_id)

    assert member_of(user) == member
    assert home_of(user) is None
    assert viewer_of(user).tokens == {"public", "member"}
    assert scopes_of(user) == ()
