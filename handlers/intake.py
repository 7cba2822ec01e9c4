"""The only path into storage: record once, then see to what it means at once."""

from __future__ import annotations

from datetime import datetime

from handlers.calendars import start_of_tokyo_day
from handlers.house import House
from handlers.removals import watch
from handlers.telling import admin_places, alarm_subject, notice
from storage.failures import Batch, Kind, Recorded

_CAP = frozenset({Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED})


def record(house: House, batch: Batch) -> Recorded:
    """Store the batch, all or nothing; raises StorageBusyError with nothing half done."""
    recorded = house.store.record(house.tenant, batch, house.now())
    _relabel(house, recorded)
    watch(house, batch)
    if recorded.new:
        house.wake()
    return recorded


def _relabel(house: House, recorded: Recorded) -> None:
    """A cap found out now explains the refusals that its day called too frequent."""
    for failure in recorded.new_failures:
        if failure.kind in _CAP:
            since = start_of_tokyo_day(failure.occurred_at)
            house.store.relabel(
                house.tenant, Kind.TOO_FREQUENT, failure.kind, since, failure.occurred_at
            )
            return


def alarm(house: House, word: str, at: datetime, detail: str = "") -> None:
    """Tell the admins at once of what concerns everybody; told twice, posted once."""
    subject = alarm_subject(word, at, detail)
    places = admin_places(house)
    house.store.notify(
        house.tenant, [notice("alarm", subject, place, house.now()) for place in places]
    )
    house.wake()
