"""The register as one table: what comes in, what goes out, and that both are the same."""

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.ground.clock import now
from portal.ground.jobs import run_due_jobs
from portal.organisations.domain.history import Change
from portal.organisations.domain.members import enter_member
from portal.organisations.domain.register import runs
from portal.organisations.domain.register.exporting import empty_register, export_register
from portal.organisations.domain.register.importing import import_register
from portal.organisations.domain.register.reading import ImportRefused
from portal.organisations.domain.terms import appoint, elect
from portal.organisations.domain.tree import describe_organisation, found_organisation
from portal.organisations.models import (
    Member,
    Membership,
    Organisation,
    OrganisationEvent,
    OrganisationEventPart,
    OrganisationState,
    Post,
    RegisterImport,
    RoleGrant,
    Term,
)
from portal.shared.sheets import open_table, write_csv, write_xlsx
from tests.factories import make_branch, make_committee, make_staff
from tests.portal.organisations.conftest import BACKEND

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def table(*rows, form="csv"):
    target = io.BytesIO()
    heading = [*HEADING, "班子成员", "本届起始", "届满日期"]
    lines = [heading, *(list(row) + [""] * (len(heading) - len(row)) for row in rows)]
    if form == "csv":
        write_csv(lines, target)
    else:
        write_xlsx("组织", lines, target, columns=len(heading))
    return target.getvalue()


HEADING = ["组织编码", "上级编码", "类别", "名称", "简称", "成立日期", "地址", "联系方式", "经度", "纬度", "简介"]
CHANGE = Change(dt.date(2026, 3, 1), "甲党〔2026〕3号")


def forget_the_register():
    for model in (Post, Term, OrganisationEventPart, OrganisationEvent, OrganisationState, Organisation):
        model.objects.all().delete()


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


# --- leading bodies ---------------------------------------------------------------------------------------------------


def leading(row, leaders="", since="", until=""):
    """A row of the table for an organisation that stands, with its leading body."""
    parent = row.get_parent()
    above = parent.code if parent is not None else ""
    return (row.code, above, row.get_kind_display(), row.name, row.short_name, "", *[""] * 5, leaders, since, until)


def bring_in(*rows, dry_run=False):
    return import_register(table(*rows), paths=None, change=CHANGE, dry_run=dry_run)


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


# --- the run of an upload ---------------------------------------------------------------------------------------------

TOLD = {"on": "2026-03-01", "document_number": "甲党〔2026〕3号", "note": ""}


def send(client, content, name="t.csv"):
    return client.post(reverse("organisations:import"), {**TOLD, "file": SimpleUploadedFile(name, content)})


def test_an_upload_is_looked_through_then_asked_then_brought_in(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    waiting = client.get(sent.url)
    run_due_jobs()
    asked = client.get(sent.url).content.decode()
    there = Organisation.objects.filter(code="N1").exists()
    client.post(sent.url)
    applying = client.get(sent.url)
    run_due_jobs()
    done = client.get(sent.url)

    assert (waiting["Refresh"], applying["Refresh"], "Refresh" in done) == ("2", "2", False)
    assert "成立 1 个" in asked
    assert "确认导入" in asked
    assert (there, Organisation.objects.get(code="N1").get_parent()) == (False, ours)
    assert "确认导入" not in done.content.decode()
    run = RegisterImport.objects.get()
    assert (run.state, run.path) == ("done", "")


def test_an_upload_with_problems_cannot_be_confirmed(client, ours, admin):
    sent = send(client, table(("N1", "没有", "党支部", "新支部")))
    run_due_jobs()
    page = client.get(sent.url).content.decode()
    client.post(sent.url)
    run_due_jobs()

    assert "没有找到上级编码" in page
    assert "确认导入" not in page
    assert RegisterImport.objects.get().state == "checked"


def test_what_changed_since_the_check_brings_the_question_back(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    run_due_jobs()
    client.post(sent.url)
    found_organisation(code="Z9", name="别处", kind="committee", parent=None)
    Organisation.objects.filter(code="Z9").update(code="N1")
    run_due_jobs()

    page = client.get(sent.url).content.decode()
    assert "N1 已经用过" in page
    assert RegisterImport.objects.get().state == "checked"


def test_an_import_goes_no_further_for_one_who_lost_the_right(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    RoleGrant.objects.filter(user=admin).delete()
    run_due_jobs()

    run = RegisterImport.objects.get()
    assert (run.state, "您已不能管理组织" in run.note) == ("refused", True)
    assert client.get(sent.url).status_code in {403, 404}


def test_nobody_else_sees_an_upload(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    client.force_login(make_staff("admin", ours), backend=BACKEND)

    assert client.get(sent.url).status_code == 404
    assert client.post(sent.url).status_code == 404


def test_an_upload_that_is_no_table_says_so(client, ours, admin):
    empty = send(client, b"")
    none = client.post(reverse("organisations:import"), TOLD)
    broken = send(client, b"PK\x03\x04 broken", "t.xlsx")
    run_due_jobs()

    assert "文件是空的" in empty.content.decode()
    assert "请选择文件" in none.content.decode()
    assert RegisterImport.objects.get().state == "refused"
    assert "文件打不开" in client.get(broken.url).content.decode() or RegisterImport.objects.get().note


def test_a_run_that_was_broken_off_is_done_once(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    run_due_jobs()
    client.post(sent.url)
    uid = str(RegisterImport.objects.get().uid)

    with pytest.raises(ZeroDivisionError):
        runs.work(uid, lambda percent, note: 1 // 0)
    broken_off = Organisation.objects.filter(code="N1").exists()
    runs.work(uid, lambda percent, note: None)
    runs.work(uid, lambda percent, note: None)

    assert (broken_off, Organisation.objects.filter(code="N1").count()) == (False, 1)


def test_old_uploads_are_cleared_away(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    run_due_jobs()
    RegisterImport.objects.update(made_at=now() - dt.timedelta(days=8))

    assert runs.clear_away() == 1
    assert RegisterImport.objects.get().state == "dropped"
    client.post(sent.url)
    assert RegisterImport.objects.get().state == "dropped"
