"""The bundled plugins keep the rules of the contract kit."""

import uuid

from django.urls import reverse

from plugins.bundled.points.domain.ledger import credit_points
from plugins.bundled.points.models import Rule, Transfer
from plugins.bundled.quizzes.events import QuizPassed
from plugins.testing import PluginContract
from portal.events.microlessons import MicroLessonWatched
from portal.events.school import CourseCompleted, UnitCompleted
from portal.ground.clock import now
from portal.organisations.domain.audiences import organisation_audience, public_audience
from portal.public import facts
from tests.factories import make_branch, make_member, make_user
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

    def make_items(self, count):
        member = facts.member_of(self.person()).uid
        rule, _made = Rule.objects.get_or_create(
            code="trial", defaults={"label": "试验", "points": 3, "source": "试验"}
        )
        for number in range(Transfer.objects.count(), Transfer.objects.count() + count):
            credit_points(rule=rule, member_uid=member, event_key=f"k{number}", about="事由", occurred_at=now())


class TestQuizzes(Contract):
    __test__ = True
    plugin = "quizzes"

    def make_items(self, count):
        for _number in range(count):
            make_paper(audience=public_audience())

    def hidden_pages(self):
        other = make_branch(name="另一个支部")
        hidden = make_paper(audience=organisation_audience(other))
        return [reverse("quizzes:paper", args=[hidden.uid])]

    def outsider(self):
        return make_member(user=make_user("outsider")).user

    def test_every_search_document_belongs_to_the_plugin_and_says_who_may_find_it(self, db):
        make_paper()
        super().test_every_search_document_belongs_to_the_plugin_and_says_who_may_find_it()


class TestDisclosure(Contract):
    __test__ = True
    plugin = "disclosure"

    def make_items(self, count):
        for _number in range(count):
            make_item(state="published", audience=public_audience())

    def hidden_pages(self):
        other = make_branch(name="另一个支部")
        hidden = make_item(other, state="published", audience=organisation_audience(other))
        return [reverse("disclosure:item", args=[hidden.uid])]

    def subject_for(self, slot):
        return object() if slot == "home.bottom" else None

    def test_every_search_document_belongs_to_the_plugin_and_says_who_may_find_it(self, db):
        make_item(state="published")
        super().test_every_search_document_belongs_to_the_plugin_and_says_who_may_find_it()
