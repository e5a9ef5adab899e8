"""The pages: no key before its time, nobody sees another's result, nothing that is not for them."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plugins.bundled.quizzes.domain.searching import documents
from plugins.bundled.quizzes.models import Attempt
from portal.ground.clock import now
from portal.organisations.domain.audiences import organisation_audience, public_audience
from tests.factories import make_branch, make_member
from tests.plugins.bundled.quizzes.makers import RIGHT, make_paper

pytestmark = pytest.mark.django_db


def _signed_in(member):
    client = Client()
    client.force_login(member.user)
    return client


def _form(response, paper, *letters):
    data = {f"q-{q.uid}": list(chosen) for q, chosen in zip(paper.questions.all(), letters, strict=True)}
    return {**data, "submission": str(response.context["submission"])}


def test_paper_page_holds_neither_key_nor_explanation():
    paper = make_paper()
    client = _signed_in(make_member())

    page = client.get(reverse("quizzes:paper", args=[paper.uid])).content.decode()

    assert "单选题干" in page
    assert "解析" not in page
    for kind in ("checked", "correct", "is_right"):
        assert kind not in page


def test_handing_in_shows_the_result_and_a_repeat_of_the_form_shows_the_same():
    paper = make_paper()
    client = _signed_in(make_member())
    url = reverse("quizzes:paper", args=[paper.uid])
    data = _form(client.get(url), paper, *RIGHT)

    first = client.post(url, data)
    again = client.post(url, data)

    attempt = Attempt.objects.get()
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"] == reverse("quizzes:result", args=[attempt.uid])
    page = client.get(first["Location"]).content.decode()
    assert "单选解析" in page
    assert "100" in page


def test_result_without_a_pass_and_with_attempts_left_keeps_the_key_back_until_the_last_attempt():
    paper = make_paper(max_attempts=2)
    client = _signed_in(make_member())
    url = reverse("quizzes:paper", args=[paper.uid])

    first = client.post(url, _form(client.get(url), paper, "A", "A", "A"))
    before = client.get(first["Location"]).content.decode()
    second = client.post(url, _form(client.get(url), paper, "A", "A", "A"))
    after = client.get(second["Location"]).content.decode()

    assert "单选解析" not in before
    assert "正确答案" not in before
    assert "单选解析" in after
    assert "正确答案" in after


def test_result_of_somebody_else_answers_as_if_it_were_not_there():
    paper = make_paper()
    client = _signed_in(make_member())
    url = reverse("quizzes:paper", args=[paper.uid])
    location = client.post(url, _form(client.get(url), paper, *RIGHT))["Location"]

    assert _signed_in(make_member()).get(location).status_code == 404
    assert client.get(location).status_code == 200


def test_handing_in_after_closing_keeps_what_was_chosen_on_the_page_and_writes_nothing():
    paper = make_paper()
    client = _signed_in(make_member())
    url = reverse("quizzes:paper", args=[paper.uid])
    data = _form(client.get(url), paper, *RIGHT)
    paper.closes_at = now() - dt.timedelta(seconds=1)
    paper.save()

    response = client.post(url, data)

    assert response.status_code == 409
    page = response.content.decode()
    assert "考试已经截止，这次的答卷没有计入。" in page
    assert page.count("checked") == 4
    assert not Attempt.objects.exists()


def test_paper_for_another_branch_is_neither_listed_nor_there_nor_found_by_its_members():
    mine, other = make_branch(), make_branch()
    paper = make_paper(audience=organisation_audience(other), title="别的支部的试卷")
    outsider, insider = _signed_in(make_member(mine)), _signed_in(make_member(other))
    url = reverse("quizzes:paper", args=[paper.uid])

    assert outsider.get(url).status_code == 404
    assert "别的支部的试卷" not in outsider.get(reverse("quizzes:papers")).content.decode()
    assert insider.get(url).status_code == 200
    assert "别的支部的试卷" in insider.get(reverse("quizzes:papers")).content.decode()
    assert [document.tokens for document in documents([str(paper.uid)])] == [frozenset({f"ou:{other.pk}"})]


def test_unpublished_paper_is_not_there_and_not_in_the_index():
    paper = make_paper(is_published=False)
    client = _signed_in(make_member())

    assert client.get(reverse("quizzes:paper", args=[paper.uid])).status_code == 404
    assert list(documents([str(paper.uid)])) == []


def test_index_holds_no_question():
    paper = make_paper(audience=public_audience())

    document = next(iter(documents(None)))

    assert (document.group, document.kind, document.type, document.title) == (
        str(paper.uid),
        "quizzes",
        "quiz",
        "支部工作测试",
    )
    assert "题干" not in f"{document.body}{document.summary}{document.context}"


def test_list_of_papers_asks_as_often_for_three_as_for_one():
    client = _signed_in(make_member())
    asked = []
    for number in range(3):
        make_paper()
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("quizzes:papers"))
        asked.append(len([q for q in queries if "quizzes_" in q["sql"]]))
        assert len(page.context["states"]) == number + 1

    assert asked[0] == asked[2] == 3


def test_anonymous_reader_is_sent_to_the_login_from_a_paper():
    paper = make_paper(audience=public_audience())
    url = reverse("quizzes:paper", args=[paper.uid])

    response = Client().get(url)

    assert response.status_code == 302
    assert response["Location"].endswith(f"?next={url}")
