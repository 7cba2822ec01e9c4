"""A restart in the middle of a used-up day forgets nothing that the day has shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lineworks.recalling import reread, streak_of
from bot.lineworks.rules import Evidence
from storage.failures import Failure, Kind, Medium, Source
from tests.bot.lineworks.days import NOON, Day

RAW = json.dumps(
    {"status": 429, "code": "TOO_MANY_REQUESTS", "description": "API rate limit exceeded"}
)


def test_a_streak_goes_on_where_the_restart_broke_it(day):
    for number, second in enumerate((0, 61, 122)):
        day.relays(second, name=f"n{number}")
    day.restart()
    day.relays(301, name="n3")
    assert day.kinds() == [Kind.DAILY_CAP_SUSPECTED] * 4


def test_a_restart_does_not_make_a_used_up_day_a_matter_of_a_minute(day):
    for number, second in enumerate((0, 61, 122, 301)):
        day.relays(second, name=f"n{number}")
    day.restart()
    day.relays(900, to="jiro", name="n9")
    assert day.kinds("jiro") == [Kind.DAILY_CAP_SUSPECTED]


@pytest.mark.parametrize("name", ["", "n1"])
def test_one_message_tried_all_day_is_remembered_though_it_is_one_failure(day, name):
    for second in (0, 61, 122, 301):
        day.relays(second, name=name)
    assert day.kinds() == [Kind.DAILY_CAP_SUSPECTED]
    day.restart()
    day.relays(900, to="jiro", text="b", name="n2")
    assert day.kinds("jiro") == [Kind.DAILY_CAP_SUSPECTED]


def test_an_acceptance_before_the_restart_ends_the_streak_for_good(day):
    for number, second in enumerate((0, 61, 122)):
        day.relays(second, name=f"n{number}")
    day.relays(200, status=201, name="ok")
    day.restart()
    day.relays(301, name="n3")
    assert set(day.kinds()) == {Kind.TOO_FREQUENT}


def test_yesterdays_streak_is_not_recalled_after_midnight_in_tokyo(house, sealing):
    day = Day(house, sealing, start=datetime(2026, 11, 23, 14, 54, tzinfo=UTC))
    for number, second in enumerate((0, 61, 122, 301)):
        day.relays(second, name=f"n{number}")
    assert set(day.kinds()) == {Kind.DAILY_CAP_SUSPECTED}
    day.restart()
    day.relays(400, to="jiro", name="today")
    assert day.kinds("jiro") == [Kind.TOO_FREQUENT]
    assert set(day.kinds()) == {Kind.DAILY_CAP_SUSPECTED}


def test_a_cap_of_today_leaves_yesterdays_refusals_as_they_were(house, sealing):
    day = Day(house, sealing, start=datetime(2026, 11, 23, 14, 59, tzinfo=UTC))
    day.relays(0, name="yesterday")
    for number, second in enumerate((90, 151, 212, 391)):
        day.relays(second, to="jiro", name=f"n{number}")
    assert day.kinds() == [Kind.TOO_FREQUENT]
    assert day.kinds("jiro") == [Kind.DAILY_CAP_SUSPECTED] * 4


def test_our_own_count_outlives_a_restart_too(day):
    for number in range(3):
        day.relays(number, status=201, name=f"ok{number}")
    day.restart(cap=3)
    day.relays(10, name="n1")
    assert day.kinds() == [Kind.DAILY_CAP_SUSPECTED]


def test_an_odd_429_is_no_part_of_the_streak(day):
    for number, second in enumerate((0, 61, 122)):
        day.relays(second, body=b"{}", name=f"n{number}")
    day.restart()
    day.relays(301, to="jiro", name="n3")
    assert day.kinds("jiro") == [Kind.TOO_FREQUENT]


def test_a_stored_refusal_is_read_again_as_it_was():
    challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
    raw = json.dumps({"status": 403, "code": "FORBIDDEN", "headers": challenge})
    refusal = reread(raw)
    assert (refusal.kind, refusal.evidence) == (Kind.MISSING_SCOPE, Evidence.DOCUMENTED)


@pytest.mark.parametrize(
    "raw", ["", "{", "[]", "null", "{}", '{"status":"x"}', '{"status":4,"headers":3}']
)
def test_what_is_no_stored_refusal_recalls_nothing(raw):
    assert reread(raw) is None


def refused(second, last=None, kind=Kind.TOO_FREQUENT):
    """A failure first told at `second` and last at `last`."""
    first = NOON + timedelta(seconds=second)
    return Failure(
        source=Source.LINEWORKS_RELAY,
        source_id=f"{second}",
        medium=Medium.LINE_WORKS,
        kind=kind,
        recipient="taro",
        occurred_at=first if last is None else NOON + timedelta(seconds=last),
        raw=RAW,
        told_at=first,
    )


def test_a_failure_told_again_stands_for_its_first_and_its_last_telling():
    streak = streak_of([refused(0, 301)], NOON)
    assert (streak.since, streak.last, streak.resets) == (NOON, NOON + timedelta(seconds=301), 1)


def test_a_first_telling_before_the_last_acceptance_does_not_lengthen_the_streak():
    since = NOON + timedelta(seconds=100)
    assert streak_of([refused(0, 301)], since).since == since


def test_a_verdict_given_today_stands():
    assert streak_of([refused(0, kind=Kind.DAILY_CAP_SUSPECTED)], NOON).resets >= 3


@given(st.lists(st.integers(0, 3600), max_size=20))
def test_the_order_in_which_failures_are_recalled_does_not_matter(seconds):
    told = [refused(second) for second in seconds]
    streak = streak_of(told, NOON)
    assert streak == streak_of(reversed(told), NOON)
    assert (streak is None) == (not seconds)
