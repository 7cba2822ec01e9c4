"""The lists read whole, every night: who is not met any more has left, if it is true twice.

Only a walk that ended cleanly says anything about who was not met, and only a
second one makes it believed: soon after, or hours later where a list shrank so
much in one night that a fault of the vendor's is likelier.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from handlers import mending
from handlers.alarming import alarm
from handlers.house import House, connected_at
from handlers.leaving import let_go
from handlers.moments import awaited, note, noted, wait
from handlers.polls import AsFailure, take
from handlers.ports import VendorError
from storage.failures import Source
from storage.lists import ListName

NIGHTLY = time(3)
SECOND_WALK = timedelta(minutes=10)
SECOND_WALK_IN_DOUBT = timedelta(hours=3)
AFTER_TROUBLE = timedelta(hours=1)
# A list that loses more than both in one night is in doubt.
SHARE, FEW = 0.1, 20
# So many at once: an intake never waits long behind them.
PORTION = 500


def due(house: House) -> bool:
    """Whether any list should be read whole now."""
    return house.lists is not None and any(_due(house, name) for name in ListName)


def read(house: House, as_failure: AsFailure) -> bool:
    """Walk over every list that is due; false when one walk did not come to its end."""
    ended = [_walk(house, name, as_failure) for name in ListName if _due(house, name)]
    return all(ended)


def _due(house: House, name: ListName) -> bool:
    """The first night comes after the first start: until then everything is read whole anyway."""
    at = awaited(house, f"whole_at:{name}")
    if at is None:
        began = connected_at(house)
        at = _next_night(house, began) if began else None
    return at is not None and house.now() >= at


def _walk(house: House, name: ListName, as_failure: AsFailure) -> bool:
    assert house.lists is not None  # noqa: S101 - `due` has seen to it
    until = house.now()
    walk = mending.begin(house, (Source.SENDGRID_LISTS, name))
    try:
        for page in house.lists.whole(name, until):
            take(house, walk, page, until, as_failure)
    except VendorError as error:
        pause = max(AFTER_TROUBLE, timedelta(seconds=error.retry_after))
        _again(house, name, until + pause)
        return False
    _conclude(house, name, until)
    return True


def _conclude(house: House, name: ListName, until: datetime) -> None:
    first = noted(house, f"missed_at:{name}")
    missed, whole = house.store.missed_entries(house.tenant, name, until)
    if first:
        _let_go(house, name, first, until)
        note(house, f"missed_at:{name}", None)
    elif missed:
        in_doubt = missed > max(FEW, SHARE * whole)
        if in_doubt:
            _doubt(house, name, until, missed, whole)
        note(house, f"missed_at:{name}", until)
        _again(house, name, until + (SECOND_WALK_IN_DOUBT if in_doubt else SECOND_WALK))
        return
    _again(house, name, _next_night(house, until))


def _let_go(house: House, name: ListName, first: datetime, until: datetime) -> None:
    """Whom neither walk met. Who was missed by the second alone waits for the next night."""
    while True:
        left = house.store.let_go(house.tenant, name, first, until, PORTION)
        let_go(house, name, left)
        if len(left) < PORTION:
            return


def _doubt(house: House, name: ListName, at: datetime, missed: int, whole: int) -> None:
    day = at.astimezone(house.zone).date()
    numbers = {"count": str(missed), "whole": str(whole)}
    alarm(house, "list_shrank", at, once=f"{name}/{day}", list=name, **numbers)


def _again(house: House, name: ListName, at: datetime) -> None:
    wait(house, f"whole_at:{name}", at)


def _next_night(house: House, after: datetime) -> datetime:
    local = after.astimezone(house.zone)
    tonight = datetime.combine(local.date(), NIGHTLY, house.zone)
    return tonight if tonight > local else tonight + timedelta(days=1)
