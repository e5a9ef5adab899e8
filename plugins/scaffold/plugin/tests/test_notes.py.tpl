"""What the plugin is for."""

import datetime as dt
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser

from __slug__.domain.notes import notes_for
from __slug__.domain.reactions import remember_course
from __slug__.models import FinishedCourse, Note
from plugins.sdk import today
from plugins.testing import switch_on
from portal.public import facts
from portal.public.events import CourseCompleted

pytestmark = pytest.mark.django_db


def test_note_is_seen_by_its_audience_from_its_day_on():
    everybody, members = facts.public_audience_id(), facts.members_audience_id()
    seen = Note.objects.create(title="今天", audience_id=everybody)
    Note.objects.create(title="明天", audience_id=everybody, shown_on=today() + dt.timedelta(days=1))
    Note.objects.create(title="只给党员", audience_id=members)

    assert list(notes_for(AnonymousUser())) == [seen]


def test_finished_course_is_remembered_once():
    event = CourseCompleted(member_uid=uuid.uuid4(), course_uid=uuid.uuid4(), course_title="党支部工作实务")

    remember_course(event)
    remember_course(event)

    assert FinishedCourse.objects.get().course_title == "党支部工作实务"


def test_api_lists_what_everybody_may_see(client):
    Note.objects.create(title="给大家", audience_id=facts.public_audience_id())
    Note.objects.create(title="只给党员", audience_id=facts.members_audience_id())
    switch_on("__slug__")

    answer = client.get("/api/v1/p/__slug__/notes").json()

    assert [row["title"] for row in answer["items"]] == ["给大家"]
