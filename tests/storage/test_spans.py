"""The arithmetic agrees with a naive model: the set of minutes that a span holds."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.spans import Span, clip, covers, gaps, subtract, union

START = datetime(2026, 11, 20, tzinfo=UTC)
DAY = 48  # of so many minutes


def at(minute):
    return START + timedelta(minutes=minute)


def span(since, until):
    return Span(at(since), at(until))


moments = st.integers(0, DAY)
a_span = st.builds(span, moments, moments)
some = st.lists(a_span, max_size=7)


def minutes(*spans):
    return {minute for minute in range(DAY) if any(one.holds(at(minute)) for one in spans)}


def in_order(spans):
    """None empty, none touching the next."""
    whole = all(one.since < one.until for one in spans)
    apart = all(one.until < after.since for one, after in pairwise(spans))
    return whole and apart


@given(some)
def test_a_union_holds_what_any_of_them_holds(spans):
    joined = union(spans)
    assert minutes(*joined) == minutes(*spans)
    assert in_order(joined)
    assert union(joined) == joined
    assert union(reversed(spans)) == joined


@given(some, some)
def test_what_is_taken_away_is_in_neither(spans, taken):
    left = subtract(spans, taken)
    assert minutes(*left) == minutes(*spans) - minutes(*taken)
    assert in_order(left)


@given(some, a_span)
def test_gaps_are_what_nobody_holds(spans, period):
    missing = gaps(spans, period)
    assert minutes(*missing) == minutes(period) - minutes(*spans)
    assert in_order(missing)


@given(some, a_span)
def test_a_clip_holds_what_lies_within(spans, period):
    assert minutes(*clip(spans, period)) == minutes(*spans) & minutes(period)


@given(some, a_span)
def test_a_period_is_covered_where_no_minute_is_missing(spans, period):
    assert covers(spans, period) == (minutes(period) <= minutes(*spans))


@given(a_span, a_span)
def test_spans_meet_in_a_minute_that_both_hold(one, other):
    assert one.meets(other) == bool(minutes(one) & minutes(other))


@given(some, a_span)
def test_gaps_and_readings_make_up_the_period(spans, period):
    assert union([*gaps(spans, period), *clip(spans, period)]) == union([period])


@pytest.mark.parametrize(
    ("spans", "joined"),
    [
        ([(0, 1), (1, 2)], [(0, 2)]),
        ([(0, 1), (2, 3)], [(0, 1), (2, 3)]),
        ([(5, 5)], []),
        ([(5, 4)], []),
    ],
)
def test_those_that_touch_become_one_and_the_empty_vanish(spans, joined):
    assert union(span(*one) for one in spans) == tuple(span(*one) for one in joined)


def test_a_gap_that_ends_where_the_period_begins_is_none_of_it():
    read = [span(0, 10), span(20, 40)]
    assert gaps(read, span(20, 30)) == ()
    assert not span(10, 20).meets(span(20, 30))
    assert span(10, 20).meets(span(19, 30))
