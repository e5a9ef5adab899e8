"""Import and export: hostile files, errors one can act on, all or nothing, and the way back."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.ground.jobs import run_due_jobs
from portal.members.domain.exporting import ask_export, template
from portal.members.domain.fields import FIELDS
from portal.members.domain.importing import running
from portal.members.domain.importing.mapping import WrongMapping, guess
from portal.members.domain.queries import Wanted
from portal.members.domain.storing import stored
from portal.members.models import AccessEntry, ImportRun, MemberFile, StagedRow
from portal.notices.domain import tasks_of
from portal.notices.models import Task
from portal.organisations.models import Member, Membership
from portal.records.models import AuditLine, Seal
from portal.shared import sheets
from portal.shared.sheets import UnreadableTable, neutral, open_table, original, write_csv, write_xlsx
from tests.factories import make_branch, make_committee, make_staff
from tests.portal.members.makers import BACKEND, csv_table, full_file, id_number, make_file, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HEADS = ["姓名", "身份证号", "联系电话", "所在组织编码", "入党日期", "转正日期"]


@pytest.fixture
def branch():
    return make_branch(make_committee("甲公司党委"), "检修一班党支部")


@pytest.fixture
def admin(branch):
    return make_staff("admin", branch.get_parent(), display_name="吴管理")


def cells_of(content):
    return [cells for _number, cells in open_table(content).rows()]


def checked(user, content, name="名单.csv"):
    """A run after its dry run."""
    run = running.upload(user, name, content)
    running.start_check(run, run.mapping)
    run_due_jobs()
    run.refresh_from_db()
    return run


def brought_in(user, content, name="名单.csv"):
    run = checked(user, content, name)
    assert run.state == "checked", run.note
    running.start_apply(run)
    run_due_jobs()
    run.refresh_from_db()
    return run


def said(run):
    return [(problem.row, problem.column, problem.advice) for problem in run.problems.all()]


def good_row(branch, name="林晓", **fields):
    values = {
        "number": id_number(),
        "phone": "13912345678",
        "code": branch.code,
        "joined": "2012-07-01",
        "full": "2013-07-01",
        **fields,
    }
    return [name, *values.values()]


# --- reading tables ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encodings_people_use(encoding):
    assert cells_of(csv_table(["姓名", "工号"], ["林晓", "01"], encoding=encoding)) == [
        ["姓名", "工号"],
        ["林晓", "01"],
    ]


def test_xlsx_of_a_common_library_is_read_as_text():
    book = openpyxl.Workbook()
    book.active.append(["姓名", "工号", "日期"])
    book.active.append(["林晓", 12345, dt.date(2015, 7, 1)])
    target = io.BytesIO()
    book.save(target)

    assert cells_of(target.getvalue()) == [["姓名", "工号", "日期"], ["林晓", "12345", "42186"]]


def test_what_we_write_is_read_by_a_common_library():
    target = io.BytesIO()
    write_xlsx("名单", [["姓名", "工号"], ["林 <晓> & 'x", "=1+1"]], target, columns=2)

    sheet = openpyxl.load_workbook(io.BytesIO(target.getvalue())).active

    assert [[cell.value for cell in row] for row in sheet.rows] == [["姓名", "工号"], ["林 <晓> & 'x", "'=1+1"]]
    assert sheet["B2"].data_type == "s"
    assert sheet["B2"].number_format == "@"


@pytest.mark.parametrize(
    "value", ["=1", "+1", "-1", "@a", "\tx", "＝1", "＋1", "－1", "＠a", "  =1", "'x", "''", "平常", ""]
)
def test_formulas_are_neutral_and_come_back_as_they_were(value):
    assert neutral(value).lstrip()[:1] not in set("=+-@\t\r\n＝＋－＠")
    assert original(neutral(value)) == value


BOMB = "A" * 20_000_000


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "旧格式"),
        (b"PK\x03\x04 not a zip", "已损坏"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "认不出"),
        (workbook("", extra={"xl/vbaProject.bin": b"x"}), "宏"),
        (workbook("", extra={f"x/{n}": b"" for n in range(2100)}), "过大"),
        (workbook('<row r="1"><c r="A1" t="s"><v>5</v></c></row>'), "已损坏"),
        (workbook("<row>"), "已损坏"),
        (workbook("", extra={"xl/workbook.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "已损坏"),
        (workbook('<row r="900000"><c r="A900000"><v>1</v></c></row>'), "200000 行"),
        (b'a,"b\nc' + b"x" * 200_000, "引号"),
    ],
)  # fmt: skip
def test_hostile_files_get_a_sentence(content, sentence):
    with pytest.raises(UnreadableTable, match=sentence):
        cells_of(content)


def test_a_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_UNPACKED_BYTES", 1_000_000)
    content = workbook("", extra={"xl/media/image1.png": BOMB.encode()})
    assert len(content) < 100_000

    with pytest.raises(UnreadableTable, match="展开后过大"):
        open_table(content)


def test_a_truncated_workbook_gets_a_sentence():
    content = workbook("".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 3000)))

    for length in range(0, len(content), max(len(content) // 40, 1)):
        with pytest.raises(UnreadableTable):
            cells_of(content[:length])


def test_upload_page_says_what_is_wrong_and_keeps_nothing(client, admin):
    client.force_login(admin, backend=BACKEND)

    for content in (b"", b"PK\x03\x04", b"\0\1\2", b"\xd0\xcf\x11\xe0"):
        answer = client.post("/members/import/", {"file": SimpleUploadedFile("名单.xlsx", content)})
        assert answer.status_code == 200
        assert answer.context["form"].errors["file"]
    assert not ImportRun.objects.exists()


def test_a_file_over_the_limit_is_refused(client, admin, monkeypatch):
    from portal.members.web import importing

    monkeypatch.setattr(importing, "MAX_BYTES", 1000)
    client.force_login(admin, backend=BACKEND)

    answer = client.post("/members/import/", {"file": SimpleUploadedFile("名单.csv", b"a" * 1001)})

    assert "请分成几个文件" in str(answer.context["form"].errors["file"])


# --- columns ----------------------------------------------------------------------------------------------------------
def test_headings_are_guessed_as_registers_write_them():
    heads = [
        "序号",
        "姓 名",
        "性别",
        "公民身份号码*",
        "出生年月日",
        "手机号码（必填）",
        "所在党组织编码",
        "加入党组织日期",
        "Education",
    ]

    assert guess(heads) == {
        "1": "name", "2": "gender", "3": "id_number", "4": "born_on", "5": "phone", "6": "organisation", "7": "joined_on",
        "8": "education",
    }  # fmt: skip


def test_a_title_above_the_heading_is_passed_over(admin, branch):
    content = csv_table(["甲公司党员名册", "", ""], [""], HEADS, good_row(branch))

    run = checked(admin, content)

    assert (run.header_row, run.new_count, run.error_count) == (3, 1, 0)


def test_a_file_without_known_headings_can_be_mapped_by_hand(admin, branch):
    run = running.upload(admin, "a.csv", csv_table(["甲", "乙"], ["林晓", branch.code]))
    with pytest.raises(WrongMapping, match="姓名、所在组织编码"):
        running.start_check(run, run.mapping)

    running.start_check(run, {"0": "name", "1": "organisation"})
    run_due_jobs()

    run.refresh_from_db()
    assert (run.state, run.new_count) == ("checked", 1)


def test_one_thing_in_two_columns_is_refused(admin, branch):
    run = running.upload(admin, "a.csv", csv_table(HEADS, good_row(branch)))

    with pytest.raises(WrongMapping, match="不止一列"):
        running.start_check(run, {**run.mapping, "2": "name"})


def test_samples_on_the_page_cover_numbers(client, admin, branch):
    row = good_row(branch)
    run = running.upload(admin, "a.csv", csv_table(HEADS, row))
    client.force_login(admin, backend=BACKEND)

    page = client.get(f"/members/import/{run.uid}/").content.decode()

    assert "林晓" in page
    assert row[1] not in page
    assert row[2] not in page


# --- rows -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "column", "advice"),
    [
        ({"number": "110105194912310021"}, "身份证号", "校验位"),
        ({"number": "1.1E+17"}, "身份证号", "当成了数字"),
        ({"phone": "12345"}, "联系电话", "11 位手机号"),
        ({"code": "没有"}, "所在组织编码", "没有这个组织编码"),
        ({"joined": "2012年"}, "入党日期", "看不懂"),
        ({"joined": "2212-01-01"}, "入党日期", "1900 年至 2100 年"),
        ({"full": "2011-01-01"}, "转正日期", "早于入党日期"),
        ({"name": ""}, "姓名", "不能空着"),
    ],
)
def test_a_bad_cell_is_named_with_what_to_do(admin, branch, changes, column, advice):
    name = changes.pop("name", "林晓")

    run = checked(admin, csv_table(HEADS, good_row(branch), good_row(branch, name, **changes)))

    ((row, where, what),) = [problem for problem in said(run) if problem[1] == column]
    assert (row, where) == (3, column)
    assert advice in what
    assert run.error_count == 1


def test_nothing_is_written_while_there_is_an_error(client, admin, branch):
    run = checked(admin, csv_table(HEADS, good_row(branch), good_row(branch, phone="1")))
    client.force_login(admin, backend=BACKEND)

    with pytest.raises(running.WrongState):
        running.start_apply(run)
    client.post(f"/members/import/{run.uid}/apply/")
    run_due_jobs()

    assert not Member.objects.exists()


def test_errors_do_not_repeat_whole_numbers(admin, branch):
    run = checked(admin, csv_table(HEADS, good_row(branch, number="110105194912310021")))

    assert run.problems.get().value == "110*************21"


def test_long_numbers_kept_as_numbers_are_recognised(admin, branch):
    heads = "".join(
        f'<c r="{c}1" t="inlineStr"><is><t>{t}</t></is></c>'
        for c, t in zip("ABC", ["姓名", "身份证号", "组织编码"], strict=True)
    )
    row = f'<c r="A2" t="inlineStr"><is><t>林晓</t></is></c><c r="B2"><v>110105194912310016</v></c><c r="C2" t="inlineStr"><is><t>{branch.code}</t></is></c>'

    run = checked(admin, workbook(f'<row r="1">{heads}</row><row r="2">{row}</row>'), "a.xlsx")

    assert [(r, c) for r, c, advice in said(run) if "当成了数字" in advice] == [(2, "身份证号")]


def test_formulas_and_merged_cells_are_named(admin, branch):
    heads = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="B1" t="inlineStr"><is><t>组织编码</t></is></c></row>'
    rows = f'<row r="2"><c r="A2" t="str"><f>B2&amp;"x"</f><v>林晓</v></c><c r="B2" t="inlineStr"><is><t>{branch.code}</t></is></c></row>'
    merged = '<mergeCells count="2"><mergeCell ref="A1:B1"/><mergeCell ref="B2:B3"/></mergeCells>'

    run = checked(admin, workbook(heads + rows, after=merged), "a.xlsx")

    assert [(row, advice[:10]) for row, _column, advice in said(run)] == [
        (2, "这一格是公式或出错的"),
        (2, "第 2 至 3 行有"),
    ]


def test_the_same_person_twice_in_a_file_is_named(admin, branch):
    number = id_number()
    heads = ["姓名", "身份证号", "出生日期", "组织编码"]
    run = checked(
        admin,
        csv_table(
            heads,
            ["林晓", number, "", branch.code],
            ["林小", number, "", branch.code],
            ["王新", "", "1990-01-02", branch.code],
            ["王 新", "", "1990/1/2", branch.code],
        ),
    )

    errors = [(p.row, p.column, p.advice[:9]) for p in run.problems.filter(is_error=True)]
    assert errors == [(3, "身份证号", "与第 2 行的身份"), (5, "姓名", "与第 4 行同名同")]


def test_an_existing_member_is_recognised_by_id_number_and_changed(admin, branch):
    number = id_number()
    member = full_file(branch, name="林晓", id_number=number)

    run = brought_in(
        admin, csv_table(["姓名", "身份证号", "组织编码", "岗位"], ["林晓", number, branch.code, "探伤工"])
    )

    assert (run.new_count, run.changed_count) == (0, 1)
    file = MemberFile.objects.get(member=member)
    assert (file.job_title, file.phone, file.id_number) == ("探伤工", "010-82345678", number)
    entry = AccessEntry.objects.get(member=member)
    assert (entry.act, entry.fields, entry.reason, entry.batch) == ("imported", ["job_title"], "名单.csv", run.uid)


def test_an_existing_member_is_recognised_by_name_and_birth_date(admin, branch):
    make_file(branch, name="林晓", born_on=dt.date(1990, 1, 2))
    number = id_number(dt.date(1990, 1, 2))

    run = brought_in(admin, csv_table(["姓名", "身份证号", "组织编码"], ["林晓", number, branch.code]))

    assert (run.new_count, run.changed_count) == (0, 1)
    assert Member.objects.count() == 1


def test_two_people_of_one_name_and_birth_date_stay_two(admin, branch):
    day = dt.date(1990, 1, 2)
    full_file(branch, name="林晓", born_on=day, id_number=id_number(day, sequence=1))

    run = brought_in(
        admin, csv_table(["姓名", "身份证号", "组织编码"], ["林晓", id_number(day, sequence=2), branch.code])
    )

    assert (run.new_count, run.error_count) == (1, 0)
    assert any("同名同出生日期" in advice for _row, _column, advice in said(run))


def test_another_tree_is_out_of_reach(admin, branch):
    foreign_branch = make_branch(make_committee("乙公司党委"))
    number = id_number()
    foreign = full_file(foreign_branch, name="邻居", id_number=number)

    by_code = checked(admin, csv_table(["姓名", "组织编码"], ["林晓", foreign_branch.code]))
    by_number = checked(admin, csv_table(["姓名", "身份证号", "组织编码"], ["邻居", number, branch.code]))
    by_uid = checked(admin, csv_table(["档案编号", "姓名", "组织编码"], [str(foreign.uid), "邻居", branch.code]))

    assert [run.error_count for run in (by_code, by_number, by_uid)] == [1, 1, 1]
    assert "不在您的管理范围" in by_number.problems.get().advice


def test_a_member_moves_with_the_organisation_code(admin, branch):
    other = make_branch(branch.get_parent(), "检修二班党支部")
    number = id_number()
    member = full_file(branch, name="林晓", id_number=number)

    brought_in(admin, csv_table(["姓名", "身份证号", "组织编码"], ["林晓", number, other.code]))

    stays = Membership.objects.filter(member=member).order_by("pk").values_list("organisation__name", "until")
    assert [(name, until is None) for name, until in stays] == [("检修一班党支部", False), ("检修二班党支部", True)]
    assert Member.objects.get(pk=member.pk).organisation == other


# --- the whole run ----------------------------------------------------------------------------------------------------
def test_import_writes_members_files_memberships_and_a_record(admin, branch):
    rows = [good_row(branch, f"党员{n}") for n in range(5)]

    run = brought_in(admin, csv_table(HEADS, *rows))
    run_due_jobs()

    assert (run.state, run.new_count) == ("done", 5)
    assert Membership.objects.filter(until__isnull=True).count() == 5
    file = MemberFile.objects.get(member__name="党员3")
    assert (file.id_number, file.gender, file.pinyin) == (rows[3][1], "male", "dangyuan3 dy3")
    assert not StagedRow.objects.exists()
    assert AuditLine.objects.get(action="members.imported").detail["new"] == 5
    assert Seal.objects.get(kind="members.import").chain == f"org:{branch.uid}"


def test_import_goes_on_after_a_crash_without_reading_rows_twice(admin, branch, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    rows = [good_row(branch, f"党员{n}") for n in range(7)]
    run = running.upload(admin, "a.csv", csv_table(HEADS, *rows, good_row(branch, "最后", number=rows[1][1])))
    running.start_check(run, run.mapping)

    class Killed(BaseException):
        pass

    def die_after_two_batches(percent, note):
        if note and int(note) >= 5:
            raise Killed

    with pytest.raises(Killed):
        running.check(str(run.uid), die_after_two_batches)
    kept = StagedRow.objects.count()
    running.check(str(run.uid), lambda percent, note: None)

    run.refresh_from_db()
    assert kept == 4
    assert (run.state, run.new_count, run.error_count) == ("checked", 7, 1)
    assert [(row, advice[:9]) for row, _column, advice in said(run)] == [(9, "与第 3 行的身份")]


def test_applying_is_all_or_nothing_and_never_twice(admin, branch, monkeypatch):
    run = checked(admin, csv_table(HEADS, *(good_row(branch, f"党员{n}") for n in range(3))))
    running.start_apply(run)
    monkeypatch.setattr(running, "_seal_run", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        running.apply(str(run.uid), lambda percent, note: None)
    assert not Member.objects.exists()
    monkeypatch.undo()

    running.apply(str(run.uid), lambda percent, note: None)
    running.apply(str(run.uid), lambda percent, note: None)

    assert Member.objects.count() == 3


def test_a_change_after_the_check_stops_the_import(admin, branch):
    number = id_number()
    member = full_file(branch, name="林晓", id_number=number)
    run = checked(
        admin,
        csv_table(
            ["姓名", "身份证号", "组织编码", "岗位"],
            ["林晓", number, branch.code, "探伤工"],
            ["新人", "", branch.code, ""],
        ),
    )
    Member.objects.filter(pk=member.pk).update(name="林晓晓")
    MemberFile.objects.filter(member=member).update(changed_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))

    running.start_apply(run)
    run_due_jobs()

    run.refresh_from_db()
    assert run.state == "uploaded"
    assert "检查之后" in run.note
    assert Member.objects.count() == 1


def test_rights_lost_after_the_check_stop_the_import(admin, branch):
    run = checked(admin, csv_table(HEADS, good_row(branch)))
    admin.role_grants.all().delete()

    running.start_apply(run)
    run_due_jobs()

    assert not Member.objects.exists()


def test_a_run_is_its_owners_alone(client, admin, branch):
    run = checked(admin, csv_table(HEADS, good_row(branch)))
    client.force_login(make_staff("admin", branch.get_parent()), backend=BACKEND)

    for method, address in (
        (client.get, ""),
        (client.get, "problems.csv"),
        (client.post, "apply/"),
        (client.post, "drop/"),
    ):
        assert method(f"/members/import/{run.uid}/{address}").status_code == 404


def test_dropping_removes_file_and_rows(admin, branch, django_capture_on_commit_callbacks):
    run = checked(admin, csv_table(HEADS, good_row(branch)))
    path = run.path
    with django_capture_on_commit_callbacks(execute=True):
        running.drop(run)

    from portal.members.domain.storing import StoredFileGone

    with pytest.raises(StoredFileGone):
        stored(path)
    assert not StagedRow.objects.exists()


def test_an_upload_lies_encrypted(admin, branch):
    from django.core.files.storage import default_storage

    row = good_row(branch)
    run = running.upload(admin, "a.csv", csv_table(HEADS, row))

    with default_storage.open(run.path) as file:
        assert row[1].encode() not in file.read()


def test_missing_key_fields_become_one_task_a_unit_that_closes_itself(admin, branch):
    rows = [["王新", "", "", branch.code, "", ""], ["林晓", "", "", branch.code, "", ""]]
    brought_in(admin, csv_table(HEADS, *rows))
    brought_in(admin, csv_table(HEADS, ["张三", "", "", branch.code, "", ""]))

    (task,) = tasks_of(admin)
    assert task.title == "检修一班党支部有 3 名党员的关键信息不完整"

    from portal.members.domain.missing import watch_key_fields

    Member.objects.update(stage="left")
    assert watch_key_fields() == 0
    assert not Task.objects.filter(closed_at__isnull=True).exists()


@pytest.fixture
def nobody_is_asked(settings):
    """Exports go on without a second person (who has a module of his own: test_approving)."""
    settings.EXPORT_APPROVAL_ABOVE = 1000


# --- export -----------------------------------------------------------------------------------------------------------
def exported(user, **options):
    row = ask_export(user, Wanted(), reason="年度党内统计", in_full=options.pop("in_full", True), **options)
    run_due_jobs()
    row.refresh_from_db()
    assert row.state == "ready", row.note
    return row, stored(row.path)


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
@pytest.mark.parametrize("in_full", [True, False])
def test_export_comes_back_without_a_change(admin, branch, nobody_is_asked, file_format, in_full):
    full_file(branch, name="林晓", work_unit="=cmd|' /C calc'!A0", nation="汉族", education="master")
    make_file(branch, name="+王新", stage="activist", job_title="'引号")
    make_file(branch, name="－全角", work_unit="一行\u3000两段")
    _row, content = exported(admin, file_format=file_format, in_full=in_full)

    run = checked(admin, content, f"a.{file_format}")

    assert (run.state, run.same_count, run.changed_count, run.new_count, run.error_count) == ("checked", 3, 0, 0, 0), (
        said(run)
    )


def test_export_without_the_numbers_holds_none(admin, branch, nobody_is_asked):
    number = id_number()
    full_file(branch, name="林晓", id_number=number, phone="13912345678")

    _row, content = exported(admin, in_full=False, file_format="csv")

    text = content.decode()
    assert "林晓" in text
    assert number not in text
    assert "13912345678" not in text


def test_export_is_written_down_for_each_member(admin, branch, nobody_is_asked):
    member = full_file(branch, name="林晓")
    full_file(make_branch(make_committee("乙公司党委")), name="邻居")

    row, content = exported(admin, in_full=True, file_format="csv")

    entry = AccessEntry.objects.get()
    assert (entry.member, entry.act, entry.reason, entry.batch) == (member, "exported", "年度党内统计", row.uid)
    assert "id_number" in entry.fields
    assert "邻居" not in content.decode()


def test_export_is_fetched_by_its_owner_alone(client, admin, branch, nobody_is_asked):
    full_file(branch, name="林晓")
    row, content = exported(admin)
    client.force_login(admin, backend=BACKEND)
    own = client.get(f"/members/files/{row.uid}/fetch/")
    client.force_login(make_staff("admin", branch.get_parent()), backend=BACKEND)

    assert b"".join(own.streaming_content) == content
    assert client.get(f"/members/files/{row.uid}/fetch/").status_code == 404


def test_export_needs_the_right_and_a_reason(client, admin, branch):
    client.force_login(make_staff("secretary", branch), backend=BACKEND)
    refused = client.post("/members/export/", {"reason": "年度党内统计", "file_format": "csv"})
    client.force_login(admin, backend=BACKEND)
    without = client.post("/members/export/", {"reason": "统计", "file_format": "csv"})

    assert refused.status_code == 403
    assert without.context["form"].errors["reason"]


def test_template_can_be_filled_in_and_its_example_is_correct(admin, branch):
    (heads, example) = cells_of(template())

    assert len(heads) == len(FIELDS)
    assert set(guess(heads).values()) == {field.name for field in FIELDS}
    example[heads.index("所在组织编码")] = branch.code
    target = io.BytesIO()
    write_csv([heads, example], target)
    assert checked(admin, target.getvalue()).error_count == 0
