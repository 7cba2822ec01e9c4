"""Reading the provider's lists on a schedule: the same failures as the webhook tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers import mending
from handlers.alarming import alarm
from handlers.calendars import start_of_tokyo_day
from handlers.house import House, connected_at
from handlers.mending import Walk
from handlers.moments import believed, note, noted
from handlers.ports import REDIRECTED, ListPage, VendorError
from storage.coverage import Coverage
from storage.failures import Batch, Failure, Recorded, Source
from storage.lists import ListEntry, ListName
from storage.spans import Span

# Entries may show up late: an increment starts before the end of the last one.
OVERLAP = timedelta(minutes=15)

# What a refusal for good is told as, where it is not the key's.
_ALARMS = {REDIRECTED: "sendgrid_redirected"}

# Entry, when we were connected, when the walk was frozen.
AsFailure = Callable[[ListEntry, datetime, datetime], Failure]


@dataclass(frozen=True, kw_only=True)
class Polled:
    """How a source is read: whether it is due, and the reading; false when it was not whole."""

    source: Source
    name: str  # of the unit; one source may have several
    due: Callable[[House], bool]
    read: Callable[[House], bool]


def due(house: House) -> bool:
    """Whether the lists should be read now."""
    if house.lists is None:
        return False
    pause = timedelta(seconds=house.policy.poll_seconds)
    tried = noted(house, "polled_at")
    return tried is None or house.now() - tried >= pause


@dataclass(frozen=True, kw_only=True)
class ListRead:
    """What a list brought: entries read, and failures that were new. `trouble`: why no more."""

    name: ListName
    read: int = 0
    new: int = 0
    trouble: str = ""


def poll(
    house: House, as_failure: AsFailure, tell: Callable[[ListRead], object] = lambda _: None
) -> bool:
    """Read every list from where it was read to; false when one could not be read."""
    until = house.now()
    note(house, "polled_at", until)
    troubles = []
    for name in ListName:
        told = _poll_list(house, name, until, as_failure)
        tell(told)
        troubles += [told.trouble] if told.trouble else []
    before = _coverage(house)
    house.store.cover(
        house.tenant,
        Coverage(
            source=Source.SENDGRID_LISTS,
            since=min(before.since, until) if before else until,
            until=_read_to(house, before) if troubles else until,
            trouble=troubles[0] if troubles else "",
        ),
    )
    return not troubles


def _read_to(house: House, before: Coverage | None) -> datetime | None:
    return believed(house, before.until) if before else None


def _coverage(house: House) -> Coverage | None:
    found = [c for c in house.store.coverage(house.tenant) if c.source is Source.SENDGRID_LISTS]
    return found[0] if found else None


def _poll_list(house: House, name: ListName, until: datetime, as_failure: AsFailure) -> ListRead:
    """One walk from the last frozen end, less an overlap."""
    assert house.lists is not None  # noqa: S101 - `due` has seen to it
    key = f"read_to:{name}"
    walk = mending.begin(house, (Source.SENDGRID_LISTS, name))
    since = _from(noted(house, key), walk)
    connected = connected_at(house) or until
    told = ListRead(name=name)
    try:
        for page in house.lists.pages(name, since, until):
            recorded = take(house, walk, page, until, as_failure)
            read = told.read + len(page.entries)
            told = replace(told, read=read, new=told.new + recorded.new)
    except VendorError as error:
        if error.permanent:
            told_as = _ALARMS.get(error.word, "sendgrid_refused")
            alarm(house, told_as, until, once=_day(until), word=error.word)
        return replace(told, trouble=error.word)
    house.store.mark_read(house.tenant, name, until)
    note(house, key, until)
    # What was listed before we were connected is history: of it nothing is claimed.
    mending.end(house, walk, Span(max(since or connected, connected), until))
    return told


def _from(read_to: datetime | None, walk: Walk) -> datetime | None:
    """From the last frozen end or the oldest gap not read yet; None: from the beginning."""
    if read_to is None:
        return None
    unread = [one.since for one in walk.unread]
    return min([read_to, *unread]) - OVERLAP


def take(
    house: House,
    walk: Walk,
    page: ListPage,
    until: datetime,
    as_failure: AsFailure,
) -> Recorded:
    """What a page of a walk holds: failures, told once, and our copy of the list."""
    connected = connected_at(house) or until
    failures = tuple(as_failure(entry, connected, until) for entry in page.entries)
    recorded = mending.record(house, walk, Batch(failures=failures, set_aside=page.odd))
    house.store.put_entries(house.tenant, ListName(walk.part[1]), page.entries, until)
    return recorded


def _day(moment: datetime) -> str:
    return f"{start_of_tokyo_day(moment).date()}"
