"""Working days, sending hours and the plan of a resend."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from handlers.calendars import (
    next_tokyo_day,
    plan,
    sending_times,
    start_of_tokyo_day,
    third_sending_day,
    working_day,
)

TOKYO = ZoneInfo("Asia/Tokyo")
WINDOW = (time(9), time(18))
GAP = timedelta(seconds=2)


def at(day, hour=0, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO)


def first(start, days_off=frozenset()):
    return next(sending_times(start, WINDOW, TOKYO, GAP, days_off))


def test_a_public_holiday_is_no_working_day():
    assert not working_day(date(2026, 11, 23))  # 勤労感謝の日
    assert working_day(date(2026, 11, 24))


def test_a_day_of_the_companys_own_is_none_either():
    assert not working_day(date(2026, 11, 24), frozenset({date(2026, 11, 24)}))


def test_the_caps_next_day_begins_five_past_midnight_in_tokyo():
    assert next_tokyo_day(datetime(2026, 11, 19, 16, tzinfo=UTC)) == at(21, 0, 5)


def test_the_tokyo_day_is_not_the_utc_day():
    assert start_of_tokyo_day(datetime(2026, 11, 19, 16, tzinfo=UTC)) == at(20)


def test_nobodys_phone_rings_at_night():
    assert first(at(20, 0, 5)) == at(20, 9)


def test_after_hours_waits_for_the_next_day():
    assert first(at(19, 18)) == at(20, 9)


def test_friday_evening_waits_over_weekend_and_holiday():
    assert first(at(20, 19)) == at(24, 9)


def test_a_company_holiday_is_skipped_too():
    assert first(at(20, 19), frozenset({date(2026, 11, 24)})) == at(25, 9)


def test_times_are_a_gap_apart_and_spill_to_the_next_working_day():
    times = sending_times(at(19, 17, 59), WINDOW, TOKYO, timedelta(minutes=1))
    assert list(islice(times, 2)) == [at(19, 17, 59), at(20, 9)]


def test_a_message_is_of_use_until_the_third_sending_day_ends():
    assert third_sending_day(at(20, 12), time(18), TOKYO) == at(26, 18)


def test_the_oldest_deadline_goes_first_and_too_late_is_said():
    times = sending_times(at(20, 9), WINDOW, TOKYO, timedelta(minutes=1))
    planned, late = plan([("b", at(25)), ("a", at(24)), ("gone", at(19))], times)
    assert [item for item, _ in planned] == ["a", "b"]
    assert late == ["gone"]
