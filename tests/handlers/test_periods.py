"""Days as people say them, in the installation's zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.periods import BadPeriodError, begins_as_date, dates, today, week, yesterday

TOKYO = ZoneInfo("Asia/Tokyo")
# 08:30 on the 23rd in Tokyo, still the 22nd in UTC.
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


def at(day, hour=0):
    return datetime(2026, 11, day, hour, tzinfo=TOKYO)


def test_today_begins_at_local_midnight_and_ends_now():
    assert (today(NOW, TOKYO).since, today(NOW, TOKYO).until) == (at(23), NOW)


def test_yesterday_is_one_whole_local_day():
    found = yesterday(NOW, TOKYO)
    assert (found.since, found.until) == (at(22), at(23))


def test_a_week_is_the_last_seven_days_with_today():
    assert week(NOW, TOKYO).since == at(17)


def test_two_dates_include_both_days():
    found = dates("2026-11-20..2026-11-22", NOW, TOKYO)
    assert (found.since, found.until) == (at(20), at(23))


def test_one_date_is_a_period_too():
    assert dates("2026-11-20", NOW, TOKYO).until == at(21)


def test_a_wave_dash_separates_as_two_dots_do():
    assert dates("2026-11-20〜2026-11-21", NOW, TOKYO).until == at(22)


@pytest.mark.parametrize(
    "text",
    [
        "2026/11/20",
        "2026年11月20日",
        "2026.11.20",
        "20261120",
        "11月20日",
        "１１月２０日",
        "11/20",
        "11-20",
        "11月20日(金)",
        "１１月２０日（金）",
        "２０２６－１１－２０",
        "2026\u221211\u221220",
        "2026ー11ー20",
    ],
)
def test_a_date_may_be_written_as_people_do(text):
    assert begins_as_date(text)
    assert dates(text, NOW, TOKYO).first == date(2026, 11, 20)


@pytest.mark.parametrize("between", ["..", "‥", "~", "〜", "～", "–", "から", " ", " .. "])
def test_two_dates_may_be_written_so_too(between):
    for text in (f"11月20日{between}11月22日", f"2026.11.20{between}2026.11.22"):
        found = dates(text, NOW, TOKYO)
        assert (found.first, found.last) == (date(2026, 11, 20), date(2026, 11, 22))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("11/23", date(2026, 11, 23), date(2026, 11, 23)),
        ("11/24", date(2025, 11, 24), date(2025, 11, 24)),
        ("2/29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024/2/28..2/29", date(2024, 2, 28), date(2024, 2, 29)),
        ("11/20..11/30", date(2026, 11, 20), date(2026, 11, 30)),
        ("12/28..1/3", date(2025, 12, 28), date(2026, 1, 3)),
    ],
)
def test_without_its_year_a_day_is_the_latest_that_has_come(text, first, last):
    found = dates(text, NOW, TOKYO)
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("text", ["一昨日", "おととい", " 一昨日 "])
def test_the_day_before_yesterday_has_its_words(text):
    found = dates(text, NOW, TOKYO)
    assert (found.since, found.until) == (at(21), at(22))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("2026-13-01", "period"),
        ("2026-11", "period"),
        ("11月", "period"),
        ("2/30", "period"),
        ("11/20..2/30", "period"),
        ("令和8年11月20日", "period"),
        ("11/22..11/20", "period_reversed"),
        ("2026-11-22..2026-11-20", "period_reversed"),
        ("2026-12-24", "period_future"),
        ("2020-01-01..2026-11-01", "period_too_long"),
    ],
)
def test_dates_that_cannot_be_meant_name_their_sentence(text, word):
    with pytest.raises(BadPeriodError) as raised:
        dates(text, NOW, TOKYO)
    assert raised.value.word == word


def test_swapped_dates_come_with_the_mend():
    with pytest.raises(BadPeriodError) as raised:
        dates("2026-11-22..2026-11-20", NOW, TOKYO)
    assert raised.value.slots["mended"] == "2026-11-20..2026-11-22"
