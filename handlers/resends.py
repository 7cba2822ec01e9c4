"""Resends: planned LINE WORKS messages, paced, each sent at most once by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from handlers.calendars import next_tokyo_day
from handlers.house import House
from handlers.intake import record
from handlers.ports import Sent
from handlers.requests import advance, conclude_card, tell_askers
from handlers.wishes import CAPS, RATE_RESET, gap, planned, soonest, times_from, wanted, wish_of
from storage.failures import (
    BY_HOSTS_IDS,
    Batch,
    KeptMessage,
    Kind,
    Medium,
    Source,
    Success,
    accepted_id,
)
from storage.requests import Action, Outcome, Request, RequestState, Resend, ResendState

# One unit sends so many, then lets others have the worker.
BATCH = 20
# All rows there can be of one day.
_EVERY = 100_000
_A_MINUTE = timedelta(minutes=1)
_SETTLED = frozenset(ResendState) - {ResendState.PLANNED, ResendState.SENDING}
_AS_STATE = {
    Outcome.SENT: ResendState.SENT,
    Outcome.REFUSED: ResendState.REFUSED,
    Outcome.UNANSWERED: ResendState.UNANSWERED,
}


def due(house: House) -> bool:
    """Whether a message may leave now."""
    return _room(house) > 0 and bool(house.store.due_resends(house.tenant, house.now(), 1))


def _room(house: House) -> int:
    """How many may leave: within any minute no more than our share of the rate."""
    now = house.now()
    left = house.store.resends_settled(house.tenant, now - _A_MINUTE, now)
    return max(0, int(house.policy.resends_per_minute) - left)


def send_due(house: House) -> int:
    """Send what is due, one after the other; stops for everyone when the vendor says so."""
    sent = 0
    most = min(BATCH, _room(house))
    for resend in house.store.due_resends(house.tenant, house.now(), most) if most else ():
        if _out_of_hours(house, resend):
            break
        answer = _send(house, resend)
        sent += 1
        if answer and answer.kind in CAPS:
            _tomorrow(house, resend)
            break
        if answer and answer.kind is Kind.TOO_FREQUENT:
            _later(house, resend, timedelta(seconds=answer.retry_after) or RATE_RESET)
            break
        _finish_request(house, resend.request_id)
    return sent


def _out_of_hours(house: House, resend: Resend) -> bool:
    """Whether its hour has passed unused, such as while we were down; then all find new ones."""
    request = house.store.request(house.tenant, resend.request_id)
    opens = soonest(house, wish_of(request.subject).kinds) if request else house.now()
    if opens <= house.now():
        return False
    waiting = house.store.due_resends(house.tenant, opens, _EVERY)
    _plan_again(house, waiting, times_from(house, opens))
    return True


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
    _settle(house, resend, ResendState.SENDING, state, answer.kind or answer.word)
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
    if kept.reference and _sent_by_host(house, kept):
        return "sent_by_host"
    return ""


def _sent_by_host(house: House, kept: KeptMessage) -> bool:
    """Whichever way it was told."""
    own = accepted_id(kept.reference, Medium.LINE_WORKS, kept.recipient)
    return any(house.store.succeeded(house.tenant, one, own) for one in BY_HOSTS_IDS)


def _settle(
    house: House, resend: Resend, before: ResendState, after: ResendState, detail: str
) -> None:
    settled = replace(resend, state=after, settled_at=house.now(), detail=detail)
    house.store.move_resend(house.tenant, resend.id, before, settled)


def _success(house: House, kept: KeptMessage) -> Success:
    own = accepted_id(kept.reference, Medium.LINE_WORKS, kept.recipient)
    return Success(
        source=Source.LINEWORKS_RELAY,
        source_id=own if kept.reference else f"resend:{kept.id}",
        medium=Medium.LINE_WORKS,
        recipient=kept.recipient,
        occurred_at=house.now(),
        reference=kept.reference,
    )


def _tomorrow(house: House, refused: Resend) -> None:
    """The cap again: whatever was to leave before then moves to the next sending day."""
    times = times_from(house, next_tokyo_day(house.now()))
    start = next(times)
    rows = [refused, *house.store.due_resends(house.tenant, start, _EVERY)]
    _plan_again(house, rows, chain([start], times))
    for request_id in dict.fromkeys(row.request_id for row in rows):
        request = house.store.request(house.tenant, request_id)
        if request:
            told = tell_askers(house, request, "cap_again", again=f"/{start.date()}")
            house.store.notify(house.tenant, told)


def _later(house: House, refused: Resend, pause: timedelta) -> None:
    """Too fast: everything that is due waits, in its order, for the reset."""
    start = house.now() + pause
    rows = [refused, *house.store.due_resends(house.tenant, start, _EVERY)]
    _plan_again(house, rows, (start + gap(house) * n for n in range(len(rows))))


def _plan_again(house: House, rows: Sequence[Resend], times: Iterator[datetime]) -> None:
    """A refusal for its time alone is not an end, unless it would come too late then."""
    for row, moment in zip(rows, times, strict=False):
        kept = house.store.kept(house.tenant, row.kept_id)
        again = replace(row, state=ResendState.PLANNED, due_at=moment, settled_at=None, detail="")
        if kept is None or kept.deadline < moment:
            again = replace(
                row, state=ResendState.DROPPED, detail="too_late", settled_at=house.now()
            )
        for before in (ResendState.REFUSED, ResendState.PLANNED):
            if house.store.move_resend(house.tenant, row.id, before, again):
                break
    for request_id in dict.fromkeys(row.request_id for row in rows):
        _finish_request(house, request_id)


def settle_after_crash(house: House) -> int:
    """What was leaving when the process died may have arrived: a person decides."""
    rows = house.store.unsettled_resends(house.tenant)
    for row in rows:
        _settle(house, row, ResendState.SENDING, ResendState.UNANSWERED, "restarted")
        _finish_request(house, row.request_id)
    return len(rows)


def finish(house: House) -> None:
    """Requests whose last message was settled when the process died or the storage was busy."""
    for request in house.store.requests(house.tenant, [RequestState.CARRYING], _EVERY):
        if request.action is Action.RESEND:
            _finish_request(house, request.id)


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
    begun = rows and advance(
        house,
        request_id,
        RequestState.DONE,
        lambda now: replace(now, state=RequestState.CARRYING, attempts=now.attempts + 1),
    )
    if not begun:
        return 0
    due_at = soonest(house, wish_of(begun.subject).kinds)
    again = [
        house.store.move_resend(
            house.tenant,
            row.id,
            ResendState.UNANSWERED,
            replace(row, state=ResendState.PLANNED, due_at=due_at, settled_at=None),
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
