"""Moments that were stored, after a clock that was ahead: later than now is as good as never.

A clock may be ahead for a reading or two, after a reboot or a wrong correction, and is then
put right. What was noted meanwhile would hold until that time comes: nothing due, and all of
the time between claimed as read. So whoever reads a moment reads it here; and what was
claimed of coverage is taken back as soon as the clock is found right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from handlers.gaps import ASKED, POLLED
from handlers.house import House, connected_at
from storage.coverage import SKEW, Coverage, Stretch

_CONNECTED = "connected_at"


def believed(house: House, at: datetime | None, ahead: timedelta = timedelta(0)) -> datetime | None:
    """None for what cannot have been noted yet; `ahead` is how far on it may lie."""
    return at if at and at <= house.now() + ahead + SKEW else None


def noted(house: House, fact: str, ahead: timedelta = timedelta(0)) -> datetime | None:
    """The moment that this fact keeps, if there is one that can be."""
    stored = house.store.fact(house.tenant, fact)
    return believed(house, datetime.fromisoformat(stored), ahead) if stored else None


def note(house: House, fact: str, at: datetime | None) -> None:
    house.store.put_fact(house.tenant, fact, at.isoformat() if at else "")


def wait(house: House, fact: str, until: datetime) -> None:
    """With since when: only that tells a long pause from a moment of a wrong clock."""
    told = f"{until.isoformat()} {house.now().isoformat()}"
    house.store.put_fact(house.tenant, fact, told)


def awaited(house: House, fact: str) -> datetime | None:
    """Until when to wait; None where nothing (any more) says so."""
    until, _, since = (house.store.fact(house.tenant, fact) or "").partition(" ")
    if not until or (since and not believed(house, datetime.fromisoformat(since))):
        return None
    return datetime.fromisoformat(until)


def ahead(house: House) -> bool:
    """Whether something is claimed for later than now."""
    return any((*_stretches(house), *_coverages(house), _connected_ahead(house)))


def take_back(house: House) -> None:
    """For good: hidden, it would be claimed again in time."""
    now = house.now()
    for one in list(_stretches(house)):
        end = _end(one, now)
        empty = replace(one, since=end, until=end)
        house.store.keep_stretches(house.tenant, [empty], nothing_after=end)
    for known in list(_coverages(house)):
        house.store.cover(house.tenant, _cut(house, known, now))
    if _connected_ahead(house):
        note(house, _CONNECTED, now)


def _end(one: Stretch, now: datetime) -> datetime:
    """Readings of a witness are one stretch, which does not say where the last right one ended.

    So they all are taken back, and what they told of gaps is asked for again. A feed goes on
    from its cursor, and whoever finds the clock right is up.
    """
    return one.since if one.source in ASKED else now


def _cut(house: House, one: Coverage, now: datetime) -> Coverage:
    """The last word of a pushed source is not known now; no more is how far a witness was read."""
    until = one.until
    if until and not believed(house, until):
        until = now if one.source in POLLED - ASKED else None
    return replace(one, since=min(one.since, now), until=until)


def _stretches(house: House) -> Iterator[Stretch]:
    """Those with an end, or even a beginning, that is still to come."""
    now = house.now()
    for one in house.store.stretches(house.tenant, now, now):
        if not one.lost and not believed(house, one.until):
            yield one


def _coverages(house: House) -> Iterator[Coverage]:
    for one in house.store.coverage(house.tenant):
        if not believed(house, max(one.since, one.until or one.since)):
            yield one


def _connected_ahead(house: House) -> bool:
    at = connected_at(house)
    return bool(at and not believed(house, at))
