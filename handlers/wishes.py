"""Which refused messages may be sent again, and when each of them leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.calendars import next_tokyo_day, plan, sending_times
from handlers.house import House
from storage.failures import Failure, KeptMessage, Kind
from storage.requests import Resend, ResendState

RATE_RESET = timedelta(seconds=60)
CAPS = frozenset({Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED})

_LEARNT, _HAPPENED = "learnt", "happened"
# Older ones are past every deadline.
_TOLD_LATE = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which refused messages a resend is about. Kept in the store only: it may name a person."""

    kinds: tuple[Kind, ...]
    since: datetime
    until: datetime
    learnt: bool = False  # of what was told then, as a digest counts it
    recipient: str = ""

    def subject(self) -> str:
        kinds, which = ",".join(self.kinds), _LEARNT if self.learnt else _HAPPENED
        period = f"{self.since.isoformat()}|{self.until.isoformat()}"
        return f"{kinds}|{which}|{period}|{self.recipient}"


def wish_of(subject: str) -> Wish:
    """The inverse of Wish.subject."""
    kinds, which, since, until, recipient = subject.split("|", 4)
    return Wish(
        kinds=tuple(Kind(kind) for kind in kinds.split(",")),
        since=datetime.fromisoformat(since),
        until=datetime.fromisoformat(until),
        learnt=which == _LEARNT,
        recipient=recipient,
    )


def wanted(house: House, subject: str) -> list[tuple[Failure, KeptMessage]]:
    """The kept messages of a wish that have not been planned yet."""
    wish = wish_of(subject)
    since = wish.since - _TOLD_LATE if wish.learnt else wish.since
    found = house.store.resendable(house.tenant, wish.kinds, since, wish.until, wish.recipient)
    return [
        (failure, kept)
        for failure, kept in found
        if not wish.learnt or (failure.told_at and failure.told_at >= wish.since)
    ]


def first_time(house: House, failures: Sequence[Failure]) -> datetime:
    """The earliest moment: after the rate's reset, or after the cap's day in Tokyo."""
    if any(failure.kind in CAPS for failure in failures):
        newest = max(failure.occurred_at for failure in failures)
        return max(next_tokyo_day(newest), house.now())
    return house.now() + RATE_RESET


def planned(
    house: House, request_id: str, messages: Sequence[tuple[Failure, KeptMessage]]
) -> tuple[Resend, ...]:
    """A time for every message, the oldest deadline first; what would come too late is dropped."""
    start = first_time(house, [failure for failure, _ in messages])
    # Nobody's phone rings at night; the same-day resend of one's own press may go at once.
    times = (
        times_from(house, start)
        if any(failure.kind in CAPS for failure, _ in messages)
        else (start + gap(house) * n for n in range(len(messages) + 1))
    )
    by_id = {kept.id: kept for _, kept in messages}
    due, late = plan([(kept.id, kept.deadline) for kept in by_id.values()], times)
    rows = [_row(request_id, by_id[kept_id], moment) for kept_id, moment in due]
    rows += [
        replace(
            _row(request_id, by_id[kept_id], start), state=ResendState.DROPPED, detail="too_late"
        )
        for kept_id in late
    ]
    return tuple(rows)


def gap(house: House) -> timedelta:
    """Between two messages that are planned one after the other."""
    return timedelta(minutes=1 / house.policy.resends_per_minute)


def times_from(house: House, start: datetime) -> Iterator[datetime]:
    """Moments inside the sending hours, paced; without end."""
    policy = house.policy
    return sending_times(
        start, policy.sending_window, house.zone, gap(house), policy.company_holidays
    )


def soonest(house: House, kinds: Collection[Kind]) -> datetime:
    """When a message refused so may leave from now on."""
    return house.now() if CAPS.isdisjoint(kinds) else next(times_from(house, house.now()))


def _row(request_id: str, kept: KeptMessage, due_at: datetime) -> Resend:
    return Resend(
        # A message has one row: of two plans made at once, the second leaves it out.
        id=kept.id,
        request_id=request_id,
        kept_id=kept.id,
        recipient=kept.recipient,
        due_at=due_at,
    )
