"""The head of a day: fixes what grew, once, and is bound to the one before."""

import datetime as dt

import pytest

from portal.ground.clock import today
from portal.records.domain import heads
from portal.records.domain.sealing import FIRST_HASH, seal
from portal.records.models import DayHead

pytestmark = pytest.mark.django_db
YESTERDAY = today() - dt.timedelta(days=1)


def write(uid, chain):
    return seal("minutes", uid, chain, {"n": 1}, happened_on=YESTERDAY, entered_by="clerk")


def test_head_fixes_the_ends_of_what_grew_since_the_one_before():
    write("1", "org:a")
    last = write("2", "org:a")
    write("3", "org:b")
    first = heads.close_day(YESTERDAY - dt.timedelta(days=1))
    more = write("4", "org:b")

    second = heads.close_day(YESTERDAY)

    assert (first.chains, first.entries, first.previous_root) == (2, 3, FIRST_HASH)
    assert ("org:a", 2, last.seal_hash) in first.lines.values_list("chain", "number", "hash")
    assert (second.chains, second.entries, second.previous_root) == (1, 1, first.root)
    assert list(second.lines.values_list("chain", "number", "hash")) == [("org:b", 2, more.seal_hash)]
    assert second.root == heads.root_of(first.root, YESTERDAY, [("org:b", 2, more.seal_hash)])


def test_head_is_made_once():
    write("1", "org:a")
    made = heads.close_day(YESTERDAY)
    write("2", "org:a")

    assert heads.close_day(YESTERDAY).root == made.root
    assert DayHead.objects.count() == 1


def test_day_that_is_not_over_has_no_head():
    with pytest.raises(heads.DayNotOver):
        heads.close_day(today())


def test_daily_job_makes_the_head_of_yesterday_once():
    write("1", "org:a")

    heads.close_past_days(None)
    heads.close_past_days(None)

    assert list(DayHead.objects.values_list("day", "entries")) == [(YESTERDAY, 1)]


def test_export_of_some_chains_leaves_the_others_out():
    write("1", "org:a")
    write("2", "org:b")

    lines = list(heads.export_lines(["org:a"], trail=False))

    assert len(lines) == 3
    assert "org:b" not in "".join(lines)
