"""Micro-lessons: who may see them, watching to the end, the list."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from django.urls import reverse

from portal.ground.models import OutboxEntry
from portal.microlessons.domain.learning import open_lesson, record_lesson_watch
from portal.microlessons.models import LessonWatched, MicroLessonPage
from portal.organisations.domain.audiences import members_audience, organisation_audience
from portal.watching.domain.watching import Beacon, ImplausibleClaim
from tests.factories import make_branch, make_member, make_user
from tests.factories.counting import queries_of
from tests.factories.learning import make_lesson

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def watched_events() -> list[dict]:
    return [entry.payload for entry in OutboxEntry.objects.filter(name="microlessons.watched")]


def play(user, lesson, clock, until: int, step: int = 30):
    token, state = open_lesson(user, lesson).watch.token, None
    for start in range(0, until, step):
        clock.wait(step)
        span = (start * 1000, min(start + step, until) * 1000)
        state = record_lesson_watch(user, lesson, Beacon(uuid.uuid4(), token, (span,), span[1]))
        token = state.watch.token
    return state


def test_watching_to_the_end_is_told_once(clock):
    member, lesson = make_member(), make_lesson(90)

    states = [play(member.user, lesson, clock, until) for until in (60, 90, 90)]

    assert [state.is_done for state in states] == [False, True, True]
    assert [(e["member_uid"], e["lesson_uid"], e["title"]) for e in watched_events()] == [
        (str(member.uid), str(lesson.uid), "钢轨的声音")
    ]


def test_watching_by_somebody_without_a_member_file_is_not_told(clock):
    state = play(make_user(), make_lesson(60), clock, 60)

    assert state.is_done is True
    assert (watched_events(), LessonWatched.objects.count()) == ([], 0)


def test_forged_end_of_a_lesson_is_refused(clock):
    member, lesson = make_member(), make_lesson(60)
    token = open_lesson(member.user, lesson).watch.token

    with pytest.raises(ImplausibleClaim):
        record_lesson_watch(member.user, lesson, Beacon(uuid.uuid4(), token, ((0, 60_000),), 60_000))

    assert watched_events() == []


def test_lesson_of_another_branch_is_nowhere(client):
    hidden = make_lesson(title="别人的课", audience=organisation_audience(make_branch()))
    make_lesson(title="公开的课")
    client.force_login(make_member().user)

    assert client.get(hidden.url).status_code == 404
    assert client.post(reverse("microlessons:watch_open", args=[hidden.uid])).status_code == 404
    assert [card.lesson.title for card in client.get(reverse("microlessons:lessons")).context["cards"]] == ["公开的课"]


def test_page_plays_for_everybody_and_counts_for_those_who_signed_in(client):
    lesson = make_lesson(60, lecturer="顾延川", script="<p>听见一个断了的尾巴</p>", summary="好的钢轨声音是亮的")

    anonymous = client.get(lesson.url)
    client.force_login(make_member().user)
    signed_in = client.get(lesson.url)

    for answer in (anonymous, signed_in):
        assert f'data-source="{reverse("files:video_playback", args=[lesson.video.uid])}"' in answer.content.decode()
        assert "主讲：顾延川" in text_of(answer)
        assert "听见一个断了的尾巴" in text_of(answer)
    counted = [
        f'data-beacon="{reverse("microlessons:watch", args=[lesson.uid])}"' in a.content.decode()
        for a in (anonymous, signed_in)
    ]
    assert counted == [False, True]


def test_page_resumes_where_the_person_was(client, clock):
    member, lesson = make_member(), make_lesson(90)
    play(member.user, lesson, clock, 30)
    client.force_login(member.user)

    assert 'data-start="30.0"' in client.get(lesson.url).content.decode()


def test_beacons_need_signing_in(client):
    lesson = make_lesson()
    address = reverse("microlessons:watch", args=[lesson.uid])

    answer = client.post(address, json.dumps({}), content_type="application/json")

    assert (answer.status_code, answer.url) == (302, f"/account/login/?next={address}")


def test_list_takes_a_fixed_number_of_queries(client):
    client.force_login(make_member().user)
    counts = []
    for size in (1, 3):
        while MicroLessonPage.objects.count() < size:
            make_lesson(audience=members_audience())
        client.get(reverse("microlessons:lessons"))
        counts.append(len(queries_of(lambda: client.get(reverse("microlessons:lessons")))))

    assert counts[0] == counts[1] <= 16


def test_list_without_lessons_says_what_comes(client):
    assert "还没有微党课 新的微党课发布后会出现在这里。 回到首页" in text_of(
        client.get(reverse("microlessons:lessons"))
    )


def test_search_body_holds_lecturer_and_script():
    lesson = make_lesson(lecturer="顾延川", topic="岗位责任", summary="摘要", script="<p>听</p><p>再听</p>")

    assert lesson.search_body() == "顾延川\n岗位责任\n摘要\n听\n再听"
