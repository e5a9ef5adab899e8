"""The school in the browser: list, course, unit, enrolling, beacons."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid

import pytest
from django.urls import reverse

from portal.organisations.domain.audiences import organisation_audience
from portal.school.domain.enrolment import enrol_member
from portal.school.models import Enrolment, Progress
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user
from tests.factories.counting import queries_of
from tests.factories.learning import make_course, text_unit, units_of, video_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def signed_in(client, member):
    client.force_login(member.user)
    return client


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def post_json(client, address, body):
    return client.post(address, json.dumps(body), content_type="application/json")


def test_list_shows_the_courses_of_the_audience_with_their_state(signed_in, member):
    enrol_member(member, make_course([text_unit()], title="学习中的课", display_date=dt.date(2026, 11, 2)))
    make_course([text_unit(), text_unit()], title="没报名的课", display_date=dt.date(2026, 11, 1))
    make_course(title="别人的课", audience=organisation_audience(make_branch()))

    cards = signed_in.get(reverse("school:courses")).context["cards"]

    assert [(c.course.title, c.course.unit_count, c.enrolment is not None) for c in cards] == [
        ("学习中的课", 1, True),
        ("没报名的课", 2, False),
    ]


def test_list_without_courses_says_what_to_do_next(client):
    shown = text_of(client.get(reverse("school:courses")))

    assert "还没有公开的课程 有些课程只向党员开放，登录后可以看到。 登录" in shown


def test_list_takes_a_fixed_number_of_queries(signed_in, member):
    counts = []
    for size in (1, 3):
        while len(signed_in.get(reverse("school:courses")).context["cards"]) < size:
            enrol_member(member, make_course([text_unit(), video_unit()], title="课"))
        counts.append(len(queries_of(lambda: signed_in.get(reverse("school:courses")))))

    assert counts[0] == counts[1] <= 18, counts


def test_course_and_unit_take_a_fixed_number_of_queries(signed_in, member):
    counts = {"course": [], "unit": []}
    for size in (1, 3):
        course = make_course(*[[video_unit(60, f"{c}.{u}") for u in range(size)] for c in range(size)])
        enrol_member(member, course)
        for name, address in [
            ("course", course.url),
            ("unit", reverse("school:unit", args=[units_of(course)[0].uid])),
        ]:
            signed_in.get(address)
            counts[name].append(
                len([q for q in queries_of(lambda at=address: signed_in.get(at)) if "points_" not in q])
            )

    assert counts["course"][0] == counts["course"][1] <= 22, counts
    assert counts["unit"][0] == counts["unit"][1] <= 20, counts


def test_course_page_offers_exactly_one_next_step(client, member):
    course = make_course([text_unit("第一讲")], title="十讲", hours=6, for_whom="全体党员")
    anonymous = client.get(course.url)
    client.force_login(member.user)
    before = client.get(course.url)

    after = client.post(reverse("school:enrol", args=[course.uid]), follow=True)

    assert [r.content.decode().count("btn-primary") for r in (anonymous, before)] == [1, 1]
    assert "登录后学习" in text_of(anonymous)
    assert "报名学习" in text_of(before)
    assert after.redirect_chain == [(reverse("school:unit", args=[units_of(course)[0].uid]), 302)]
    assert "您已报名《十讲》" in text_of(after)
    assert "开始学习 第一讲" in text_of(client.get(course.url))


def test_unit_needs_signing_in_whether_it_exists_or_not(client):
    exists = reverse("school:unit", args=[units_of(make_course([text_unit()]))[0].uid])
    absent = reverse("school:unit", args=[uuid.uuid4()])

    assert [client.get(address).url for address in (exists, absent)] == [
        f"/account/login/?next={exists}",
        f"/account/login/?next={absent}",
    ]


def test_unit_of_another_branch_is_answered_as_absent(signed_in):
    course = make_course([text_unit()], audience=organisation_audience(make_branch()))
    addresses = [reverse("school:unit", args=[uid]) for uid in (units_of(course)[0].uid, uuid.uuid4())]
    signed_in.get(addresses[1])

    answers = [signed_in.get(address) for address in addresses]
    counts = [len(queries_of(lambda at=address: signed_in.get(at))) for address in addresses]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert text_of(answers[0]) == text_of(answers[1])
    assert counts[0] == counts[1]


def test_unit_without_enrolment_offers_it_and_hides_the_content(signed_in):
    course = make_course([text_unit("一", body="<p>只给学员看的正文</p>")])

    shown = signed_in.get(reverse("school:unit", args=[units_of(course)[0].uid])).content.decode()

    assert ("报名学习" in shown, "只给学员看的正文" in shown) == (True, False)


def test_unit_for_its_editor_is_shown_without_being_counted(client):
    committee = make_committee()
    editor = make_staff("editor", committee)
    course = make_course([text_unit("一", body="<p>正文</p>")], owner_organisation=committee)
    client.force_login(editor)

    shown = text_of(client.get(reverse("school:unit", args=[units_of(course)[0].uid])))

    assert "您以编辑身份查看" in shown
    assert "正文" in shown


def test_text_unit_is_done_by_its_button_without_javascript(signed_in, member):
    course = make_course([text_unit("一"), text_unit("二")])
    enrol_member(member, course)
    first, second = units_of(course)
    page = signed_in.get(reverse("school:unit", args=[first.uid])).content.decode()
    action = reverse("school:unit_done", args=[first.uid])

    answers = [signed_in.post(reverse("school:unit_done", args=[unit.uid]), follow=True) for unit in (first, second)]

    assert f'action="{action}"' in page
    assert [answer.redirect_chain[-1][0] for answer in answers] == [
        reverse("school:unit", args=[second.uid]),
        course.url,
    ]
    assert "您已学完《党支部工作实务》的全部必修单元" in text_of(answers[1])
    assert Enrolment.objects.get().completed_at is not None


def test_video_unit_cannot_be_marked_by_hand(signed_in, member):
    course = make_course([video_unit(100)])
    enrol_member(member, course)
    unit = units_of(course)[0]

    answer = signed_in.post(reverse("school:unit_done", args=[unit.uid]), follow=True)

    assert "视频还没有看完（已看 0%）" in text_of(answer)
    assert Progress.objects.count() == 0


def test_enrol_without_a_member_file_is_explained(client):
    course = make_course([text_unit()])
    client.force_login(make_user())

    answer = client.post(reverse("school:enrol", args=[course.uid]), follow=True)

    assert "您的账号还没有关联党员档案，暂时不能报名。请联系所在支部的书记。" in text_of(answer)
    assert Enrolment.objects.count() == 0


def test_beacons_over_http_lead_from_opening_to_done(signed_in, member, clock):
    course = make_course([video_unit(60)])
    enrol_member(member, course)
    unit = units_of(course)[0]
    token = post_json(signed_in, reverse("school:watch_open", args=[unit.uid]), {}).json()["token"]
    answers = []
    for start in (0, 30):
        clock.wait(30)
        body = {"id": str(uuid.uuid4()), "token": token, "spans": [[start, start + 30]], "position": start + 30}
        answers.append(post_json(signed_in, reverse("school:watch", args=[unit.uid]), body).json())
        token = answers[-1]["token"]

    assert [(answer["share"], answer["done"]) for answer in answers] == [(50, False), (100, True)]
    page = signed_in.get(reverse("school:unit", args=[unit.uid]))
    assert page.context["position"] == 60
    assert page.context["state"].is_done is True


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        '{"id": 1}',
        '{"id": "x", "token": "y", "spans": [], "position": 0}',
        {"spans": [[0]]},
        {"spans": [[0, "1"]]},
        {"spans": [[5, 1]]},
        {"spans": [[0, 1e300]]},
        {"spans": [[True, False]]},
        {"spans": {"0": 1}},
        {"spans": [[0, 1]] * 201},
        {"position": None},
        {"spans": "x" * 20_000},
        '{"id": "' + "[" * 9_000,
    ],
)
def test_beacon_that_is_none_is_refused_in_words(body, signed_in, member):
    course = make_course([video_unit(60)])
    enrol_member(member, course)
    address = reverse("school:watch", args=[units_of(course)[0].uid])
    if isinstance(body, dict):
        body = json.dumps({"id": str(uuid.uuid4()), "token": str(uuid.uuid4()), "spans": [], "position": 0, **body})

    answer = signed_in.post(address, body, content_type="application/json")

    assert (answer.status_code, answer.json()["message"]) == (400, "学习进度的格式不正确，没有保存。")


def test_beacon_refusals_carry_their_reason(signed_in, member, clock):
    course = make_course([video_unit(60)])
    address = reverse("school:watch", args=[units_of(course)[0].uid])
    body = {"id": str(uuid.uuid4()), "token": str(uuid.uuid4()), "spans": [[0, 50]], "position": 0}
    states = [post_json(signed_in, address, body).json()["state"]]
    enrol_member(member, course)
    states.append(post_json(signed_in, address, body).json()["state"])
    body["token"] = post_json(signed_in, f"{address}open/", {}).json()["token"]

    states.append(post_json(signed_in, address, body).json()["state"])

    assert states == ["not_enrolled", "elsewhere", "implausible"]


def test_unit_names_the_checked_address_of_its_video_to_learners_only(client, member):
    course = make_course([video_unit(60)])
    unit = units_of(course)[0]
    address = reverse("files:video_playback", args=[unit.video.uid])
    client.force_login(member.user)
    before = client.get(reverse("school:unit", args=[unit.uid])).content.decode()
    enrol_member(member, course)
    after = client.get(reverse("school:unit", args=[unit.uid])).content.decode()

    assert [f'data-source="{address}"' in shown for shown in (before, after)] == [False, True]
