"""What could not be understood, read again by what is known now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from handlers.house import House, connected_at
from handlers.intake import take
from storage.failures import Batch, Recorded, SetAside, Source
from storage.quarantine import Quarantined

_AT_A_TIME = 100
# These list what was before they were connected.
_LOOK_BACK = frozenset({Source.SENDGRID_LISTS, Source.SENDGRID_LOGS, Source.HOST_FEED})


@dataclass(frozen=True, kw_only=True)
class Retried:
    """What became of one of them. `reason` says why it still lies there; empty: it left."""

    number: int
    recorded: Recorded = field(default_factory=Recorded)
    reason: str = ""


def each(house: House) -> Iterator[Quarantined]:
    """All that lies there, the oldest first."""
    after = 0
    while found := house.store.quarantined(house.tenant, after, _AT_A_TIME):
        yield from found
        after = found[-1].number


def numbered(house: House, number: int) -> Quarantined | None:
    found = house.store.quarantined(house.tenant, number - 1, 1)
    return found[0] if found and found[0].number == number else None


def retry(house: House, one: Quarantined, corrected: bytes | None = None) -> Retried:
    """Read it, or what somebody made of it, as if it were told now.

    What is understood is stored and leaves the quarantine with one write: killed
    before, nothing has happened; done twice, the second time finds it gone.
    """
    read = house.vocabulary.read_again.get(one.source)
    if read is None:
        return Retried(number=one.number, reason="nothing of this source is read again")
    if one.cut and corrected is None:
        return Retried(number=one.number, reason="its end was cut off; correct it by hand")
    body = one.body if corrected is None else corrected
    aside = SetAside(source=one.source, body=body, reason=one.reason, whole=one.whole)
    telling = read(aside, house.now(), house.rules)
    still = [left for left in telling.batch.set_aside if left.whole or not one.whole]
    if still:
        return Retried(number=one.number, reason=still[0].reason)
    batch = replace(_dated(house, telling.batch), retried=one.number)
    return Retried(number=one.number, recorded=take(house, replace(telling, batch=batch)))


def _dated(house: House, batch: Batch) -> Batch:
    """What happened before its source was connected is history."""
    if batch.told_by not in _LOOK_BACK:
        return batch
    known = {one.source: one.since for one in house.store.coverage(house.tenant)}
    feed = known.get(Source.HOST_FEED) if batch.told_by is Source.HOST_FEED else None
    began = feed or connected_at(house) or house.now()
    failures = (replace(one, history=one.occurred_at < began) for one in batch.failures)
    successes = (replace(one, history=one.occurred_at < began) for one in batch.successes)
    return replace(batch, failures=tuple(failures), successes=tuple(successes))
