"""Handing in: graded here, within the window, once a form, as often as allowed."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import DatabaseError, close_old_connections, connection, transaction

from plugins.bundled.quizzes.domain.taking import (
    Closed,
    NoAttemptsLeft,
    NotOpen,
    SubmissionUsedOtherwise,
    submit,
)
from plugins.bundled.quizzes.models import Attempt, Question
from portal.ground.models import OutboxEntry
from tests.plugins.bundled.quizzes.makers import RIGHT, answers_of, make_paper


def _submit(paper, letters=RIGHT, *, member=None, form=None, at=None):
    return submit(
        paper=paper,
        member_uid=member or uuid.uuid4(),
        submission_uid=form or uuid.uuid4(),
        chosen=answers_of(paper, *letters),
        at=at,
    )


def _passed_events():
    return OutboxEntry.objects.filter(name="quizzes.passed")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("letters", "points", "percent", "passed"),
    [
        (RIGHT, 25, 100, True),
        (("B", "A", "B"), 15, 60, True),
        (("B", "ABC", "A"), 10, 40, False),
        (("", "", ""), 0, 0, False),
    ],
)
def test_submit_grades_on_the_server(letters, points, percent, passed):
    attempt = _submit(make_paper(), letters)

    stored = Attempt.objects.get()
    assert stored == attempt
    assert (stored.points, stored.points_possible, stored.percent, stored.passed) == (points, 25, percent, passed)


@pytest.mark.django_db
def test_submit_same_form_again_gives_the_attempt_that_is_there_even_after_closing():
    paper, member, form = make_paper(), uuid.uuid4(), uuid.uuid4()
    first = _submit(paper, member=member, form=form)

    again = _submit(paper, member=member, form=form)
    late = _submit(paper, member=member, form=form, at=paper.closes_at + dt.timedelta(days=1))

    assert first == again == late
    assert Attempt.objects.count() == 1


@pytest.mark.django_db
def test_submit_same_form_with_other_answers_or_by_another_member_is_refused():
    paper, member, form = make_paper(), uuid.uuid4(), uuid.uuid4()
    _submit(paper, ("A", "A", "A"), member=member, form=form)

    with pytest.raises(SubmissionUsedOtherwise):
        _submit(paper, RIGHT, member=member, form=form)
    with pytest.raises(SubmissionUsedOtherwise):
        _submit(paper, ("A", "A", "A"), form=form)

    assert list(Attempt.objects.values_list("percent", flat=True)) == [0]


@pytest.mark.django_db
def test_submit_outside_the_window_is_refused_and_writes_nothing():
    paper = make_paper()

    with pytest.raises(NotOpen):
        _submit(paper, at=paper.opens_at - dt.timedelta(seconds=1))
    with pytest.raises(Closed):
        _submit(paper, at=paper.closes_at + dt.timedelta(seconds=1))
    paper.is_published = False
    paper.save()
    with pytest.raises(NotOpen):
        _submit(paper)

    assert not Attempt.objects.exists()


@pytest.mark.django_db
def test_submit_more_often_than_allowed_is_refused():
    paper, member = make_paper(max_attempts=2), uuid.uuid4()
    numbers = [_submit(paper, member=member).number for _ in range(2)]

    with pytest.raises(NoAttemptsLeft):
        _submit(paper, member=member)

    assert numbers == [1, 2]
    assert _submit(paper).number == 1


@pytest.mark.django_db
def test_submit_tells_of_the_first_pass_only():
    paper, member = make_paper(), uuid.uuid4()

    _submit(paper, ("", "", ""), member=member)
    assert not _passed_events().exists()
    _submit(paper, ("B", "A", "B"), member=member)
    _submit(paper, RIGHT, member=member)

    payload = _passed_events().get().payload
    assert (payload["member_uid"], payload["paper_uid"], payload["score"]) == (str(member), str(paper.uid), 60)


@pytest.mark.django_db
def test_attempt_keeps_the_questions_as_they_stood():
    paper = make_paper()
    attempt = _submit(paper)

    Question.objects.filter(kind="single").update(stem="改过的题干", key="A")

    attempt.refresh_from_db()
    assert [line["stem"] for line in attempt.result] == ["单选题干", "多选题干", "判断题干"]
    assert attempt.result[0]["key"] == "B"
    assert attempt.percent == 100


@pytest.mark.django_db
def test_attempt_cannot_be_changed_in_the_database():
    _submit(make_paper(), ("", "", ""))

    with pytest.raises(DatabaseError, match=r"sealed rows cannot be changed"), transaction.atomic():
        Attempt.objects.update(percent=100, passed=True)

    assert Attempt.objects.get().percent == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_submit_clicked_many_times_at_once_counts_once():
    paper, member, form = make_paper(), uuid.uuid4(), uuid.uuid4()
    answers, given, faults = answers_of(paper, *RIGHT), [], []
    barrier = threading.Barrier(6)

    def click():
        try:
            barrier.wait(timeout=20)
            given.append(submit(paper=paper, member_uid=member, submission_uid=form, chosen=answers).pk)
        except Exception as error:  # noqa: BLE001 - handed to the test
            faults.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    try:
        assert faults == []
        assert len(set(given)) == 1
        assert Attempt.objects.count() == 1
        assert _passed_events().count() == 1
    finally:
        with connection.cursor() as cursor:
            on = ' ON "quizzes_attempt"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER IF EXISTS "quizzes_attempt_no_delete"{on}')
        Attempt.objects.all()._raw_delete("default")
        from portal.records.triggers import install_triggers

        install_triggers()
