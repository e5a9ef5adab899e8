"""What is kept about a person here: where the person belonged, posts, and what the person was allowed to do."""

from __future__ import annotations

from collections.abc import Iterable

from portal.ground.personal import Erased, Person, Table
from portal.organisations.models import Member, Membership, Post, RoleGrant

ERASED_NAME = "（已删除）"


def export(person: Person) -> Iterable[Table]:
    """The member as registered, memberships, posts, grants."""
    files = Member.objects.select_related("organisation")
    member = files.filter(uid=person.member_uid).first() if person.member_uid is not None else None
    if member is not None:
        joined = member.joined_on.isoformat() if member.joined_on else None
        row = {
            "name": member.name,
            "organisation": member.organisation.name,
            "stage": str(member.get_stage_display()),
            "joined_on": joined,
        }
        columns = {"name": "姓名", "organisation": "所在组织", "stage": "人员类别", "joined_on": "入党日期"}
        yield Table("member", "党员登记", columns, [row])
        stays = Membership.objects.filter(member=member).order_by("since", "pk")
        yield Table(
            "memberships",
            "组织关系",
            {"organisation": "组织", "since": "自", "until": "至"},
            [
                {"organisation": name, "since": since.isoformat(), "until": until.isoformat() if until else None}
                for name, since, until in stays.values_list("organisation__name", "since", "until")
            ],
        )
        posts = Post.objects.filter(member=member).select_related("organisation").order_by("since", "pk")
        yield Table(
            "posts",
            "职务",
            {"organisation": "组织", "post": "职务", "since": "任职日期", "ended_on": "离任日期"},
            [
                {
                    "organisation": post.organisation.name,
                    "post": str(post.get_kind_display()),
                    "since": post.since.isoformat(),
                    "ended_on": post.ended_on.isoformat() if post.ended_on else None,
                }
                for post in posts
            ],
        )
    if person.user_id is not None:
        grants = RoleGrant.objects.filter(user_id=person.user_id).select_related("organisation").order_by("pk")
        yield Table(
            "grants",
            "授权",
            {"role": "角色", "organisation": "范围", "valid_from": "生效", "valid_to": "到期"},
            [
                {
                    "role": str(grant.get_role_display()),
                    "organisation": grant.organisation.name,
                    "valid_from": grant.valid_from.isoformat(),
                    "valid_to": grant.valid_to.isoformat() if grant.valid_to else None,
                }
                for grant in grants
            ],
        )


def erase(person: Person) -> Erased:
    """The name, the date of joining and the tie to the login go; grants too. That somebody belonged and held a post stays."""
    rows = 0
    if person.member_uid is not None:
        rows += Member.objects.filter(uid=person.member_uid).update(name=ERASED_NAME, joined_on=None, user=None)
    if person.user_id is not None:
        rows += RoleGrant.objects.filter(user_id=person.user_id).delete()[0]
    return Erased(rows, "组织关系和任职的起止日期保留，其中没有姓名。")
