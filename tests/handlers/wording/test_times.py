"""How moments, days and numbers are written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.wording import day, listed, number, when

TOKYO = ZoneInfo("Asia/Tokyo")
LISBON = ZoneInfo("Europe/Lisbon")
NINE_IN_TOKYO = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "text"), [("ja", "11月23日(月) 09:00"), ("en", "Mon 23 Nov 09:00")]
)
def test_a_moment_is_told_in_the_readers_zone_with_its_weekday(locale, text):
    assert when(NINE_IN_TOKYO, locale, TOKYO) == text


def test_the_same_moment_reads_otherwise_elsewhere():
    assert when(NINE_IN_TOKYO, "en", LISBON) == "Mon 23 Nov 00:00"


@pytest.mark.parametrize(
    ("locale", "zone", "text"),
    [
        ("ja", "Asia/Tokyo", "11月23日(月) 09:00(日本時間)"),
        ("en", "Asia/Tokyo", "Mon 23 Nov 09:00 (Japan time)"),
        ("en", "Europe/Lisbon", "Mon 23 Nov 00:00 (Western European time)"),
        ("ja", "UTC", "11月23日(月) 00:00(UTC)"),
    ],
)
def test_the_clock_can_be_named(locale, zone, text):
    assert when(NINE_IN_TOKYO, locale, ZoneInfo(zone), zoned=True) == text


@pytest.mark.parametrize(
    ("locale", "text"), [("ja", "2026年11月23日(月) 09:00"), ("en", "Mon 23 Nov 2026 09:00")]
)
def test_the_year_is_shown_when_it_is_not_this_one(locale, text):
    next_year = datetime(2027, 1, 4, tzinfo=UTC)
    assert when(NINE_IN_TOKYO, locale, TOKYO, now=next_year) == text


def test_the_year_turns_in_the_readers_zone():
    new_years_eve_in_utc = datetime(2025, 12, 31, 20, 0, tzinfo=UTC)
    assert when(NINE_IN_TOKYO, "en", TOKYO, now=new_years_eve_in_utc) == "Mon 23 Nov 09:00"


@pytest.mark.parametrize(("locale", "text"), [("ja", "9月1日(火)"), ("en", "Tue 1 Sep")])
def test_a_day_is_told_with_its_weekday(locale, text):
    assert day(date(2026, 9, 1), locale) == text


def test_a_day_of_another_year_says_which():
    assert day(date(2025, 9, 1), "ja", now=date(2026, 9, 1)) == "2025年9月1日(月)"


def test_numbers_are_grouped():
    assert number(10000, "ja") == number(10000, "en") == "10,000"


@pytest.mark.parametrize(("locale", "text"), [("ja", "甲、乙、丙"), ("en", "甲, 乙 and 丙")])
def test_a_list_is_joined_as_the_language_does(locale, text):
    assert listed(["甲", "乙", "丙"], locale) == text
    assert listed(["甲"], locale) == "甲"
