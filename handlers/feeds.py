"""Reading the host's feed: page after page from where it was read to, until nothing is new.

The cursor moves after its page is stored, so a page may come twice and none is
lost. What happened before the feed was first read is history.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.alarming import alarm
from handlers.calendars import start_of_tokyo_day
from handlers.house import House
from handlers.intake import record
from handlers.ports import FeedPage, HostFeed, VendorError
from storage.coverage import Coverage
from storage.failures import Batch, Source

PAUSE = timedelta(minutes=1)
# What must be mended first need not be tried every minute.
_REFUSED_PAUSE = timedelta(minutes=10)
_DUE = "feed_due_at"
# Then the others have their turn; the rest follows at once.
_PAGES_A_ROUND = 100
CURSOR_GONE = "cursor_gone"


@dataclass(frozen=True)
class _Round:
    """What came of one round: up to when we asked, and whether there is more."""

    asked: datetime
    more: bool = False


def due(house: House) -> bool:
    if house.feed is None:
        return False
    told = house.store.fact(house.tenant, _DUE)
    return told is None or house.now() >= datetime.fromisoformat(told)


def read(house: House) -> bool:
    """One round; false when it broke off."""
    feed = house.feed
    assert feed is not None  # noqa: S101 - `due` has seen to it
    began = house.now()
    before = _coverage(house)
    since = before.since if before else began
    known = before.until if before else None
    try:
        done = _read(house, feed, since)
    except VendorError as error:
        _stumbled(house, feed, error, Coverage(source=Source.HOST_FEED, since=since, until=known))
        return False
    until = known if done.more else done.asked
    house.store.cover(house.tenant, Coverage(source=Source.HOST_FEED, since=since, until=until))
    _next(house, timedelta(0) if done.more else PAUSE)
    return True


def _coverage(house: House) -> Coverage | None:
    found = [one for one in house.store.coverage(house.tenant) if one.source is Source.HOST_FEED]
    return found[0] if found else None


def _read(house: House, feed: HostFeed, since: datetime) -> _Round:
    cursor = house.store.fact(house.tenant, _cursor_of(feed)) or ""
    passed = {cursor}
    for _ in range(_PAGES_A_ROUND):
        asked = house.now()
        page = feed.page(cursor)
        if page is None:
            return _Round(asked)
        _keep(house, page, since)
        if page.lines and page.cursor in passed:
            raise VendorError("stuck", permanent=True)
        cursor = page.cursor
        passed.add(cursor)
        house.store.put_fact(house.tenant, _cursor_of(feed), cursor)
        if not page.lines:
            return _Round(asked)
    return _Round(asked, more=True)


def _keep(house: House, page: FeedPage, since: datetime) -> None:
    failures = tuple(replace(one, history=one.occurred_at < since) for one in page.batch.failures)
    successes = tuple(replace(one, history=one.occurred_at < since) for one in page.batch.successes)
    batch = replace(page.batch, failures=failures, successes=successes)
    if batch != Batch():
        record(house, batch)
    if page.people:
        house.store.put_people(house.tenant, page.people)


def _stumbled(house: House, feed: HostFeed, error: VendorError, coverage: Coverage) -> None:
    """Said where coverage is said; what somebody must mend, to the admins too, once a day."""
    now = house.now()
    house.store.cover(house.tenant, replace(coverage, trouble=error.word))
    cursor = house.store.fact(house.tenant, _cursor_of(feed))
    if error.word == CURSOR_GONE and cursor:
        # Begun anew: what is told twice is stored once.
        house.store.put_fact(house.tenant, _cursor_of(feed), "")
        _next(house, PAUSE)
        return
    if error.permanent:
        alarm(
            house,
            "feed_refused",
            now,
            once=f"{start_of_tokyo_day(now).date()}",
            word=error.word,
        )
    usual = _REFUSED_PAUSE if error.permanent else PAUSE
    _next(house, max(usual, timedelta(seconds=error.retry_after)))


def _cursor_of(feed: HostFeed) -> str:
    return f"feed_cursor:{feed.id}"


def _next(house: House, pause: timedelta) -> None:
    house.store.put_fact(house.tenant, _DUE, (house.now() + pause).isoformat())
