"""Sealed records for plugins, through the public names alone."""

import datetime as dt

import pytest

from portal.public.models import SealedRecord, SealedRowsStay
from portal.public.records import amend, submit, versions_of
from portal.records.domain.sealing import ReasonMissing
from portal.records.domain.submitting import AlreadySubmitted, NotSubmitted
from tests.factories import make_user
from tests.portal.records.paper import KIND, Paper, make_table

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _table():
    make_table()


def draft(**fields):
    return Paper.objects.create(**{"title": "会议", "happened_on": dt.date(2026, 3, 1), **fields})


def test_record_is_submitted_put_right_and_read_in_versions():
    clerk = make_user()
    paper = draft()
    assert submit(paper, by=clerk) == 1
    assert amend(paper, {"title": "支部会议"}, by=clerk, reason="名称写全") == 2

    first, second = versions_of(KIND, paper.uid)

    assert issubclass(Paper, SealedRecord)
    assert (first.content["title"], second.content["title"], second.reason) == ("会议", "支部会议", "名称写全")


def test_submitted_record_refuses_what_is_no_version():
    paper = draft()
    with pytest.raises(NotSubmitted):
        amend(paper, {"title": "x"}, by=None, reason="没有提交")
    submit(paper, by=None)

    with pytest.raises(AlreadySubmitted):
        submit(paper, by=None)
    with pytest.raises(ReasonMissing):
        amend(paper, {"title": "x"}, by=None, reason="")
    with pytest.raises(SealedRowsStay):
        Paper.objects.get(pk=paper.pk).delete()
