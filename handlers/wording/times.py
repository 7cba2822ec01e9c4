"""Moments, days, numbers and lists as people write them in the two languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_name
from babel.lists import format_list
from babel.numbers import format_decimal

_DAY = {"ja": "M月d日(E)", "en": "EEE d MMM"}
_DAY_OF_A_YEAR = {"ja": "y年M月d日(E)", "en": "EEE d MMM y"}


def language(locale: str) -> str:
    """`ja` for anything Japanese, else `en`."""
    return "ja" if locale.startswith("ja") else "en"


def when(
    moment: datetime,
    locale: str,
    zone: ZoneInfo,
    *,
    now: datetime | None = None,
    zoned: bool = False,
) -> str:
    """`11月23日(月) 09:00` or `Mon 23 Nov 09:00`; the year only where it is not that of `now`.

    `zoned` names the clock: `11月23日(月) 09:00(日本時間)`.
    """
    spoken = language(locale)
    local = moment.astimezone(zone)
    pattern = _pattern(local, spoken, now and now.astimezone(zone))
    text = format_datetime(local, f"{pattern} HH:mm", locale=spoken)
    return f"{text}{_clock(zone, spoken)}" if zoned else text


def day(moment: date, locale: str, *, now: date | None = None) -> str:
    """`11月23日(月)` or `Mon 23 Nov`; the year only where it is not that of `now`."""
    spoken = language(locale)
    return format_date(moment, _pattern(moment, spoken, now), locale=spoken)


def number(value: int, locale: str) -> str:
    return format_decimal(value, locale=language(locale))


def listed(items: Sequence[str], locale: str) -> str:
    """`A、B、C` or `A, B and C`."""
    return format_list(items, locale="ja" if language(locale) == "ja" else "en_GB")


def _pattern(moment: date, spoken: str, now: date | None) -> str:
    return (_DAY if now is None or now.year == moment.year else _DAY_OF_A_YEAR)[spoken]


def _clock(zone: ZoneInfo, spoken: str) -> str:
    """The zone's everyday name; zones outside the regions, such as UTC, have only their key."""
    named = "/" in zone.key
    name = get_timezone_name(zone, locale=spoken).replace(" Time", " time") if named else zone.key
    return f"({name})" if spoken == "ja" else f" ({name})"
