"""The structure editor in the administration."""

import pytest
from django.test import Client

from portal.regulations.domain.importing import Placement, import_regulation
from portal.regulations.models import RegulationVersion
from tests.factories import make_branch, make_committee, make_staff
from tests.portal.regulations.makers import LONG, law_text

pytestmark = pytest.mark.django_db
BACKEND = "portal.accounts.backends.LoginHandleBackend"


def _draft(branch) -> RegulationVersion:
    text = law_text(*LONG, "第五条 班组长应当检查，第六条值班员应当记录。")
    return import_regulation(text, placement=Placement(owner=branch), publish=False).version


def _sign_in(client: Client, role: str, organisation) -> None:
    client.force_login(make_staff(role, organisation), backend=BACKEND)


def _sent(response) -> dict[str, str]:
    """What the form of a page would send."""
    context = response.context
    data = {"first": context["first"], "last": context["last"], "digest": context["digest"]}
    for index, line in enumerate(context["lines"]):
        values = {"kind": line.kind, "text": line.text, "number": line.number, "depth": line.depth, "was": line.was}
        data |= {f"{name}-{index}": value for name, value in values.items()} | {f"depthwas-{index}": line.depth_was}
    return data


def test_doubt_on_the_page_of_the_work_leads_to_its_row_in_the_editor(client: Client) -> None:
    branch = make_branch()
    version = _draft(branch)
    _sign_in(client, "editor", branch)

    page = client.get(f"/admin/regulation/edit/{version.regulation_id}/").content.decode()
    editor = client.get(f"/admin/regulation/versions/{version.pk}/structure/?doubt=0")

    assert f"/admin/regulation/versions/{version.pk}/structure/?doubt=0#here" in page
    assert editor.context["lines"][editor.context["focus"]].text.startswith("第五条")
    assert editor.context["lines"][editor.context["focus"]].doubts


def test_row_with_a_line_break_is_split_and_the_doubt_is_settled(client: Client) -> None:
    branch = make_branch()
    version = _draft(branch)
    _sign_in(client, "editor", branch)
    data = _sent(client.get(f"/admin/regulation/versions/{version.pk}/structure/"))
    data["text-3"] = data["text-3"].replace("，第六条", "，\r\n第六条")

    client.post(f"/admin/regulation/versions/{version.pk}/structure/", data)
    data = _sent(client.get(f"/admin/regulation/versions/{version.pk}/structure/"))
    data["kind-4"] = "article"
    answer = client.post(f"/admin/regulation/versions/{version.pk}/structure/", data)

    version.refresh_from_db()
    assert answer.status_code == 302
    assert list(version.provisions.order_by("position").values_list("path", "text"))[3:] == [
        ("art5", "班组长应当检查，"), ("art6", "值班员应当记录。"),
    ]  # fmt: skip
    assert version.open_doubts == 0


def test_line_said_to_be_an_item_has_its_address_on_the_page_of_the_article(client: Client) -> None:
    branch = make_branch()
    text = law_text(*LONG, "第四条 检修应当：", "停电并验电；", "挂接地线。")
    version = import_regulation(text, placement=Placement(owner=branch)).version
    _sign_in(client, "reviewer", branch)
    address = f"/admin/regulation/versions/{version.pk}/structure/"
    before = client.get(address).content.decode()
    data = _sent(client.get(address)) | {"kind-4": "item", "kind-5": "item"}

    client.post(address, data)

    place = f"/r/{version.regulation.code}@{version.key}/art4/p1/i2"
    assert ("第三款" in before, "第一款第（二）项" in client.get(address).content.decode()) == (True, True)
    assert 'law-item law-marked" id="t.p1.i2"' in client.get(place).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("text-1", "第二条 改了文字。", "文字与原文不一致"),
        ("number-1", "二", "序号请写成数字"),
        ("kind-1", "verse", "请选择这一行的种类"),
        ("digest", "old", "刚刚被改过"),
    ],
)
def test_refused_correction_says_why_and_keeps_all_input(client: Client, field: str, value: str, sentence: str) -> None:
    branch = make_branch()
    version = _draft(branch)
    _sign_in(client, "editor", branch)
    data = _sent(client.get(f"/admin/regulation/versions/{version.pk}/structure/"))
    data |= {"number-0": "77", field: value}

    answer = client.post(f"/admin/regulation/versions/{version.pk}/structure/", data)

    page = answer.content.decode()
    assert (answer.status_code, sentence in page, 'value="77"' in page) == (422, True, True)
    assert _sent(answer)[field] == value
    assert version.provisions.filter(number=77).count() == 0


def test_structure_of_another_branch_is_not_found_and_a_published_one_is_for_who_may_publish(client: Client) -> None:
    committee = make_committee()
    own, other = make_branch(committee), make_branch(committee)
    foreign = _draft(other)
    published = import_regulation(law_text(*LONG), placement=Placement(owner=own)).version
    address = f"/admin/regulation/versions/{published.pk}/structure/"
    _sign_in(client, "editor", own)
    not_mine = client.get(f"/admin/regulation/versions/{foreign.pk}/structure/").status_code
    data = _sent(client.get(address)) | {"number-0": "9"}
    by_editor = client.post(address, data)
    number_then = published.provisions.get(position=0).number

    _sign_in(client, "reviewer", own)
    client.post(address, data)

    assert (not_mine, by_editor.status_code in (302, 403), number_then) == (404, True, 1)
    assert published.provisions.get(position=0).number == 9


def test_place_is_found_by_number_or_words_and_a_doubt_is_ticked_off(client: Client) -> None:
    branch = make_branch()
    version = _draft(branch)
    _sign_in(client, "editor", branch)
    address = f"/admin/regulation/versions/{version.pk}/"

    by_number = client.get(f"{address}structure/?find=第二条").context["focus"]
    by_words = client.get(f"{address}structure/?find=清点工具").context["focus"]
    nowhere = client.get(f"{address}structure/?find=不存在的话").content.decode()
    client.post(f"{address}settle/", {"doubt": "0", "at": "0"})

    version.refresh_from_db()
    assert (by_number, by_words, "没有找到" in nowhere, version.open_doubts) == (1, 2, True, 0)
