"""The bundled plugins keep the rules of the contract kit."""

import uuid

from plugins.bundled.quizzes.events import QuizPassed
from plugins.testing import PluginContract
from portal.events.microlessons import MicroLessonWatched
from portal.events.school import CourseCompleted, UnitCompleted
from tests.factories import make_member
from tests.plugins.bundled.disclosure.makers import make_item
from tests.plugins.bundled.quizzes.makers import make_paper


class Contract(PluginContract):
    """With a person who has a member file as well as every right."""

    __test__ = False

    def person(self):
        from portal.accounts.models import User

        known = User.objects.filter(username="contract").first()
        if known is not None:
            return known
        user = super().person()
        make_member(user=user)
        return user


class TestPoints(Contract):
    __test__ = True
    plugin = "points"

    def sample_events(self):
        member = uuid.uuid4()
        course = uuid.uuid4()
        return [
            UnitCompleted(member_uid=member, unit_uid=uuid.uuid4(), course_uid=course, unit_title="第一讲"),
            CourseCompleted(member_uid=member, course_uid=course, course_title="党支部工作实务"),
            MicroLessonWatched(member_uid=member, lesson_uid=uuid.uuid4(), title="一分钟"),
            QuizPassed(member_uid=member, paper_uid=uuid.uuid4(), title="支部工作测试", score=90),
        ]


class TestQuizzes(Contract):
    __test__ = True
    plugin = "quizzes"

    def test_every_search_document_belongs_to_the_plugin_and_says_who_may_find_it(self, db):
        make_paper()
        super().test_every_search_document_belongs_to_the_plugin_and_says_who_may_find_it()


class TestDisclosure(Contract):
    __test__ = True
    plugin = "disclosure"

    def test_every_search_document_belongs_to_the_plugin_and_says_who_may_find_it(self, db):
        make_item(state="published")
        super().test_every_search_document_belongs_to_the_plugin_and_says_who_may_find_it()
