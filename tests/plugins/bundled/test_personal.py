"""What the bundled plugins hold about a person, and what of it stays when the person is erased."""

import datetime as dt
import uuid

import pytest
from django.db import connection

from plugins.bundled.disclosure.domain.flow import propose_item, return_item
from plugins.bundled.disclosure.models import Item
from plugins.bundled.points.domain.ledger import credit_points
from plugins.bundled.points.domain.queries import balance_of, sum_of_all_balances
from plugins.bundled.points.models import Rule
from plugins.bundled.quizzes.domain.taking import submit
from plugins.bundled.quizzes.models import Attempt
from portal.ground.personal import Person
from portal.members.domain.downloads import held_about, person_of_user
from portal.members.domain.erasing import erase_person
from portal.organisations.models import Member
from tests.factories import make_branch, make_member, make_staff
from tests.plugins.bundled.disclosure.makers import make_item
from tests.plugins.bundled.quizzes.makers import RIGHT, answers_of, make_paper
from tests.portal.members.makers import full_file

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)


def tables_of(person, plugin):
    part = next(part for part in held_about(person) if part.name == f"plugins.{plugin}")
    return {table.name: [dict(row) for row in table.rows] for table in part.tables}


def take(member, paper, *letters):
    return submit(paper=paper, member_uid=member.uid, submission_uid=uuid.uuid4(), chosen=answers_of(paper, *letters))


def give_points(member, amount=5):
    rule = Rule.objects.create(code="tests.deed", label="做了一件事", points=amount, source="试验")
    return credit_points(rule=rule, member_uid=member.uid, event_key=f"k:{member.uid}", about="好事", occurred_at=AT)


def test_quizzes_give_each_attempt_and_each_answer_of_this_member_alone():
    paper = make_paper()
    member, other = make_member(make_branch()), make_member(make_branch())
    take(member, paper, *RIGHT)
    take(member, paper, "A", "A", "A")
    take(other, paper, *RIGHT)

    tables = tables_of(person_of_user(member.user), "quizzes")

    assert [(row["number"], row["points"], row["passed"]) for row in tables["attempts"]] == [
        (1, 25, "是"),
        (2, 0, "否"),
    ]
    assert [(row["question"], row["given"]) for row in tables["answers"][:3]] == [
        ("单选题干", "B"),
        ("多选题干", "AC"),
        ("判断题干", "B"),
    ]


def test_points_give_each_transfer_with_its_reason():
    member = make_member(make_branch())
    give_points(member)
    give_points_to_another = make_member(make_branch())
    credit_points(
        rule=Rule.objects.get(), member_uid=give_points_to_another.uid, event_key="k2", about="", occurred_at=AT
    )

    (row,) = tables_of(person_of_user(member.user), "points")["transfers"]

    assert (row["rule"], row["about"], row["points"], row["source"]) == ("做了一件事", "好事", 5, "试验")


def test_disclosure_gives_what_the_person_proposed_and_checked():
    branch = make_branch()
    secretary, reviewer = make_staff("secretary", branch), make_staff("reviewer", branch)
    item = propose_item(make_item(branch), secretary)
    return_item(item, reviewer, reason="缺少期间")

    proposed = tables_of(person_of_user(secretary), "disclosure")["items"]
    checked = tables_of(person_of_user(reviewer), "disclosure")["items"]

    assert [(row["title"], row["part"], row["reason"]) for row in proposed] == [("三季度党费公示", "提出", "")]
    assert [(row["part"], row["reason"]) for row in checked] == [("审查", "缺少期间")]


def test_erasing_keeps_ledger_and_attempts_without_a_name_and_says_so():
    member = full_file(make_branch(), name="欧阳明镜")
    take(member, make_paper(), *RIGHT)
    give_points(member)
    item = make_item(member.organisation)
    Item.objects.filter(pk=item.pk).update(proposed_by=member.user)
    Member.objects.filter(pk=member.pk).update(stage=Member.Stage.LEFT)

    erasure = erase_person(Member.objects.get(pk=member.pk), actor=None, reason="本人要求删除")

    assert erasure.done_at is not None
    assert "答卷" in erasure.done["plugins.quizzes"]["kept"]
    assert "积分流水" in erasure.done["plugins.points"]["kept"]
    assert erasure.done["plugins.disclosure"]["rows"] == 1
    assert Item.objects.get().proposed_by is None
    assert Attempt.objects.filter(member_uid=member.uid).count() == 1
    assert (balance_of(member.uid), sum_of_all_balances()) == (5, 0)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            if table.startswith(("quizzes_", "points_", "disclosure_")):
                cursor.execute(f'SELECT * FROM "{table}"')
                assert "欧阳明镜" not in str(cursor.fetchall()), table


def test_person_of_whom_nothing_is_kept_is_told_of_nothing_that_stays():
    from plugins.bundled.points.domain import personal as points
    from plugins.bundled.quizzes.domain import personal as quizzes

    nobody = Person(uuid.uuid4())

    assert [points.erase(nobody).kept, quizzes.erase(nobody).kept] == ["", ""]
