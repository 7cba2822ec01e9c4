"""Forgetting in time: every night, a portion at a time, so that nothing waits for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, time, timedelta

from handlers.house import House
from handlers.moments import awaited, wait
from storage.retention import Forgotten, Horizon

NIGHTLY = time(4)
# Recipients of a portion, and entries: each is one short write.
PORTION = 500
# Portions of one turn; the rest follows at once, after whatever else is due.
A_TURN = 200
_ALL = "all"  # recipients have been looked at
_DUE, _AFTER, _LAST = "retention_at", "retention_after", "retention_last"


def due(house: House) -> bool:
    """The first night comes after the first start."""
    at = awaited(house, _DUE)
    if at is None:
        wait(house, _DUE, _next_night(house))
        return False
    return house.now() >= at


def forget(house: House) -> bool:
    """A turn of it, from where the last one ended; false where more is left."""
    counts = _counted(house.store.fact(house.tenant, _LAST) if _begun(house) else None)
    for number, portion in enumerate(_portions(house, house.policy.keep.at(house.now())), 1):
        counts.update({name: count for name, count in asdict(portion).items() if count})
        _note(house, counts)
        if number >= A_TURN:
            return False
    house.store.put_fact(house.tenant, _AFTER, "")
    wait(house, _DUE, _next_night(house))
    return True


def last_night(house: House) -> Counter[str]:
    """How much of each kind the last night dropped."""
    return _counted(house.store.fact(house.tenant, _LAST))


def _begun(house: House) -> bool:
    return bool(house.store.fact(house.tenant, _AFTER))


def _portions(house: House, horizon: Horizon) -> Iterator[Forgotten]:
    store, tenant = house.store, house.tenant
    told = house.store.fact(tenant, _AFTER)
    after = None if told == _ALL else int(told or 0)
    while after is not None:
        portion = store.forget_recipients(tenant, horizon, after, PORTION)
        after = portion.reached
        yield portion
    for forget_some in (store.forget_hours, store.forget_quarantined):
        while (portion := forget_some(tenant, horizon, PORTION)) != Forgotten():
            yield portion


def _note(house: House, counts: Counter[str]) -> None:
    """Where a next turn begins, and what there was until now."""
    reached = counts.pop("reached", None)
    house.store.put_fact(house.tenant, _AFTER, _ALL if reached is None else str(reached))
    told = ",".join(f"{name}={count}" for name, count in sorted(counts.items()))
    house.store.put_fact(house.tenant, _LAST, told)


def _counted(told: str | None) -> Counter[str]:
    pairs = (one.split("=") for one in (told or "").split(",") if one)
    return Counter({name: int(count) for name, count in pairs})


def _next_night(house: House) -> datetime:
    local = house.now().astimezone(house.zone)
    tonight = datetime.combine(local.date(), NIGHTLY, house.zone)
    return tonight if tonight > local else tonight + timedelta(days=1)
