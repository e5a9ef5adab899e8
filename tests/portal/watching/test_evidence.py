"""Pure arithmetic of watched spans."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.watching.domain.evidence import MAX_CREDIT_MS, SLACK_MS, credit_after, is_watched, length_ms, union

spans = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=12)


@pytest.mark.parametrize(
    ("given_spans", "expected"),
    [
        ([], []),
        ([(5, 9), (0, 2)], [(0, 2), (5, 9)]),
        ([(0, 5), (5, 9)], [(0, 9)]),
        ([(0, 9), (2, 4)], [(0, 9)]),
        ([(4, 4), (7, 3)], []),
    ],
)
def test_union_joins_what_touches(given_spans, expected):
    assert union(given_spans) == expected


@given(spans)
def test_union_covers_exactly_the_same_instants(given_spans):
    covered = {point for start, end in given_spans for point in range(start, end)}
    merged = union(given_spans)

    assert {point for start, end in merged for point in range(start, end)} == covered
    assert length_ms(given_spans) == len(covered)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(merged))


@pytest.mark.parametrize(
    ("credit", "elapsed_seconds", "expected"),
    [(3_000, 30, 63_000), (0, -50, 0), (3_000, 86_400, MAX_CREDIT_MS)],
)
def test_credit_grows_with_the_clock_up_to_a_limit(credit, elapsed_seconds, expected):
    assert credit_after(credit, dt.timedelta(seconds=elapsed_seconds)) == expected


def test_credit_for_a_new_session_is_never_more_than_the_slack():
    assert credit_after(0, dt.timedelta(hours=1), limit_ms=SLACK_MS) == SLACK_MS


@pytest.mark.parametrize(
    ("watched", "duration", "expected"),
    [(95_000, 100_000, True), (94_999, 100_000, False), (10, None, False), (0, 0, False)],
)
def test_is_watched_from_ninety_five_per_cent_of_a_known_length(watched, duration, expected):
    assert is_watched(watched, duration) is expected
