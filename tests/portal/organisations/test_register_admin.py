"""The register in the administration: tree, one organisation, operations with a question before."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from portal.ground.clock import today
from portal.ground.models import OutboxEntry
from portal.organisations.domain.members import enter_member
from portal.organisations.domain.tree import found_organisation
from portal.organisations.models import Organisation, OrganisationEvent, Post, RoleGrant, Term
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user
from tests.factories.counting import queries_of
from tests.portal.organisations.conftest import BACKEND

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAY = "2026-03-01"
TOLD = {"on": DAY, "document_number": "甲党〔2026〕3号", "note": ""}


def login(client, user):
    client.force_login(user, backend=BACKEND)
    return client


def do(client, name, row, data, *, confirm=True):
    sent = {**TOLD, **data, **({"confirm": "1"} if confirm else {})}
    return client.post(reverse(f"organisations:{name}", args=[row.pk]), sent)


def audited():
    """What the administrator did, without what the makers of the test did."""
    lines = OutboxEntry.objects.filter(name="audit.line").exclude(payload__actor="").order_by("pk")
    return [line.payload["action"] for line in lines]


# --- the tree ---------------------------------------------------------------------------------------------------------


def test_tree_shows_the_own_top_and_what_is_below(client, ours, admin):
    general = make_branch(ours, "机关党总支", kind="general_branch")
    make_branch(general, "检修党支部")

    page = client.get("/admin/organisations/").content.decode()

    assert "甲公司党委" in page
    assert "机关党总支" in page
    assert "检修党支部" not in page
    assert "<script>" not in page.split("<main")[1]


def test_tree_children_are_given_when_asked(client, ours, admin):
    general = make_branch(ours, "机关党总支", kind="general_branch")
    make_branch(general, "检修党支部")

    items = client.get(reverse("organisations:children", args=[general.pk])).content.decode()

    assert "检修党支部" in items
    assert "机关党总支" not in items


def test_tree_opens_down_to_one_without_scripts(client, ours, admin):
    general = make_branch(ours, "机关党总支", kind="general_branch")
    branch = make_branch(general, "检修党支部")

    page = client.get(f"/admin/organisations/?open={general.pk}").content.decode()

    assert f'id="o{branch.pk}"' in page


@pytest.mark.parametrize("words", ["检修", "jianxiu", "jxyb", "JX YB", "B-77"])
def test_tree_search_by_name_code_and_pinyin(client, ours, admin, words):
    found_organisation(code="B-77", name="检修一班党支部", kind="branch", parent=ours)
    found_organisation(code="B-78", name="运转二班党支部", kind="branch", parent=ours)

    page = client.get("/admin/organisations/", {"q": words}).content.decode()

    assert "检修一班党支部" in page
    assert "运转二班党支部" not in page


def test_tree_search_never_finds_foreign_ones(client, ours, admin):
    make_branch(make_committee("乙公司党委"), "乙检修党支部")

    page = client.get("/admin/organisations/", {"q": "检修"}).content.decode()
    offered = client.get(reverse("organisations:suggestions"), {"q": "检修"}).json()

    assert "乙检修党支部" not in page
    assert offered == {"found": []}


def test_tree_counts_members_of_the_subtree(client, ours, admin):
    general = make_branch(ours, "机关党总支", kind="general_branch")
    for number in range(3):
        enter_member(f"党员{number}", make_branch(general, f"{number}班"))
    enter_member("申请人", make_branch(general, "四班"), stage="applicant")

    page = client.get("/admin/organisations/").content.decode()

    assert page.count("党员 3 名 · 下级 5 个") == 1
    assert page.count("党员 3 名 · 下级 4 个") == 1


@pytest.mark.parametrize("address", ["/admin/organisations/", "/admin/organisations/?q=%E6%94%AF%E9%83%A8"])
def test_tree_takes_at_most_ten_queries_of_its_own(client, ours, admin, address):
    for _ in range(5):
        enter_member("林晓", make_branch(make_branch(ours, kind="general_branch")))
    client.get(address)

    asked = queries_of(lambda: client.get(address))

    assert len([sql for sql in asked if "organisations_" in sql]) <= 10


def test_tree_of_three_takes_as_many_queries_as_of_one(client, ours, admin):
    make_branch(ours)
    client.get("/admin/organisations/")
    one = len(queries_of(lambda: client.get("/admin/organisations/")))
    make_branch(ours)
    enter_member("林晓", make_branch(ours))
    client.get("/admin/organisations/")  # a change is noticed once, whatever its size

    assert len(queries_of(lambda: client.get("/admin/organisations/"))) == one


def test_tree_as_of_a_day_shows_names_of_then(client, ours, admin):
    branch = make_branch(ours, "旧名党支部")
    do(client, "rename", branch, {"name": "新名党支部", "short_name": ""})

    past = client.get("/admin/organisations/", {"day": "2025-01-01"}).content.decode()

    assert "旧名党支部" in past
    assert "新名党支部" not in past
    assert client.get("/admin/organisations/", {"day": "gestern"}).status_code == 302


# --- scope ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "inspect",
        "children",
        "found",
        "describe",
        "elect",
        "appoint",
        "rename",
        "reclassify",
        "move",
        "split",
        "merge",
        "dissolve",
    ],
)
def test_register_foreign_and_absent_answer_alike(client, ours, admin, name):
    foreign = make_branch(make_committee("乙公司党委"), "乙一支部")

    answers = [
        (
            client.get(reverse(f"organisations:{name}", args=[pk])),
            client.post(reverse(f"organisations:{name}", args=[pk]), TOLD),
        )
        for pk in (foreign.pk, 987654)
    ]

    assert [[answer.status_code for answer in pair] for pair in answers] == [[404, 404], [404, 404]]
    bare = [re.sub(rb'"csrfToken[^,}]*|csrf_token[^,>]*|[A-Za-z0-9]{64}', b"", pair[0].content) for pair in answers]
    assert bare[0] == bare[1]


def test_register_own_top_cannot_be_moved_or_ended_by_its_own_admin(client):
    committee = make_committee()
    general = make_branch(committee, kind="general_branch")
    make_branch(committee, kind="general_branch")
    login(client, make_staff("admin", general))

    answers = {
        name: client.get(reverse(f"organisations:{name}", args=[general.pk])).status_code
        for name in ("move", "dissolve", "merge", "split", "rename")
    }

    assert answers == {"move": 404, "dissolve": 404, "merge": 404, "split": 404, "rename": 200}


def test_register_move_to_a_foreign_place_says_not_found(client, ours, admin):
    foreign = make_committee("乙公司党委")
    branch = make_branch(ours)

    page = do(client, "move", branch, {"to": foreign.code}).content.decode()

    assert f"没有找到“{foreign.code}”" in page
    assert Organisation.objects.get(pk=branch.pk).get_parent() == ours


@pytest.mark.parametrize("role", ["secretary", "editor", "reviewer", "auditor", "system_admin", "security_admin"])
def test_register_is_closed_to_other_roles(client, ours, role):
    branch = make_branch(ours)
    login(client, make_staff(role, ours))

    answers = [
        client.get(address).status_code
        for address in (
            "/admin/organisations/",
            reverse("organisations:inspect", args=[branch.pk]),
            reverse("organisations:export"),
        )
    ]

    assert set(answers) <= {302, 403}


# --- operations -------------------------------------------------------------------------------------------------------


def test_move_asks_with_what_changes_before_it_is_done(client, ours, admin):
    one = make_branch(ours, "甲总支", kind="general_branch")
    two = make_branch(ours, "乙总支", kind="general_branch")
    branch = make_branch(one, "检修党支部")
    make_member(branch)
    make_staff("secretary", one, display_name="周敏")
    make_staff("secretary", two, display_name="何川")

    question = do(client, "move", branch, {"to": two.code}, confirm=False).content.decode()
    before = Organisation.objects.get(pk=branch.pk).get_parent()
    answer = do(client, "move", branch, {"to": two.code})

    assert "涉及 1 个组织、1 名党员" in question
    assert "周敏" in question
    assert "何川" in question
    assert (before, Organisation.objects.get(pk=branch.pk).get_parent()) == (one, two)
    assert answer.url == reverse("organisations:inspect", args=[branch.pk])
    assert OrganisationEvent.objects.get(kind="moved").entered_by == admin


def test_move_by_name_and_from_a_drop(client, ours, admin):
    one, two = make_branch(ours, "甲总支", kind="general_branch"), make_branch(ours, "乙总支", kind="general_branch")
    branch = make_branch(one)

    dropped = client.get(reverse("organisations:move", args=[branch.pk]), {"to": two.code}).content.decode()
    do(client, "move", branch, {"to": "乙总支"})

    assert f'value="{two.code}"' in dropped
    assert Organisation.objects.get(pk=branch.pk).get_parent() == two


def test_move_below_itself_says_why_not(client, ours, admin):
    general = make_branch(ours, kind="general_branch")
    branch = make_branch(general)

    page = do(client, "move", general, {"to": branch.code}, confirm=False).content.decode()

    assert "不能移到它自己或它的下级之下" in page


def test_found_through_the_form_offers_the_next_code(client, ours, admin):
    form = client.get(reverse("organisations:found", args=[ours.pk])).content.decode()
    do(client, "found", ours, {"code": f"{ours.code}01", "name": "新支部", "short_name": "", "kind": "branch"})

    assert f'value="{ours.code}01"' in form
    made = Organisation.objects.get(code=f"{ours.code}01")
    assert (made.get_parent(), made.founded_on, made.name) == (ours, dt.date(2026, 3, 1), "新支部")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"kind": "group"}, "选择一个有效的选项"),
        ({"code": "甲"}, "不符合要求"),
        ({"latitude": "30"}, "同时填写"),
        ({"on": "2999-01-01"}, "还没有到"),
        ({"document_number": ""}, "register-error"),
    ],
)
def test_found_with_wrong_input_keeps_what_was_typed(client, ours, admin, data, sentence):
    page = do(
        client, "found", ours, {"code": "N1", "name": "新支部", "short_name": "", "kind": "branch", **data}
    ).content.decode()

    assert sentence in page
    assert 'value="新支部"' in page
    assert not Organisation.objects.filter(name="新支部").exists()


def test_confirm_page_leads_back_with_everything(client, ours, admin):
    branch = make_branch(ours)

    page = client.post(
        reverse("organisations:rename", args=[branch.pk]), {**TOLD, "name": "新名", "short_name": "", "back": "1"}
    ).content.decode()

    assert 'value="新名"' in page
    assert Organisation.objects.get(pk=branch.pk).name != "新名"


def test_dissolve_with_members_says_why_not(client, ours, admin):
    branch = make_branch(ours)
    make_member(branch)

    page = do(client, "dissolve", branch, {}, confirm=False).content.decode()

    assert "还有党员或下级组织" in page


def test_dissolve_names_the_grants_that_end(client, ours, admin):
    branch = make_branch(ours)
    make_staff("secretary", branch, display_name="周敏")

    question = do(client, "dissolve", branch, {"on": today().isoformat()}, confirm=False).content.decode()

    assert "周敏的“支部书记”授权到此为止" in question
    assert RoleGrant.objects.get(role="secretary").valid_to is None


def test_split_through_the_form(client, ours, admin):
    branch = make_branch(ours, "大支部")
    people = [enter_member(f"党员{n}", branch, since=dt.date(2020, 1, 1)) for n in range(4)]
    data = {"stays": "no"}
    for number, name in ((1, "一班"), (2, "二班")):
        data |= {
            f"code_{number}": f"S{number}",
            f"name_{number}": name,
            f"short_name_{number}": "",
            f"kind_{number}": "branch",
        }
    data |= {f"member_{member.pk}": "1" if place < 3 else "2" for place, member in enumerate(people)}

    question = do(client, "split", branch, data, confirm=False).content.decode()
    do(client, "split", branch, data)

    assert "党员 3 名，下级组织 0 个" in question
    assert [Organisation.objects.get(code=code).members.count() for code in ("S1", "S2")] == [3, 1]


def test_merge_through_the_form(client, ours, admin):
    one, two = make_branch(ours, "甲支部"), make_branch(ours, "乙支部")
    enter_member("林晓", two, since=dt.date(2020, 1, 1))

    do(client, "merge", one, {"others": [two.pk], "codes": "", "into": "this", "kind": "branch"})

    assert one.members.count() == 1
    assert Organisation.objects.get(pk=two.pk).ended_on == dt.date(2026, 3, 1)


def test_elect_through_the_form_resolves_namesakes(client, ours, admin):
    one, two = make_branch(ours, "甲支部"), make_branch(ours, "乙支部")
    member = enter_member("林晓", one, since=dt.date(2020, 1, 1))
    enter_member("林晓", two, since=dt.date(2020, 1, 1))
    enter_member("周敏", two, since=dt.date(2020, 1, 1))

    unclear = do(client, "elect", ours, {"post_secretary": "林晓", "post_committee_member": "周敏"}).content.decode()
    do(client, "elect", ours, {"post_secretary": f"林晓@{one.code}", "post_committee_member": "周敏"})

    assert f"林晓@{one.code}" in unclear
    assert Term.objects.get().until == dt.date(2031, 3, 1)
    assert Post.objects.get(kind="secretary").member == member
    assert "第 1 届" in client.get(reverse("organisations:inspect", args=[ours.pk])).content.decode()


def test_appoint_and_relieve_through_the_forms(client, ours, admin):
    branch = make_branch(ours)
    enter_member("林晓", branch, since=dt.date(2020, 1, 1))

    do(client, "appoint", branch, {"kind": "secretary", "person": "林晓"})
    post = Post.objects.get()
    other = make_branch(ours)
    wrong = client.post(reverse("organisations:relieve", args=[other.pk, post.pk]), {"on": DAY, "confirm": "1"})
    client.post(reverse("organisations:relieve", args=[branch.pk, post.pk]), {"on": DAY, "confirm": "1"})

    assert wrong.status_code == 404
    assert audited() == ["organisations.appointed", "organisations.relieved"]
    assert Post.objects.get().ended_on == dt.date(2026, 3, 1)


def test_describe_through_the_form(client, ours, admin):
    branch = make_branch(ours)

    client.post(
        reverse("organisations:describe", args=[branch.pk]),
        {"introduction": "介绍", "address": "检修路1号", "contact": "", "latitude": "30.5", "longitude": "120.25"},
    )

    row = Organisation.objects.get(pk=branch.pk)
    assert audited() == ["organisations.described"]
    assert (row.address, float(row.latitude), float(row.longitude)) == ("检修路1号", 30.5, 120.25)


def test_detail_shows_warnings_with_their_source(client, ours, admin):
    branch = make_branch(ours)
    enter_member("林晓", branch)

    page = client.get(reverse("organisations:inspect", args=[branch.pk])).content.decode()

    assert "正式党员 1 人，不足 3 人" in page
    assert "支部工作条例" in page


def test_root_is_founded_by_superusers_only(client, ours, admin):
    refused = client.get(reverse("organisations:found_root")).status_code
    login(client, make_user("root", is_superuser=True, is_staff=True))
    client.post(
        reverse("organisations:found_root"),
        {**TOLD, "code": "T01", "name": "公司团委", "short_name": "", "kind": "league_committee", "confirm": "1"},
    )

    assert refused == 404
    assert Organisation.objects.get(code="T01").depth == 1
