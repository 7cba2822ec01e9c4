"""The only path into storage: record once, then see to what it means at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from handlers.alarming import alarm
from handlers.calendars import start_of_tokyo_day
from handlers.corrections import corrected, overtaken
from handlers.house import House
from handlers.moments import believed
from handlers.ports import Telling
from handlers.removals import watch
from storage.coverage import Coverage
from storage.failures import Batch, DroppedBy, Failure, Kind, Recorded, Source

_EVERYBODY: dict[Kind | DroppedBy, str] = {
    DroppedBy.OVER_QUOTA: "over_quota",
    Kind.MISSING_SCOPE: "missing_scope",
    Kind.BAD_CREDENTIALS: "lineworks_refused",
}
_CAP = frozenset({Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED})
# The oldest of a day say since when it is used up.
_ENOUGH = 1000
# So full that somebody should look before anything has to make room.
_FILLING = 0.8


def take(house: House, telling: Telling) -> Recorded:
    """Record it, and tell the admins what concerns the provider's account."""
    recorded = record(house, telling.batch)
    if telling.people:
        house.store.put_people(house.tenant, telling.people)
    _tell_news(house, telling)
    return recorded


def take_kept(house: House, telling: Telling, portions: Iterable[Batch]) -> None:
    """The same for what is kept in the inbox, stored in portions of `telling.batch`.

    It leaves the inbox when all else is done: stopped before that it is told again, with
    the alarms and verdicts that may not have come about.
    """
    stored = [_stored(house, portion) for portion in portions]
    pushed_out = sum(one.pushed_out for one in stored)
    recorded = Recorded(new=sum(one.new for one in stored), pushed_out=pushed_out)
    _see_to(house, telling.batch, recorded)
    _tell_news(house, telling)
    batch = telling.batch
    rest = Batch(source=batch.source, ignored=batch.ignored, posts=batch.posts)
    house.store.record(house.tenant, rest, house.now())


def _tell_news(house: House, telling: Telling) -> None:
    for news in telling.news:
        once = f"{start_of_tokyo_day(news.at).date()}" if news.daily else ""
        alarm(house, news.alarm, news.at, once=once, word=news.word)


def record(house: House, batch: Batch) -> Recorded:
    """Store the batch, all or nothing; raises StorageBusyError with nothing half done."""
    recorded = _stored(house, batch)
    _see_to(house, batch, recorded)
    return recorded


def _see_to(house: House, batch: Batch, recorded: Recorded) -> None:
    """What it means for others; told again it comes to the same."""
    _relabel(house, batch)
    _alarms(house, batch)
    if batch.set_aside:
        _alarms_of_quarantine(house, batch, recorded)
    watch(house, batch)
    if recorded.new:
        house.wake()


def _stored(house: House, batch: Batch) -> Recorded:
    """Read as corrected; what was corrected in this very moment is seen to afterwards."""
    if not batch.failures:
        return house.store.record(house.tenant, batch, house.now())
    batch = _long_past(house, batch)
    standing = house.store.standing_corrections(house.tenant)
    read = corrected(house, batch) if standing else batch
    recorded = house.store.record(house.tenant, read, house.now())
    overtaken(house, standing)
    return recorded


def _long_past(house: House, batch: Batch) -> Batch:
    """What would be forgotten already is no news, whoever tells of it again."""
    horizon = house.policy.keep.at(house.now()).failures
    if horizon is None or all(one.occurred_at >= horizon for one in batch.failures):
        return batch
    told = (
        replace(one, history=one.history or one.occurred_at < horizon) for one in batch.failures
    )
    return replace(batch, failures=tuple(told))


def _relabel(house: House, batch: Batch) -> None:
    """A cap found out now explains the refusals that its day called too frequent.

    Also where it is told again: a host that repeats a message under one id is
    stored once, with the name of the first answer. A batch may tell of several days,
    and in any order.
    """
    last: dict[tuple[datetime, Kind], Failure] = {}
    for failure in batch.failures:
        if failure.kind in _CAP:
            key = start_of_tokyo_day(failure.occurred_at), failure.kind
            last[key] = max(last.get(key, failure), failure, key=lambda one: one.occurred_at)
    # A day's certain cap before the suspected one.
    for (since, kind), failure in sorted(last.items(), key=lambda item: item[0]):
        house.store.relabel(
            house.tenant,
            Kind.TOO_FREQUENT,
            kind,
            since,
            failure.occurred_at,
            guessed=failure.guessed,
        )


def _alarms(house: House, batch: Batch) -> None:
    """Refusals that concern everybody, told once a day each; also when they are told again."""
    for failure in batch.failures:
        word = _EVERYBODY.get(failure.dropped_by or failure.kind)
        if word and not failure.history:
            day = start_of_tokyo_day(failure.occurred_at).date()
            alarm(house, word, failure.occurred_at, once=f"{day}", word=failure.status or "-")


def _alarms_of_quarantine(house: House, batch: Batch, recorded: Recorded) -> None:
    """Once a day each: a whole post that nobody can read, and a quarantine that fills."""
    now = house.now()
    filled = house.store.quarantine_filled(house.tenant)
    words = {
        "post_unreadable": any(one.whole for one in batch.set_aside),
        "quarantine_full": recorded.pushed_out > 0,
        "quarantine_filling": not recorded.pushed_out and filled.share >= _FILLING,
    }
    for word in (word for word, true in words.items() if true):
        once = f"{start_of_tokyo_day(now).date()}"
        alarm(house, word, now, once=once, count=f"{filled.count}")


def relayed(house: House, batch: Batch) -> Recorded:
    """What passed through the relay: stored, and proof that it is in use."""
    recorded = record(house, batch)
    heard(house, Source.LINEWORKS_RELAY)
    return recorded


def limited(house: House, since: datetime) -> tuple[datetime, list[Failure]]:
    """From `since` or the last acceptance on: what the relay was refused for its number."""
    source = Source.LINEWORKS_RELAY
    accepted = house.store.newest_success(house.tenant, source, since) or since
    kinds = [Kind.TOO_FREQUENT, *sorted(_CAP)]
    return accepted, house.store.refusals(house.tenant, source, kinds, accepted, _ENOUGH)


def rejected(house: House, told: Sequence[tuple[str, str]]) -> None:
    """What was taken for an outage and was the message; by recipient and source id."""
    house.store.relabel_told(
        house.tenant,
        Source.LINEWORKS_RELAY,
        told,
        Kind.PROVIDER_DOWN,
        Kind.MESSAGE_REJECTED,
        guessed=True,
    )


def heard(house: House, source: Source, at: datetime | None = None) -> None:
    """A pushed source was verified to speak, just now unless `at` says when."""
    at = at or house.now()
    known = [one for one in house.store.coverage(house.tenant) if one.source is source]
    # Not `at`: what came before the last start says nothing of the time between.
    since = min(known[0].since, house.now()) if known else at
    last = (believed(house, known[0].until) if known else None) or at
    house.store.cover(house.tenant, Coverage(source=source, since=since, until=max(last, at)))


def listen(house: House, source: Source) -> None:
    """From this start on we are up; when it last spoke is kept."""
    known = [one for one in house.store.coverage(house.tenant) if one.source is source]
    until = believed(house, known[0].until) if known else None
    house.store.cover(house.tenant, Coverage(source=source, since=house.now(), until=until))
