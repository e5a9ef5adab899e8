"""A record is free while a draft, and sealed when submitted: then only a new version changes it."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from portal.records.domain.sealing import ReasonMissing, VersionOvertaken, verify_chain, versions_of
from portal.records.domain.submitting import AlreadySubmitted, NotSubmitted, amend, submit, unsealed_changes
from portal.records.models.sealed import SealedRowsStay
from portal.records.triggers import install_triggers
from tests.portal.records.paper import KIND, Paper, make_table

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _table(db):
    make_table()
    install_triggers()


def draft(**values):
    return Paper.objects.create(title="会议", phone="13800000000", happened_on=DAY, **values)


def test_draft_can_be_saved_again_and_deleted():
    paper = draft()
    paper.title = "座谈"
    paper.save()

    paper.delete()

    assert Paper.objects.count() == 0


def test_submitted_record_is_sealed_with_its_values():
    paper = draft()

    made = submit(paper, by="clerk")

    (version,) = versions_of(KIND, paper.uid)
    paper.refresh_from_db()
    assert (made.version, paper.seal_version, paper.submitted_at is not None) == (1, 1, True)
    assert version.content == {"title": "会议", "phone": "13800000000"}
    assert "13800000000" not in str(version.seal.content.fields)


def test_submitted_record_refuses_save_and_delete_in_python_and_in_the_database():
    paper = draft()
    submit(paper, by="clerk")

    with pytest.raises(SealedRowsStay):
        paper.save()
    with pytest.raises(SealedRowsStay):
        paper.delete()
    with pytest.raises(DatabaseError, match="sealed rows cannot be changed"), transaction.atomic():
        Paper.objects.update(title="x")
    with pytest.raises(DatabaseError, match="sealed rows cannot be changed"), transaction.atomic():
        Paper.objects.all()._raw_delete("default")


def test_submitting_twice_is_refused():
    paper = draft()
    again = Paper.objects.get()
    submit(paper, by="clerk")

    with pytest.raises(AlreadySubmitted):
        submit(paper, by="clerk")
    with pytest.raises(AlreadySubmitted):
        submit(again, by="clerk")


def test_amendment_is_a_new_version_with_a_reason():
    paper = draft()
    submit(paper, by="clerk")

    with pytest.raises(ReasonMissing):
        amend(paper, {"title": "座谈"}, by="clerk", reason=" ")
    amend(Paper.objects.get(), {"title": "座谈"}, by="clerk", reason="写错")

    assert [v.content["title"] for v in versions_of(KIND, paper.uid)] == ["会议", "座谈"]
    assert Paper.objects.get().title == "座谈"
    assert list(verify_chain("org:paper")) == []


def test_amendment_of_an_old_copy_is_refused():
    paper = draft()
    submit(paper, by="clerk")
    old = Paper.objects.get()
    amend(Paper.objects.get(), {"title": "座谈"}, by="clerk", reason="写错")

    with pytest.raises(VersionOvertaken):
        amend(old, {"title": "讨论"}, by="other", reason="写错")

    assert Paper.objects.get().title == "座谈"


def test_draft_cannot_be_amended():
    with pytest.raises(NotSubmitted):
        amend(draft(), {"title": "x"}, by="clerk", reason="r")


def test_row_changed_together_with_its_version_has_no_seal():
    """Who raises the version by SQL gets past the trigger, and is found: the newest seal is older than the row."""
    paper = draft()
    submit(paper, by="clerk")

    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_test_paper SET title = 'x', seal_version = 2")

    assert unsealed_changes(paper) == ("seal_version", "title")


def test_untouched_record_shows_no_unsealed_change():
    paper = draft()
    submit(paper, by="clerk")
    amend(paper, {"title": "座谈"}, by="clerk", reason="写错")

    assert unsealed_changes(paper) == ()
