"""Reading the host's feed: page after page from where it was read to, until nothing is new.

The cursor moves after its page is stored, so a page may come twice and none is
lost. What happened before the feed was first read is history. A host that does not
know the cursor any more is asked anew; where its record begins later than the last
reading ended, the time between is a gap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.alarming import alarm
from handlers.calendars import start_of_tokyo_day
from handlers.house import House
from handlers.intake import record
from handlers.moments import awaited, wait
from handlers.ports import FeedPage, HostFeed, VendorError
from storage.coverage import SKEW, Coverage, Stretch
from storage.failures import Batch, Source

PAUSE = timedelta(minutes=1)
# What must be mended first need not be tried every minute.
_REFUSED_PAUSE = timedelta(minutes=10)
_DUE = "feed_due_at"
# Then the others have their turn; the rest follows at once.
_PAGES_A_ROUND = 100
CURSOR_GONE = "cursor_gone"
_NO_LINE_YET = "no line yet"


@dataclass(frozen=True)
class _Round:
    """Up to when we asked in one round, and whether there is more."""

    asked: datetime
    more: bool = False


def due(house: House) -> bool:
    if house.feed is None:
        return False
    at = awaited(house, _DUE)
    return at is None or house.now() >= at


def read(house: House) -> bool:
    """One round; false when it broke off."""
    feed = house.feed
    assert feed is not None  # noqa: S101 - `due` has seen to it
    began = house.now()
    before = _coverage(house)
    since = min(before.since, began) if before else began
    known = before.until and min(before.until, began) if before else None
    try:
        done = _read(house, feed, since)
    except VendorError as error:
        _stumbled(house, feed, error, Coverage(source=Source.HOST_FEED, since=since, until=known))
        return False
    if not done.more:
        _reached(house, feed, known or since, done.asked)
    until = known if done.more else done.asked
    house.store.cover(house.tenant, Coverage(source=Source.HOST_FEED, since=since, until=until))
    _next(house, timedelta(0) if done.more else PAUSE)
    return True


def _reached(house: House, feed: HostFeed, known: datetime, asked: datetime) -> None:
    """Read without a gap from where the last round ended, if the host still had all of that."""
    anew = house.store.fact(house.tenant, _anew(feed))
    begins = _begins(anew, asked) if anew else known
    stretch = Stretch(source=Source.HOST_FEED, since=max(known, begins), until=asked)
    house.store.keep_stretches(house.tenant, [stretch], nothing_after=asked + SKEW)
    if anew:
        house.store.put_fact(house.tenant, _anew(feed), "")


def _begins(anew: str, asked: datetime) -> datetime:
    return asked if anew == _NO_LINE_YET else datetime.fromisoformat(anew)


def _coverage(house: House) -> Coverage | None:
    found = [one for one in house.store.coverage(house.tenant) if one.source is Source.HOST_FEED]
    return found[0] if found else None


def _read(house: House, feed: HostFeed, since: datetime) -> _Round:
    cursor = house.store.fact(house.tenant, _cursor_of(feed))
    if cursor is None:
        cursor = _begin(house, feed)
    passed = {cursor}
    for _ in range(_PAGES_A_ROUND):
        asked = house.now()
        page = feed.page(cursor)
        if page is None:
            return _Round(asked)
        _keep(house, page, since)
        _mark(house, feed, page)
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


def _begin(house: House, feed: HostFeed) -> str:
    """The cursor of a feed that was never read; another one may have been."""
    before = _coverage(house)
    if before and before.until:
        house.store.put_fact(house.tenant, _anew(feed), _NO_LINE_YET)
    house.store.put_fact(house.tenant, _cursor_of(feed), "")
    return ""


def _mark(house: House, feed: HostFeed, page: FeedPage) -> None:
    """Of a record that is read anew: from when on the host has kept it."""
    failures, successes = page.batch.failures, page.batch.successes
    times = [one.occurred_at for one in failures] + [one.occurred_at for one in successes]
    if times and house.store.fact(house.tenant, _anew(feed)) == _NO_LINE_YET:
        house.store.put_fact(house.tenant, _anew(feed), min(times).isoformat())


def _stumbled(house: House, feed: HostFeed, error: VendorError, coverage: Coverage) -> None:
    """Said where coverage is said; what somebody must mend, to the admins too, once a day."""
    now = house.now()
    house.store.cover(house.tenant, replace(coverage, trouble=error.word))
    cursor = house.store.fact(house.tenant, _cursor_of(feed))
    if error.word == CURSOR_GONE and cursor:
        # Begun anew: what is told twice is stored once.
        house.store.put_fact(house.tenant, _cursor_of(feed), "")
        house.store.put_fact(house.tenant, _anew(feed), _NO_LINE_YET)
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


def _anew(feed: HostFeed) -> str:
    return f"feed_anew:{feed.id}"


def _next(house: House, pause: timedelta) -> None:
    wait(house, _DUE, house.now() + pause)
