"""Leading bodies in the table of the register: they come out, come back, and change."""

import datetime as dt

import pytest

from portal.organisations.domain.members import enter_member
from portal.organisations.domain.register.exporting import export_register
from portal.organisations.domain.register.importing import import_register
from portal.organisations.domain.terms import appoint, elect
from portal.organisations.models import Member, Membership, Organisation, Post, Term
from portal.shared.sheets import open_table
from tests.factories import make_branch
from tests.portal.organisations.tables import CHANGE, bring_in, forget_the_register

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def leading(row, leaders="", since="", until=""):
    """A row of the table for an organisation that stands, with its leading body."""
    parent = row.get_parent()
    above = parent.code if parent is not None else ""
    return (row.code, above, row.get_kind_display(), row.name, row.short_name, "", *[""] * 5, leaders, since, until)


def posts(row):
    held = Post.objects.filter(organisation=row, ended_on__isnull=True).order_by("pk")
    return [(post.kind, post.member.name, post.since) for post in held]


def test_leaders_and_term_come_out_and_come_back_as_they_were(ours):
    one, two = make_branch(ours, "甲一支部"), make_branch(ours, "甲二支部")
    secretary, namesake, twin = (enter_member("王芳", row) for row in (one, two, two))
    other = enter_member("李四", one)
    on = dt.date(2025, 7, 1)
    elect(one, [(secretary, "secretary"), (other, "organisation_commissioner")], on=on)
    elect(ours, [(namesake, "secretary"), (other, "deputy_secretary")], on=on)
    appoint(two, twin, "secretary", on=on)
    content = export_register(None, file_format="csv")
    cells = {row[0]: row[11:] for _number, row in open_table(content).rows()}

    outcome = import_register(content, paths=None, change=CHANGE, dry_run=False)

    assert cells[one.code] == ["书记：王芳；组织委员：李四", "2025-07-01", "2028-07-01"]
    assert cells[ours.code][0] == f"书记：王芳@{two.code}#{str(namesake.uid)[-12:]}；副书记：李四"
    assert cells[two.code] == [f"书记：王芳@{two.code}#{str(twin.uid)[-12:]}", "", ""]
    assert (outcome.changed, outcome.same, outcome.problems, outcome.notes) == (0, 3, [], [])
    assert export_register(None, file_format="csv") == content


def test_leaders_come_in_elsewhere_once_the_members_are_there(ours):
    branch = make_branch(ours, "甲一支部")
    member = enter_member("王芳", branch)
    elect(branch, [(member, "secretary")], on=dt.date(2025, 7, 1))
    content = export_register(None, file_format="csv")
    Post.objects.all().delete()
    Membership.objects.all().delete()
    Member.objects.all().delete()
    forget_the_register()

    first = import_register(content, paths=None, change=CHANGE, dry_run=False)
    enter_member("王芳", Organisation.objects.get(name="甲一支部"), since=dt.date(2025, 1, 1))
    second = import_register(content, paths=None, change=CHANGE, dry_run=False)

    assert (first.founded, first.elected, first.problems) == (2, 0, [])
    assert [(note.row, note.column, "王芳" in note.text) for note in first.notes] == [(3, "班子成员", True)]
    assert (second.changed, second.elected, second.notes) == (1, 1, [])
    assert export_register(None, file_format="csv") == content


def test_leaders_changed_within_a_term_are_appointed_and_relieved(ours):
    branch = make_branch(ours, "甲一支部")
    old, new = enter_member("王芳", branch), enter_member("李四", branch)
    elect(branch, [(old, "secretary"), (new, "publicity_commissioner")], on=dt.date(2025, 7, 1))

    outcome = bring_in(leading(branch, "书记：李四；宣传委员：李四", "2025-07-01"))

    assert (outcome.appointed, outcome.relieved, outcome.elected, outcome.same) == (1, 1, 0, 0)
    assert posts(branch) == [("publicity_commissioner", "李四", dt.date(2025, 7, 1)), ("secretary", "李四", CHANGE.on)]
    assert Post.objects.get(organisation=branch, member=old).ended_on == CHANGE.on


def test_a_later_start_of_the_term_is_an_election(ours):
    branch = make_branch(ours, "甲一支部")
    old, new = enter_member("王芳", branch), enter_member("李四", branch)
    elect(branch, [(old, "secretary")], on=dt.date(2022, 7, 1))

    rehearsed = bring_in(leading(branch, "书记：李四", "2025-07-01", "2028-06-30"), dry_run=True)
    before = posts(branch)
    outcome = bring_in(leading(branch, "书记：李四", "2025-07-01", "2028-06-30"))

    assert (rehearsed.elected, before) == (1, [("secretary", "王芳", dt.date(2022, 7, 1))])
    assert (outcome.elected, posts(branch)) == (1, [("secretary", "李四", dt.date(2025, 7, 1))])
    assert Term.objects.get(organisation=branch, ended_on__isnull=True).until == dt.date(2028, 6, 30)
    assert Post.objects.get(member=new).organisation == branch


def test_empty_cells_leave_the_leading_body_alone(ours):
    branch = make_branch(ours, "甲一支部")
    elect(branch, [(enter_member("王芳", branch), "secretary")], on=dt.date(2025, 7, 1))

    outcome = bring_in(leading(branch))

    assert (outcome.changed, outcome.same) == (0, 1)


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        (["支书：王芳"], "班子成员", "不清楚"),
        (["王芳"], "班子成员", "不清楚"),
        (["书记：王芳、王芳"], "班子成员", "写了两次"),
        (["书记：李四"], "班子成员", "有几位李四"),
        (["书记：王芳", "2020-01-01"], "本届起始", "登记的是 2025-07-01"),
        (["书记：王芳", "2025-07-01", "2030-01-01"], "届满日期", "登记的是 2028-07-01"),
        (["", "2026-01-01"], "班子成员", "换届要写明"),
        (["书记：王芳", "2999-01-01"], "", "还没有到"),
        (["书记：王芳", "一号"], "本届起始", "日期要写成"),
    ],
)
def test_wrong_leaders_are_named_and_nothing_is_written(ours, cells, column, said):
    branch = make_branch(ours, "甲一支部")
    elect(branch, [(enter_member("王芳", branch), "secretary")], on=dt.date(2025, 7, 1))
    enter_member("李四", branch)
    enter_member("李四", branch)

    outcome = bring_in(leading(branch, *cells), ("N1", ours.code, "党支部", "新支部"))

    assert [(problem.row, problem.column) for problem in outcome.problems] == [(2, column)]
    assert said in outcome.problems[0].text
    assert not Organisation.objects.filter(code="N1").exists()


def test_leaders_of_elsewhere_do_not_count_as_on_file(ours):
    branch, other = make_branch(ours, "甲一支部"), make_branch(ours, "甲二支部")
    enter_member("王芳", other)

    outcome = bring_in(leading(branch, "书记：王芳"))

    assert (len(outcome.notes), posts(branch)) == (1, [])
