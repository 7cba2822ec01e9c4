"""Resends: kept LINE WORKS messages, planned, paced, each sent at most once by itself."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.calendars import next_tokyo_day, plan, sending_times
from handlers.house import House
from handlers.intake import record
from handlers.ports import Sent
from handlers.requests import advance, conclude_card, tell_askers
from storage.failures import Batch, Failure, KeptMessage, Kind, Medium, Source, Success
from storage.requests import Outcome, Request, RequestState, Resend, ResendState

# One unit sends so many, then lets others have the worker.
BATCH = 20
_RATE_RESET = timedelta(seconds=60)
_CAP = frozenset({Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED})
_SETTLED = frozenset(ResendState) - {ResendState.PLANNED, ResendState.SENDING}
_AS_STATE = {
    Outcome.SENT: ResendState.SENT,
    Outcome.REFUSED: ResendState.REFUSED,
    Outcome.UNANSWERED: ResendState.UNANSWERED,
}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which refused messages a resend is about. Kept in the store only: it may name a person."""

    kinds: tuple[Kind, ...]
    since: datetime
    until: datetime
    recipient: str = ""

    def subject(self) -> str:
        kinds = ",".join(self.kinds)
        return f"{kinds}|{self.since.isoformat()}|{self.until.isoformat()}|{self.recipient}"


def wish_of(subject: str) -> Wish:
    """The inverse of Wish.subject."""
    kinds, since, until, recipient = subject.split("|", 3)
    return Wish(
        kinds=tuple(Kind(kind) for kind in kinds.split(",")),
        since=datetime.fromisoformat(since),
        until=datetime.fromisoformat(until),
        recipient=recipient,
    )


def wanted(house: House, subject: str) -> list[tuple[Failure, KeptMessage]]:
    """The kept messages of a wish that have not been planned yet."""
    wish = wish_of(subject)
    return house.store.resendable(house.tenant, wish.kinds, wish.since, wish.until, wish.recipient)


def first_time(house: House, failures: Sequence[Failure]) -> datetime:
    """The earliest moment: after the rate's reset, or after the cap's day in Tokyo."""
    if any(failure.kind in _CAP for failure in failures):
        newest = max(failure.occurred_at for failure in failures)
        return max(next_tokyo_day(newest), house.now())
    return house.now() + _RATE_RESET


def planned(
    house: House, request_id: str, messages: Sequence[tuple[Failure, KeptMessage]]
) -> tuple[Resend, ...]:
    """A time for every message, the oldest deadline first; what would come too late is dropped."""
    policy = house.policy
    start = first_time(house, [failure for failure, _ in messages])
    gap = timedelta(minutes=1 / policy.resends_per_minute)
    window = policy.sending_window
    # Nobody's phone rings at night; the same-day resend of one's own press may go at once.
    times = (
        sending_times(start, window, house.zone, gap, policy.company_holidays)
        if any(failure.kind in _CAP for failure, _ in messages)
        else (start + gap * n for n in range(len(messages) + 1))
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


def _row(request_id: str, kept: KeptMessage, due_at: datetime) -> Resend:
    return Resend(
        id=secrets.token_urlsafe(9),
        request_id=request_id,
        kept_id=kept.id,
        recipient=kept.recipient,
        due_at=due_at,
    )


def send_due(house: House) -> int:
    """Send what is due, one after the other; stops for everyone when the vendor says so."""
    sent = 0
    for resend in house.store.due_resends(house.tenant, house.now(), BATCH):
        answer = _send(house, resend)
        sent += 1
        if answer and answer.kind in _CAP:
            _tomorrow(house, resend)
            break
        if answer and answer.kind is Kind.TOO_FREQUENT:
            _later(house, resend, timedelta(seconds=answer.retry_after) or _RATE_RESET)
            break
        _finish_request(house, resend.request_id)
    return sent


def _send(house: House, resend: Resend) -> Sent | None:
    """Mark, send, settle. None when it was not sent at all."""
    kept = house.store.kept(house.tenant, resend.kept_id)
    unwanted = _unwanted(house, kept)
    if kept is None or unwanted:
        _settle(house, resend, ResendState.PLANNED, ResendState.DROPPED, unwanted)
        return None
    marked = replace(resend, state=ResendState.SENDING)
    if not house.store.move_resend(house.tenant, resend.id, ResendState.PLANNED, marked):
        return None
    assert house.sender is not None  # noqa: S101 - _unwanted has refused already
    answer = house.sender.send(kept)
    state = _AS_STATE[answer.outcome]
    _settle(house, resend, ResendState.SENDING, state, answer.word)
    if state is ResendState.SENT:
        record(house, Batch(successes=(_success(house, kept),)))
    return answer


def _unwanted(house: House, kept: KeptMessage | None) -> str:
    """Why it should not be sent now; empty when it should."""
    if kept is None:
        return "body_expired"
    if house.sender is None:
        return "lineworks_not_connected"
    if kept.deadline < house.now():
        return "too_late"
    if kept.reference and house.store.succeeded(
        house.tenant, Source.LINEWORKS_RELAY, kept.reference
    ):
        return "sent_by_host"
    return ""


def _settle(
    house: House, resend: Resend, before: ResendState, after: ResendState, detail: str
) -> None:
    settled = replace(resend, state=after, settled_at=house.now(), detail=detail)
    house.store.move_resend(house.tenant, resend.id, before, settled)


def _success(house: House, kept: KeptMessage) -> Success:
    return Success(
        source=Source.LINEWORKS_RELAY,
        source_id=kept.reference or f"resend:{kept.id}",
        medium=Medium.LINE_WORKS,
        recipient=kept.recipient,
        occurred_at=house.now(),
        reference=kept.reference,
    )


def _tomorrow(house: House, refused: Resend) -> None:
    """The cap again: this one and all that are planned move to the next sending day."""
    start = next_tokyo_day(house.now())
    policy = house.policy
    gap = timedelta(minutes=1 / policy.resends_per_minute)
    times = sending_times(start, policy.sending_window, house.zone, gap, policy.company_holidays)
    rows = house.store.resends(house.tenant, refused.request_id)
    waiting = [row for row in rows if row.state is ResendState.PLANNED or row.id == refused.id]
    for row, moment in zip(waiting, times, strict=False):
        _plan_again(house, row, moment)


def _later(house: House, refused: Resend, pause: timedelta) -> None:
    """Too fast: everything that is due waits, in its order, for the reset."""
    rows = [
        refused,
        *house.store.due_resends(house.tenant, house.now() + pause, BATCH),
    ]
    gap = timedelta(minutes=1 / house.policy.resends_per_minute)
    for n, row in enumerate(rows):
        _plan_again(house, row, house.now() + pause + gap * n)


def _plan_again(house: House, row: Resend, moment: datetime) -> None:
    """A refusal for its time alone is not an end."""
    again = replace(row, state=ResendState.PLANNED, due_at=moment, settled_at=None)
    for before in (ResendState.REFUSED, ResendState.PLANNED):
        if house.store.move_resend(house.tenant, row.id, before, again):
            return


def settle_after_crash(house: House) -> int:
    """What was leaving when the process died may have arrived: a person decides."""
    rows = house.store.unsettled_resends(house.tenant)
    for row in rows:
        _settle(house, row, ResendState.SENDING, ResendState.UNANSWERED, "restarted")
        _finish_request(house, row.request_id)
    return len(rows)


def _finish_request(house: House, request_id: str) -> None:
    """When the last message is settled, the request is done and the numbers are told."""
    request = house.store.request(house.tenant, request_id)
    rows = house.store.resends(house.tenant, request_id)
    if request is None or request.state is not RequestState.CARRYING:
        return
    if any(row.state not in _SETTLED for row in rows):
        return
    counts = Counter(row.state for row in rows)
    advance(
        house,
        request.id,
        RequestState.CARRYING,
        lambda now: replace(
            now,
            state=RequestState.DONE,
            outcome=_overall(counts),
            outcome_at=house.now(),
            outcome_detail=" ".join(f"{state}:{counts[state]}" for state in sorted(counts)),
        ),
        lambda now: tell_askers(house, now, "outcome") + conclude_card(house, now),
    )


def _overall(counts: Counter[ResendState]) -> Outcome:
    """The worst that a person should look at."""
    if counts[ResendState.UNANSWERED]:
        return Outcome.UNANSWERED
    if counts[ResendState.REFUSED] or not counts[ResendState.SENT]:
        return Outcome.REFUSED
    return Outcome.SENT


def send_again(house: House, request_id: str) -> int:
    """A person decided that what stayed without an answer leaves once more; how many do."""
    rows = _unanswered(house, request_id)
    begun = advance(
        house,
        request_id,
        RequestState.DONE,
        lambda now: replace(now, state=RequestState.CARRYING, attempts=now.attempts + 1),
    )
    if begun is None:
        return 0
    again = [
        house.store.move_resend(
            house.tenant,
            row.id,
            ResendState.UNANSWERED,
            replace(row, state=ResendState.PLANNED, due_at=house.now(), settled_at=None),
        )
        for row in rows
    ]
    _finish_request(house, request_id)
    house.wake()
    return sum(again)


def leave(house: House, request_id: str) -> int:
    """A person decided that what stayed without an answer is left as it is; how many are."""
    rows = _unanswered(house, request_id)
    for row in rows:
        _settle(house, row, ResendState.UNANSWERED, ResendState.DROPPED, "left")
    return len(rows)


def _unanswered(house: House, request_id: str) -> list[Resend]:
    rows = house.store.resends(house.tenant, request_id)
    return [row for row in rows if row.state is ResendState.UNANSWERED]


def carry_out(house: House, request: Request) -> Request | None:
    """Plan what was approved; None when another worker has it."""
    messages = wanted(house, request.subject)
    carried = advance(
        house,
        request.id,
        RequestState.APPROVED,
        lambda now: replace(now, state=RequestState.CARRYING, attempts=now.attempts + 1),
        lambda now: tell_askers(house, now, "planned") + conclude_card(house, now),
        resends=planned(house, request.id, messages),
    )
    if carried:
        _finish_request(house, request.id)
    return carried
