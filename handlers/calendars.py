"""Working days and sending hours. Japanese public holidays come from a kept library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from handlers.house import TOKYO

# Half a minute past midnight the counter may still be yesterday's somewhere.
AFTER_MIDNIGHT = timedelta(minutes=5)
_SATURDAY = 5


@cache
def _japan(year: int) -> frozenset[date]:
    """Read whole: the library's own object fills itself year by year, under other threads' eyes."""
    return frozenset(holidays.country_holidays("JP", years=year))


def working_day(day: date, company_holidays: frozenset[date] = frozenset()) -> bool:
    """Monday to Friday, no Japanese public holiday, no day of the company's own."""
    return day.weekday() < _SATURDAY and day not in _japan(day.year) and day not in company_holidays


def start_of_tokyo_day(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(TOKYO).date(), time(), TOKYO)


def next_tokyo_day(moment: datetime) -> datetime:
    """When LINE WORKS' counter of the day after `moment` certainly runs: 00:05 in Tokyo."""
    tomorrow = moment.astimezone(TOKYO).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), TOKYO) + AFTER_MIDNIGHT


def sending_times(
    start: datetime,
    window: tuple[time, time],
    zone: ZoneInfo,
    gap: timedelta,
    company_holidays: frozenset[date] = frozenset(),
) -> Iterator[datetime]:
    """Moments from `start` on, `gap` apart, inside the window of working days; without end."""
    moment = start.astimezone(zone)
    while True:
        opens = datetime.combine(moment.date(), window[0], zone)
        closes = datetime.combine(moment.date(), window[1], zone)
        if not working_day(moment.date(), company_holidays) or moment >= closes:
            moment = datetime.combine(moment.date() + timedelta(days=1), window[0], zone)
            continue
        moment = max(moment, opens)
        yield moment
        moment += gap


def third_sending_day(
    moment: datetime, closes: time, zone: ZoneInfo, company_holidays: frozenset[date] = frozenset()
) -> datetime:
    """The end of the third sending day after `moment`: how long an unsent message is of use."""
    day, left = moment.astimezone(zone).date(), 3
    while left:
        day += timedelta(days=1)
        left -= working_day(day, company_holidays)
    return datetime.combine(day, closes, zone)


def plan(
    deadlines: Sequence[tuple[str, datetime]], times: Iterator[datetime]
) -> tuple[list[tuple[str, datetime]], list[str]]:
    """Give each id a time, the oldest deadline first; second, the ids that would come too late."""
    planned: list[tuple[str, datetime]] = []
    late: list[str] = []
    moment = next(times)
    for item, deadline in sorted(deadlines, key=lambda pair: (pair[1], pair[0])):
        if moment > deadline:
            late.append(item)
            continue
        planned.append((item, moment))
        moment = next(times)
    return planned, late
