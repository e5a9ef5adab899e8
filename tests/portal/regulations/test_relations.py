"""What texts state of other works: proposals, decided by people."""

import datetime as dt

import pytest
from django.test import Client

from portal.regulations.domain.citations.linking import read_unread
from portal.regulations.domain.importing import import_regulation
from portal.regulations.domain.relating import decide_relation
from portal.regulations.models import Regulation, Relation
from tests.portal.regulations.makers import LONG, law_text

pytestmark = pytest.mark.django_db


def _law(title: str, *articles: str, day: str = "2020-01-01") -> Regulation:
    text = law_text(*(articles or LONG), title=title, events=(f"{day[:4]}年1月1日 发布",))
    return import_regulation(text, file_name=f"{title}({day}).md").regulation


def _proposals(work: Regulation) -> set[tuple[str, str, str]]:
    return {(r.kind, r.title, r.on.isoformat() if r.on else "") for r in work.relations_out.all()}


def test_repeal_basis_and_subject_are_read_out_of_a_text() -> None:
    _law("检修条例")
    rule = _law(
        "检修条例实施细则",
        "第一条 根据《检修条例》和《安全办法》，制定本细则。",
        "第二条 本细则自2024年3月1日起施行。2011年1月1日发布的《检修暂行规定》同时废止。",
        "第三条 有关部门修改、废止《标准目录办法》的，应当公布。",
    )

    read_unread()

    assert _proposals(rule) == {
        ("based_on", "检修条例", ""), ("based_on", "安全办法", ""), ("repeals", "检修暂行规定", "2024-03-01"),
        ("implements", "检修条例", "2024-03-01"),
    }  # fmt: skip


def test_confirmed_repeal_ends_the_older_work_and_rejected_one_does_not(client: Client) -> None:
    old, other = _law("检修暂行规定"), _law("巡检暂行规定")
    _law("检修规定", "第一条 自2024年3月1日起施行，《检修暂行规定》、《巡检暂行规定》同时废止。", day="2024-01-01")
    read_unread()
    assert old.repealed_on is None

    decide_relation(Relation.objects.get(target=old), confirm=True)
    decide_relation(Relation.objects.get(target=other), confirm=False)
    read_unread()

    old.refresh_from_db()
    other.refresh_from_db()
    assert (old.repealed_on, other.repealed_on) == (dt.date(2024, 3, 1), None)
    page = client.get(f"/r/{old.code}").content.decode()
    assert "废止本法规的文件" in page
    assert "《检修规定》" in page  # in the note of the repeal


def test_interpretation_and_amendment_are_read_out_of_titles() -> None:
    _law("中华人民共和国检修法")
    explains = _law("最高人民法院关于适用《中华人民共和国检修法》若干问题的解释")
    amends = _law("关于修改《中华人民共和国检修法》的决定")

    read_unread()

    assert {r.kind for r in explains.relations_out.all()} == {"interprets"}
    assert {r.kind for r in amends.relations_out.all()} == {"amends"}
