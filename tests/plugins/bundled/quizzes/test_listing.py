"""What the list of pages leads to: the papers of that very course."""

import pytest

from plugins.bundled.quizzes.listing import papers_of_course
from plugins.sdk import ActionContext
from tests.factories import make_committee, make_staff
from tests.factories.learning import make_course
from tests.factories.pages import make_article, make_column, make_site
from tests.plugins.bundled.quizzes.makers import make_paper

pytestmark = pytest.mark.django_db


def test_page_action_on_a_course_leads_to_its_papers_and_no_others(client):
    committee = make_committee()
    column = make_column(make_site(committee), "党校")
    course = make_course(parent=column)
    make_paper(title="本课试卷", owner_organisation=committee, course_uid=course.uid)
    make_paper(title="别的试卷", owner_organisation=committee)
    admin = make_staff("admin", committee)
    client.force_login(admin)

    html = client.get(papers_of_course(ActionContext(admin, course))).content.decode()

    assert "本课试卷" in html
    assert "别的试卷" not in html
    assert papers_of_course(ActionContext(admin, make_article(column))) is None
