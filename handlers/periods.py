"""Days as people say them: today, yesterday, week, a date, two dates.

A date may be written as in Japan (11月20日, 2026/11/20), with full-width signs as
an input method leaves them, and with the weekday that we show behind it.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_AGO = {"一昨日": 2, "おととい": 2}
# Between year, month and day; the last are what input methods make of a minus.
_BETWEEN = str.maketrans(dict.fromkeys("/年月\u2010\u2212ー", "-") | {"日": None})
# 550-5.1.1 is a reply, 5.1.1 a status: only a year has a dot or a third digit in front.
# Who counts years by eras, or further back, means a day too, though we do not know it.
_BEGUN = re.compile(
    r"\d{4}[-./年\u2010\u2212ー]|\d{1,2}[-/月日\u2010\u2212ー]|\d{8}(?!\d)"
    r"|一昨|おととい|さきおととい|令和|平成"
)
_WEEKDAY = re.compile(r"\s*\([月火水木金土日]\)")
_YEAR_FIRST = (
    re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
)
_DAY = r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})"
_DATES = re.compile(rf"{_DAY}(?:\s*(?:\.\.|[~〜\u2013\u2014]|から|\s)\s*{_DAY}(?:\s*まで)?)?")
_WEEK = 7
LONGEST = timedelta(days=400)
# From a 29 February to the one before may take so many.
_YEARS_BACK = 9
# `12/28..1/3` goes into the next year; what would take longer was said in the wrong order.
_HALF_A_YEAR = timedelta(days=183)


@dataclass(frozen=True, kw_only=True)
class Period:
    """[since, until): whole local days, except that the present day ends now."""

    since: datetime
    until: datetime
    first: date
    last: date


def today(now: datetime, zone: ZoneInfo) -> Period:
    return _days(now.astimezone(zone).date(), now.astimezone(zone).date(), now, zone)


def yesterday(now: datetime, zone: ZoneInfo) -> Period:
    day = now.astimezone(zone).date() - timedelta(days=1)
    return _days(day, day, now, zone)


def week(now: datetime, zone: ZoneInfo) -> Period:
    """The last seven days, the present one included."""
    day = now.astimezone(zone).date()
    return _days(day - timedelta(days=_WEEK - 1), day, now, zone)


class BadPeriodError(ValueError):
    """Dates that cannot be meant; `word` names the sentence, `slots` are the dates in it."""

    def __init__(self, word: str, **slots: str) -> None:
        super().__init__(word)
        self.word = word
        self.slots = slots


def begins_as_date(text: str) -> bool:
    """Whether a date is meant, be it one or not."""
    return bool(_BEGUN.match(_narrow(text)))


def dates(text: str, now: datetime, zone: ZoneInfo) -> Period:
    """`2026-11-20`, `11/20` or `2026-11-20..2026-11-22`. Raises BadPeriodError.

    Without its year a date is the latest such day that has come.
    """
    present = now.astimezone(zone).date()
    try:
        first, last = _first_and_last(_narrow(text), present)
    except ValueError:
        raise BadPeriodError("period") from None
    if last < first:
        mended = f"{last}..{first}"
        raise BadPeriodError("period_reversed", since=f"{first}", until=f"{last}", mended=mended)
    if last - first > LONGEST:
        raise BadPeriodError("period_too_long", days=str(LONGEST.days))
    if first > present:
        raise BadPeriodError("period_future", since=f"{first}")
    return _days(first, last, now, zone)


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _first_and_last(text: str, present: date) -> tuple[date, date]:
    """ValueError where it is no date."""
    if text in _AGO:
        ago = present - timedelta(days=_AGO[text])
        return ago, ago
    plain = _WEEKDAY.sub("", text).translate(_BETWEEN)
    for written in _YEAR_FIRST:
        plain = written.sub(r"\1-\2-\3", plain)
    found = _DATES.fullmatch(plain)
    if not found:
        raise ValueError(text)
    year, month, day, last_year, last_month, last_day = (int(part or 0) for part in found.groups())
    first = date(year, month, day) if found[1] else _latest(month, day, present)
    if not found[5]:
        return first, first
    if found[4]:
        return first, date(last_year, last_month, last_day)
    return first, _next(first, last_month, last_day)


def _latest(month: int, day: int, present: date) -> date:
    for year in range(present.year, present.year - _YEARS_BACK, -1):
        with suppress(ValueError):
            if (found := date(year, month, day)) <= present:
                return found
    raise ValueError


def _next(first: date, month: int, day: int) -> date:
    """The end that was said without its year."""
    if (month, day) < (first.month, first.day):
        following = date(first.year + 1, month, day)
        if following - first < _HALF_A_YEAR:
            return following
    return date(first.year, month, day)


def _days(first: date, last: date, now: datetime, zone: ZoneInfo) -> Period:
    since = datetime.combine(first, time(), zone)
    until = datetime.combine(last + timedelta(days=1), time(), zone)
    return Period(since=since, until=min(until, now), first=first, last=last)
