"""A minute's limit passes with its reset; a day's does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.lineworks.daily_cap import Streaks, grade, longer
from storage.failures import Kind

NOON = datetime(2026, 11, 23, 3, tzinfo=UTC)


def streak(*seconds, reset=60.0, start=NOON):
    found = None
    for second in seconds:
        found = longer(found, start + timedelta(seconds=second), reset)
    return found


def graded(found, successes=0, cap=None):
    return grade(Kind.TOO_FREQUENT, found, successes, cap)


def test_one_refusal_is_too_frequent():
    assert graded(streak(0)) is Kind.TOO_FREQUENT


def test_refusals_that_outlive_three_resets_and_five_minutes_are_the_days():
    assert graded(streak(0, 61, 122, 183)) is Kind.TOO_FREQUENT
    assert graded(streak(0, 61, 122, 300)) is Kind.DAILY_CAP_SUSPECTED


def test_many_refusals_before_one_reset_prove_nothing():
    assert graded(streak(*range(400), reset=500.0)) is Kind.TOO_FREQUENT


def test_short_resets_need_five_minutes_too():
    assert graded(streak(0, 10, 20, 30, 40, reset=5.0)) is Kind.TOO_FREQUENT


def test_a_missing_reset_counts_as_a_minute():
    assert streak(0, 30, 61, reset=0.0).resets == 1


def test_a_streak_ends_at_midnight_in_tokyo():
    before_midnight = datetime(2026, 11, 23, 14, 57, tzinfo=UTC)
    assert streak(0, 61, 122, 183, 301, start=before_midnight).resets == 1


def test_an_answer_told_late_does_not_turn_the_streak_back():
    assert streak(0, 30, 20).last == NOON + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("successes", "kind"), [(99, Kind.TOO_FREQUENT), (100, Kind.DAILY_CAP_SUSPECTED)]
)
def test_a_configured_cap_that_we_have_used_up_is_suspected(successes, kind):
    assert graded(streak(0), successes, cap=100) is kind


def test_other_kinds_are_left_as_they_are():
    assert grade(Kind.NO_SUCH_ID, streak(0, 61, 122, 400), 100, 100) is Kind.NO_SUCH_ID


def test_an_acceptance_ends_the_streak_of_its_tenant_alone():
    streaks = Streaks(lambda _tenant, _at: None)
    for tenant in ("a", "b"):
        streaks.refused(tenant, NOON, 60)
    streaks.accepted("a")
    later = NOON + timedelta(seconds=61)
    assert [streaks.refused(tenant, later, 60).resets for tenant in ("a", "b")] == [0, 1]
