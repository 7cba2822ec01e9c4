"""Days as people say them: today, yesterday, week, a date, two dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DATES = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:\s*(?:\.\.|~|〜|～)\s*(\d{4}-\d{1,2}-\d{1,2}))?")
_WEEK = 7
LONGEST = timedelta(days=400)


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


def dates(text: str, now: datetime, zone: ZoneInfo) -> Period:
    """`2026-11-20` or `2026-11-20..2026-11-22`. Raises BadPeriodError."""
    found = _DATES.fullmatch(text.strip())
    if not found:
        raise BadPeriodError("period")
    try:
        first, last = (_date(part or found[1]) for part in found.groups())
    except ValueError:
        raise BadPeriodError("period") from None
    if last < first:
        mended = f"{last}..{first}"
        raise BadPeriodError("period_reversed", since=f"{first}", until=f"{last}", mended=mended)
    if last - first > LONGEST:
        raise BadPeriodError("period_too_long", days=str(LONGEST.days))
    if first > now.astimezone(zone).date():
        raise BadPeriodError("period_future", since=f"{first}")
    return _days(first, last, now, zone)


def _date(text: str) -> date:
    year, month, day = map(int, text.split("-"))
    return date(year, month, day)


def _days(first: date, last: date, now: datetime, zone: ZoneInfo) -> Period:
    since = datetime.combine(first, time(), zone)
    until = datetime.combine(last + timedelta(days=1), time(), zone)
    return Period(since=since, until=min(until, now), first=first, last=last)
