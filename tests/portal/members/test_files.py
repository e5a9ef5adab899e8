"""A member's file: who sees what, who looked, what changes, corrections."""

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse

from portal.accounts.domain.handles import user_by_login
from portal.ground.jobs import run_due_jobs
from portal.members.domain.access import record_look
from portal.members.domain.consents import PHONE_IN_BRANCH, give_consent, withdraw_consent
from portal.members.domain.corrections import (
    AlreadyWaiting,
    NeverEmpty,
    NothingToCorrect,
    NotTheirs,
    ask_correction,
    decide_correction,
)
from portal.members.domain.fields import BY_NAME, FIELDS, Kind
from portal.members.domain.files import (
    Contradiction,
    NotChangeable,
    ReasonMissing,
    change_file,
    enter_award,
    reveal,
)
from portal.members.domain.holdings import export
from portal.members.domain.timeline import person_of, timeline_of
from portal.members.models import AccessEntry, Award, Correction, MemberFile
from portal.members.models.file import FileFields
from portal.notices.domain import tasks_of
from portal.notices.models import Notice
from portal.organisations.models import Member
from portal.records.domain.sealing import verify_chain, versions_of
from portal.records.models import AuditLine
from tests.factories import make_branch, make_committee, make_staff, make_user
from tests.factories.counting import queries_of
from tests.portal.members.makers import BACKEND, full_file, id_number, make_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch():
    return make_branch(make_committee("甲公司党委"), "检修一班党支部")


@pytest.fixture
def secretary(branch):
    return make_staff("secretary", branch, display_name="周书记")


@pytest.fixture
def admin(branch):
    return make_staff("admin", branch.get_parent(), display_name="吴管理")


def signed_in(client, user):
    client.force_login(user, backend=BACKEND)
    return client


# --- the table of fields ----------------------------------------------------------------------------------------------
def test_each_column_of_a_file_stands_in_the_table_with_a_purpose():
    """A column that nobody declared a use for is collected for nothing."""
    helpers = {"id_lookup", "phone_lookup", "pinyin"}
    columns = {field.name for field in FileFields._meta.get_fields()} - helpers

    assert {field.name for field in FIELDS if field.on_file} == columns
    assert all(str(field.purpose) for field in FIELDS)


def test_numbers_lie_encrypted_and_are_found_by_their_hash(branch):
    from django.db import connection

    number = id_number()
    member = full_file(branch, id_number=number, phone="13912345678")

    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, phone FROM members_memberfile WHERE member_id = %s", [member.pk])
        stored = "".join(cursor.fetchone())

    assert number not in stored
    assert "13912345678" not in stored
    assert MemberFile.objects.get(id_lookup=BY_NAME["id_number"].hashed(number)).member_id == member.pk


# --- changing ---------------------------------------------------------------------------------------------------------
def test_change_file_seals_a_version_and_tells_the_member(branch, admin):
    member = full_file(branch)

    changed = change_file(member, {"work_unit": "检修一班"}, actor=admin, reason="按人事名册补充")
    change_file(member, {"work_unit": "检修二班"}, actor=admin, reason="岗位调整")

    assert changed == ["work_unit"]
    assert [(c.before, c.after) for c in versions_of("member.file", member.uid)[1].changes] == [
        ("检修一班", "检修二班")
    ]
    assert list(verify_chain(f"org:{branch.uid}")) == []
    assert list(AccessEntry.objects.order_by("pk").values_list("name", "act", "fields", "reason")) == [
        ("吴管理", "changed", ["work_unit"], "按人事名册补充"),
        ("吴管理", "changed", ["work_unit"], "岗位调整"),
    ]


def test_change_file_takes_birth_date_and_gender_from_a_new_id_number(branch, admin):
    member = make_file(branch)
    number = id_number(dt.date(1990, 5, 6), man=False)

    change_file(member, {"id_number": number}, actor=admin, reason="核对证件")

    file = MemberFile.objects.get(member=member)
    assert (file.born_on, file.gender) == (dt.date(1990, 5, 6), "female")


def test_change_file_refuses_what_contradicts_the_id_number(branch, admin):
    member = full_file(branch)

    with pytest.raises(Contradiction, match="出生日期与身份证号不一致") as refusal:
        change_file(member, {"born_on": dt.date(1988, 3, 8)}, actor=admin, reason="录错一位")

    assert refusal.value.field == "born_on"
    assert MemberFile.objects.get(member=member).born_on == dt.date(1988, 3, 7)


def test_change_file_refuses_a_number_that_another_file_has(branch, admin):
    number = id_number()
    full_file(branch, id_number=number)
    member = make_file(branch)

    with pytest.raises(Contradiction, match="已经有一份档案"):
        change_file(member, {"id_number": number}, actor=admin, reason="核对证件")


def test_change_file_refuses_dates_out_of_order(branch, admin):
    member = full_file(branch)

    with pytest.raises(Contradiction, match="转正日期早于入党日期"):
        change_file(member, {"full_on": dt.date(2011, 1, 1)}, actor=admin, reason="核对志愿书")


def test_change_file_does_not_move_a_member_or_turn_the_stage(branch, admin):
    member = full_file(branch)

    with pytest.raises(NotChangeable):
        change_file(member, {"stage": "left"}, actor=admin, reason="核对名册")


def test_change_file_needs_a_reason(branch, admin):
    with pytest.raises(ReasonMissing):
        change_file(full_file(branch), {"work_unit": "甲"}, actor=admin, reason=" 改 ")


def test_a_new_phone_is_the_new_way_to_sign_in(branch, admin):
    member = full_file(branch)
    change_file(member, {"phone": "13912345678"}, actor=admin, reason="本人更换号码")
    change_file(member, {"phone": "13812345678"}, actor=admin, reason="本人更换号码")

    assert user_by_login("138 1234 5678") == member.user
    assert user_by_login("13912345678") is None


def test_a_phone_that_another_account_signs_in_by_is_refused(branch, admin):
    change_file(full_file(branch), {"phone": "13912345678"}, actor=admin, reason="本人更换号码")
    member = full_file(branch)

    with pytest.raises(Contradiction, match="另一个账号"):
        change_file(member, {"phone": "13912345678"}, actor=admin, reason="本人更换号码")

    assert MemberFile.objects.get(member=member).phone == "010-82345678"


# --- pages of others --------------------------------------------------------------------------------------------------
def test_list_shows_the_own_subtree_covered(client, branch, secretary):
    full_file(branch, name="林晓", phone="13912345678")
    full_file(make_branch(make_committee("乙公司党委")), name="邻居")

    page = signed_in(client, secretary).get("/members/").content.decode()

    assert "林晓" in page
    assert "139****5678" in page
    assert "13912345678" not in page
    assert "邻居" not in page


@pytest.mark.parametrize("count", [1, 3, 30])
def test_list_asks_the_same_number_of_queries_for_any_size(client, branch, secretary, count):
    for _ in range(count):
        full_file(branch)
    signed_in(client, secretary).get("/members/")

    queries = queries_of(lambda: client.get("/members/"))

    assert len(queries) <= 10, "\n".join(queries)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "林晓"}, ["林晓"]),
        ({"q": "linx"}, ["林晓"]),
        ({"q": "lx"}, ["林晓"]),
        ({"stage": "probationary"}, ["王新"]),
        ({"unit": "检修"}, ["林晓", "王新"]),
        ({"unit": "没有这个"}, []),
        ({"missing": "1"}, ["王新"]),
        ({"q": "\0"}, ["林晓", "王新"]),
    ],
)
def test_list_is_narrowed(client, branch, secretary, query, found):
    full_file(branch, name="林晓")
    make_file(branch, name="王新", stage="probationary")

    answer = signed_in(client, secretary).get("/members/", query)

    assert [row["member"].name for row in answer.context["rows"]] == found


def test_a_search_by_a_whole_number_is_a_look_that_the_member_sees(client, branch, secretary):
    number = id_number()
    member = full_file(branch, id_number=number)
    full_file(branch)

    answer = signed_in(client, secretary).post("/members/", {"q": number})

    assert [row["member"].pk for row in answer.context["rows"]] == [member.pk]
    assert list(AccessEntry.objects.values_list("member_id", "act", "fields")) == [(member.pk, "found", ["id_number"])]


def test_a_whole_number_is_never_searched_for_by_an_address(client, branch, secretary):
    number = id_number()
    full_file(branch, id_number=number, phone="13912345678")
    full_file(branch)
    signed_in(client, secretary)

    assert len(client.get("/members/", {"q": number}).context["rows"]) == 2
    assert len(client.get("/members/", {"q": "13912345678"}).context["rows"]) == 2
    assert (
        client.post("/members/", {"q": "林", "unit": "检修"})["Location"]
        == "/members/?q=%E6%9E%97&unit=%E6%A3%80%E4%BF%AE"
    )
    assert not AccessEntry.objects.exists()


def test_file_page_covers_numbers_and_hides_punishments(client, branch, secretary):
    number = id_number()
    member = full_file(branch, id_number=number, nation="汉族")
    Award.objects.create(member=member, kind="punishment", title="党内警告", happened_on=dt.date(2020, 1, 2))

    page = signed_in(client, secretary).get(f"/members/{member.uid}/").content.decode()

    for secret in (number, "汉族", "党内警告", "1988-03-07", "2020-01-02"):
        assert secret not in page
    assert "999*************" in page
    assert "1988******" in page


def test_opening_a_file_is_written_down_once_in_ten_minutes(clock, client, branch, secretary):
    member = full_file(branch)
    signed_in(client, secretary)

    client.get(f"/members/{member.uid}/")
    client.get(f"/members/{member.uid}/")
    clock.wait(601)
    client.get(f"/members/{member.uid}/")

    assert list(AccessEntry.objects.values_list("member_id", "user_id", "act")) == [
        (member.pk, secretary.pk, "opened"),
        (member.pk, secretary.pk, "opened"),
    ]


def answer_and_count(method, address, uid):
    """Status, body without what differs by nature, number of queries."""
    answers = []
    queries = queries_of(lambda: answers.append(method(address.format(uid))))
    body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", answers[0].content)
    return answers[0].status_code, body.replace(str(uid).encode(), b""), len(queries)


def test_a_foreign_file_answers_exactly_as_an_absent_one(client, branch, secretary):
    foreign = full_file(make_branch(make_committee("乙公司党委")))
    signed_in(client, secretary).get("/members/")  # what a process reads once is read
    addresses = ["/members/{}/", "/members/{}/reveal/"]

    for address in addresses:
        for method in (client.get, client.post):
            own, absent = (
                answer_and_count(method, address, foreign.uid),
                answer_and_count(method, address, uuid.uuid4()),
            )
            assert own == absent
            assert own[0] in (404, 405)
    assert not AccessEntry.objects.exists()


@pytest.mark.parametrize("role", ["editor", "reviewer", "system_admin", "security_admin"])
def test_other_roles_see_no_files(client, branch, role):
    member = full_file(branch)
    signed_in(client, make_staff(role, branch))

    assert client.get("/members/").status_code == 403
    assert client.get(f"/members/{member.uid}/").status_code == 403


def test_reveal_needs_a_reason_and_is_written_down(client, branch, secretary):
    number = id_number()
    member = full_file(branch, id_number=number)
    signed_in(client, secretary)
    address = f"/members/{member.uid}/reveal/"

    without = client.post(address, {"what": "masked", "reason": "看"})
    with_one = client.post(address, {"what": "masked", "field": ["id_number"], "reason": "办理组织关系转接"})
    run_due_jobs()

    assert without.status_code == 422
    assert number not in without.content.decode()
    assert number in with_one.content.decode()
    assert "010-82345678" not in with_one.content.decode()
    entry = AccessEntry.objects.get(act="revealed")
    assert (entry.user, entry.fields, entry.reason) == (secretary, ["id_number"], "办理组织关系转接")
    assert AuditLine.objects.filter(action="members.revealed", target_uid=str(member.uid)).count() == 1


def test_reveal_by_get_is_refused(client, branch, secretary):
    member = full_file(branch)

    assert signed_in(client, secretary).get(f"/members/{member.uid}/reveal/").status_code == 405


def test_punishments_are_unsealed_only_by_who_may(client, branch, secretary, admin):
    member = full_file(branch)
    enter_award(
        member, kind="punishment", title="党内警告", issuer="纪委", happened_on=dt.date(2020, 1, 2), actor=admin
    )
    asked = {"what": "punishment", "reason": "换届资格审查"}

    refused = signed_in(client, secretary).post(f"/members/{member.uid}/reveal/", asked)
    shown = signed_in(client, admin).post(f"/members/{member.uid}/reveal/", asked)

    assert refused.status_code == 403
    assert "党内警告" in shown.content.decode()
    assert AccessEntry.objects.filter(act="revealed").get().fields == ["punishment"]


def test_consent_shows_the_phone_until_it_is_taken_back(client, branch, secretary):
    member = full_file(branch, phone="13912345678")
    signed_in(client, secretary)
    give_consent(member, PHONE_IN_BRANCH, actor=member.user)
    with_consent = client.get(f"/members/{member.uid}/").content.decode()
    withdraw_consent(member, PHONE_IN_BRANCH, actor=member.user)

    assert "13912345678" in with_consent
    assert "13912345678" not in client.get(f"/members/{member.uid}/").content.decode()


def test_edit_form_keeps_what_is_covered_and_left_empty(client, branch, admin):
    member = full_file(branch, work_unit="检修一班")
    signed_in(client, admin)
    form = client.get(f"/members/{member.uid}/edit/").context["form"]
    data = {name: form[name].value() or "" for name in form.fields}

    answer = client.post(f"/members/{member.uid}/edit/", {**data, "work_unit": "检修二班", "reason": "岗位调整"})

    file = MemberFile.objects.get(member=member)
    assert answer.status_code == 302
    assert (file.work_unit, file.phone, file.born_on) == ("检修二班", "010-82345678", dt.date(1988, 3, 7))
    assert AccessEntry.objects.get(act="changed").fields == ["work_unit"]


def test_nobody_edits_the_own_file(client, branch):
    member = full_file(branch)
    from portal.organisations.domain.rights import grant_role

    grant_role(member.user, "admin", branch)

    assert signed_in(client, member.user).get(f"/members/{member.uid}/edit/").status_code == 302
    assert client.post(f"/members/{member.uid}/edit/", {"work_unit": "甲", "reason": "改一改吧"}).status_code == 302
    assert MemberFile.objects.get(member=member).work_unit == ""


def test_secretary_may_not_edit(client, branch, secretary):
    assert signed_in(client, secretary).get(f"/members/{full_file(branch).uid}/edit/").status_code == 403


# --- the own page -----------------------------------------------------------------------------------------------------
def test_own_page_covers_until_asked(client, branch):
    number = id_number()
    member = full_file(branch, id_number=number)
    signed_in(client, member.user)

    covered, shown = client.get("/members/me/"), client.post("/members/me/")

    assert number not in covered.content.decode()
    assert number in shown.content.decode()
    assert not AccessEntry.objects.exists()


def test_own_page_shows_who_looked_and_why(client, branch, secretary):
    member = full_file(branch)
    reveal(member, ["phone"], "通知开会的时间", actor=secretary)
    record_look(full_file(branch), secretary, AccessEntry.Act.REVEALED, reason="别人的理由")

    page = signed_in(client, member.user).get("/members/me/").content.decode()

    assert "周书记" in page
    assert "通知开会的时间" in page
    assert "别人的理由" not in page


def test_own_page_without_a_file_says_so(client):
    page = signed_in(client, make_user()).get("/members/me/")

    assert "还没有对应的党员档案" in page.content.decode()


def test_own_page_shows_own_punishments(client, branch, admin):
    member = full_file(branch)
    enter_award(member, kind="punishment", title="党内警告", issuer="", happened_on=dt.date(2020, 1, 2), actor=admin)

    assert "党内警告" in signed_in(client, member.user).get("/members/me/").content.decode()


def test_timeline_has_steps_posts_and_awards_and_no_punishment(branch, admin):
    member = full_file(branch)
    enter_award(member, kind="award", title="优秀共产党员", issuer="", happened_on=dt.date(2021, 7, 1), actor=admin)
    enter_award(member, kind="punishment", title="党内警告", issuer="", happened_on=dt.date(2020, 1, 2), actor=admin)

    titles = [milestone.title for milestone in timeline_of(member)]

    assert titles[1:] == ["优秀共产党员", "转为正式党员", "入党"]
    assert "检修一班党支部" in titles[0]


# --- corrections ------------------------------------------------------------------------------------------------------
def asked_by(member, field="work_unit", value="检修二班", uid=None):
    return ask_correction(member, field, value, "以人事名册为准", actor=member.user, uid=uid or uuid.uuid4())


def test_correction_is_a_task_of_the_secretary_and_changes_the_file_when_approved(branch, secretary):
    member = full_file(branch)
    row = asked_by(member)

    assert [task.url for task in tasks_of(secretary)] == [reverse("memberfiles:correction", args=[row.uid])]
    assert MemberFile.objects.get(member=member).work_unit == ""

    decide_correction(row, approve=True, answer="", actor=secretary)
    run_due_jobs()

    assert MemberFile.objects.get(member=member).work_unit == "检修二班"
    assert list(tasks_of(secretary)) == []
    assert versions_of("member.file", member.uid)[0].content["work_unit"] == "检修二班"
    assert versions_of("member.correction", row.uid)[0].content["state"] == "approved"
    assert Notice.objects.filter(user=member.user, key__contains=str(row.uid)).count() == 1


def test_correction_that_is_refused_changes_nothing_and_needs_an_answer(client, branch, secretary):
    member = full_file(branch)
    row = asked_by(member)
    signed_in(client, secretary)

    without = client.post(f"/members/corrections/{row.uid}/", {"decision": "refuse", "answer": " "})
    client.post(f"/members/corrections/{row.uid}/", {"decision": "refuse", "answer": "请附人事名册"})

    row.refresh_from_db()
    assert without.status_code == 422
    assert (row.state, row.answer, row.decided_by) == ("refused", "请附人事名册", secretary)
    assert MemberFile.objects.get(member=member).work_unit == ""


def test_nobody_decides_on_the_own_correction(branch):
    from portal.organisations.domain.rights import grant_role

    member = full_file(branch)
    grant_role(member.user, "secretary", branch)
    row = asked_by(member)

    with pytest.raises(NotTheirs):
        decide_correction(row, approve=True, answer="", actor=member.user)
    assert list(tasks_of(member.user)) == []


def test_a_secretary_of_another_branch_cannot_decide(client, branch):
    row = asked_by(full_file(branch))
    stranger = make_staff("secretary", make_branch(branch.get_parent(), "二班"))

    with pytest.raises(NotTheirs):
        decide_correction(row, approve=True, answer="", actor=stranger)
    assert signed_in(client, stranger).get(f"/members/corrections/{row.uid}/").status_code == 404


@pytest.mark.parametrize("field", ["name", "born_on"])
def test_what_a_file_must_have_is_not_corrected_away(branch, field):
    member = full_file(branch, work_unit="检修一班")

    with pytest.raises(NeverEmpty):
        asked_by(member, field, "")
    assert asked_by(member, "work_unit", "").after == ""


def test_sending_a_correction_twice_is_one_and_another_has_to_wait(branch):
    member, uid = full_file(branch), uuid.uuid4()

    assert asked_by(member, uid=uid) == asked_by(member, uid=uid)
    with pytest.raises(AlreadyWaiting):
        asked_by(member, value="检修三班")
    with pytest.raises(NothingToCorrect):
        asked_by(member, field="phone", value="010-82345678")
    assert Correction.objects.count() == 1


def test_ask_page_keeps_what_was_typed_wrong(client, branch):
    member = full_file(branch)
    signed_in(client, member.user)
    data = {"value": "12345", "reason": "换了号码", "uid": str(uuid.uuid4())}

    page = client.post("/members/me/corrections/phone/", data).content.decode()

    assert "11 位手机号" in page
    assert 'value="12345"' in page
    assert not Correction.objects.exists()


def test_a_correction_of_a_sensitive_value_lies_encrypted_everywhere(branch, secretary):
    from django.db import connection

    member = full_file(branch)
    row = asked_by(member, field="phone", value="13912345678")
    decide_correction(row, approve=True, answer="", actor=secretary)
    run_due_jobs()

    tables = [
        t
        for t in connection.introspection.table_names()
        if t.startswith(("members_", "records_", "ground_", "notices_"))
    ]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            assert "13912345678" not in str(cursor.fetchall()), table


# --- what is held -----------------------------------------------------------------------------------------------------
def test_export_holds_every_field_in_full(branch):
    number = id_number()
    member = full_file(branch, id_number=number)

    tables = {table.name: table for table in export(person_of(member))}

    values = {row["field"]: row["value"] for row in tables["file"].rows}
    assert values["身份证号"] == number
    assert len(values) == len(FIELDS)


def test_member_without_a_file_row_is_shown_as_unknown(client, branch, secretary):
    member = Member.objects.create(name="无档", organisation=branch)

    answer = signed_in(client, secretary).get(f"/members/{member.uid}/")

    assert answer.status_code == 200
    assert all(not v.text for v in answer.context["values"] if v.field.kind is Kind.PHONE)


def test_workbench_card_tells_of_looks_and_of_what_waits(client, branch, secretary):
    member = full_file(branch)
    reveal(member, ["phone"], "通知开会的时间", actor=secretary)
    asked_by(member)

    own = signed_in(client, member.user).get("/workbench/?all=1").content.decode()
    in_charge = signed_in(client, secretary).get("/workbench/?all=1").content.decode()

    assert "近 30 天被查阅 1 次" in own
    assert "1 件待审核" in in_charge
