"""The register as one table: what comes in, what goes out, and that both are the same."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.organisations.domain.register.exporting import empty_register, export_register
from portal.organisations.domain.register.importing import import_register
from portal.organisations.domain.register.reading import ImportRefused
from portal.organisations.domain.tree import describe_organisation, found_organisation
from portal.organisations.models import Organisation, OrganisationEvent
from portal.shared.sheets import open_table
from tests.factories import make_branch, make_committee
from tests.portal.organisations.tables import CHANGE, forget_the_register, table

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def whole_tree():
    """1 committee, 18 general branches, 121 branches, in no order."""
    rows = [("Y", "", "党委", "中共远山工务机械段委员会", "", "2011-08-01")]
    rows += [(f"Y{n:02}", "Y", "党总支", f"第{n}车间党总支", "", "2011-08-01") for n in range(1, 19)]
    rows += [
        (f"Y{n % 18 + 1:02}{n:03}", f"Y{n % 18 + 1:02}", "党支部", f"{n}班党支部", f"{n}班", "2005-07-01")
        for n in range(121)
    ]
    return rows[::-1]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_import_whole_tree_from_one_sheet(form):
    content = table(*whole_tree(), form=form)

    rehearsed = import_register(content, paths=None, change=CHANGE, dry_run=True)
    nothing = Organisation.objects.count()
    done = import_register(content, paths=None, change=CHANGE, dry_run=False)

    assert (rehearsed.founded, rehearsed.problems, rehearsed.written, nothing) == (140, [], False, 0)
    assert (done.founded, done.written) == (140, True)
    kinds = {kind: Organisation.objects.filter(kind=kind).count() for kind in ("committee", "general_branch", "branch")}
    assert kinds == {"committee": 1, "general_branch": 18, "branch": 121}
    assert Organisation.objects.get(name="5班党支部").founded_on == dt.date(2005, 7, 1)
    assert Organisation.find_problems() == ([], [], [], [], [])


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_export_and_import_again_changes_nothing(form):
    import_register(table(*whole_tree()), paths=None, change=CHANGE, dry_run=False)
    branch = Organisation.objects.get(name="5班党支部")
    describe_organisation(
        branch, address="=1+1", contact="@甲", introduction="第一行\n-第二行", latitude="30.5", longitude="-120.123456"
    )
    content = export_register(None, file_format=form)

    outcome = import_register(content, paths=None, change=CHANGE, dry_run=False)

    assert (outcome.same, outcome.changed, outcome.problems) == (140, 0, [])
    assert export_register(None, file_format=form) == content or form == "xlsx"
    cells = [cell for _number, row in open_table(content).rows() for cell in row]
    assert "'=1+1" in cells
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_export_rebuilds_the_same_tree_elsewhere():
    import_register(table(*whole_tree()), paths=None, change=CHANGE, dry_run=False)
    content = export_register(None, file_format="csv")
    before = list(open_table(content).rows())
    forget_the_register()

    import_register(content, paths=None, change=CHANGE, dry_run=False)

    assert list(open_table(export_register(None, file_format="csv")).rows()) == before


def test_import_aligns_what_is_known(ours):
    one = make_branch(ours, "甲总支", kind="general_branch")
    two = make_branch(ours, "乙总支", kind="general_branch")
    branch = make_branch(one, "旧名")

    outcome = import_register(
        table((branch.code, two.code, "联合党支部", "新名", "", "2015-07-01", "检修路")),
        paths=None,
        change=CHANGE,
        dry_run=False,
    )

    assert (outcome.renamed, outcome.reclassified, outcome.moved, outcome.described) == (1, 1, 1, 1)
    row = Organisation.objects.get(pk=branch.pk)
    assert (row.name, row.kind, row.get_parent(), row.address) == ("新名", "joint_branch", two, "检修路")
    assert set(OrganisationEvent.objects.filter(organisation=branch).values_list("kind", "document_number")) == {
        ("founded", ""),
        ("renamed", CHANGE.document_number),
        ("reclassified", CHANGE.document_number),
        ("moved", CHANGE.document_number),
    }


def test_import_names_every_wrong_row_and_writes_nothing(ours):
    content = table(
        ("A1", ours.code, "党支部", "好的"),
        ("A2", ours.code, "党之部", "类别不对"),
        ("A3", "不存在", "党支部", "上级不对"),
        ("A4", "A3", "党小组", "上级那行有错"),
        ("A1", ours.code, "党支部", "编码重复"),
        ("A6", ours.code, "党支部", ""),
        ("A7", ours.code, "党支部", "日期不对", "", "2026-13-01"),
        ("A8", ours.code, "党支部", "未来", "", "2999-01-01"),
        ("A9", ours.code, "党支部", "经度不对", "", "", "", "", "181", "30"),
        ("B1", ours.code, "党支部", "只有经度", "", "", "", "", "120", ""),
        ("C1", "C2", "党支部", "圈一"),
        ("C2", "C1", "党支部", "圈二"),
        ("甲", ours.code, "党支部", "编码不对"),
        (ours.code, "", "党委", ours.name, "", "2014-01-01"),
    )
    before = Organisation.objects.count()

    outcome = import_register(content, paths=None, change=CHANGE, dry_run=False)

    found = {(problem.row, problem.column) for problem in outcome.problems}
    assert found == {
        (3, "类别"),
        (4, "上级编码"),
        (5, "上级编码"),
        (6, "组织编码"),
        (7, "名称"),
        (8, "成立日期"),
        (9, ""),
        (10, "经度"),
        (11, ""),
        (12, "上级编码"),
        (13, "上级编码"),
        (14, ""),
        (15, "成立日期"),
    }
    assert (outcome.written, Organisation.objects.count()) == (False, before)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 broken",
        "编码,名称\r\n1,2".encode(),
        "组织编码,类别,名称,名称\r\n".encode(),
        b"\x00\x01\x02\xff\xfe",
    ],
)
def test_import_of_what_is_no_such_table_is_refused(content):
    with pytest.raises(ImportRefused):
        import_register(content, paths=None, change=CHANGE, dry_run=True)


def test_import_stays_in_the_own_subtree(ours):
    theirs = make_branch(make_committee("乙公司党委"), "乙一支部")
    general = make_branch(ours, "甲总支", kind="general_branch")
    content = table(
        (theirs.code, general.code, "党支部", "拿过来"),
        ("N1", theirs.get_parent().code, "党支部", "塞进去"),
        ("N2", "", "党委", "另立"),
        (general.code, "", "党总支", "甲总支", "", "2015-07-01"),
    )

    outcome = import_register(content, paths=[general.path], change=CHANGE, dry_run=False)

    assert [problem.row for problem in outcome.problems] == [2, 3, 4, 5]
    assert Organisation.objects.get(pk=theirs.pk).name == "乙一支部"


def test_export_page_and_template_give_tables(client, ours, admin):
    make_branch(ours, "甲一支部")
    make_branch(make_committee("乙公司党委"), "乙一支部")

    sheet = client.get(reverse("organisations:export"))
    rows = [cells for _number, cells in open_table(sheet.content).rows()]
    template = [cells for _number, cells in open_table(client.get(reverse("organisations:template")).content).rows()]

    assert [row[3] for row in rows] == ["名称", "甲公司党委", "甲一支部"]
    assert template[0] == rows[0]
    assert "attachment" in sheet["Content-Disposition"]


def test_template_is_itself_a_good_table(ours):
    found_organisation(code="D01", name="党委", kind="committee", parent=None, founded_on=dt.date(2015, 1, 1))

    assert import_register(empty_register(), paths=None, change=CHANGE, dry_run=True).problems == []


def test_a_table_asks_no_query_more_a_row_for_what_is_as_it_was(ours):
    for number in range(3):
        make_branch(ours, f"甲{number}支部")
    content = export_register(None, file_format="csv")
    with CaptureQueriesContext(connection) as few:
        import_register(content, paths=None, change=CHANGE, dry_run=True)
    for number in range(9):
        make_branch(ours, f"乙{number}支部")
    content = export_register(None, file_format="csv")
    with CaptureQueriesContext(connection) as many:
        import_register(content, paths=None, change=CHANGE, dry_run=True)

    assert len(few) == len(many)
