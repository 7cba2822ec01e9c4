"""Removals: one approved address, off the bounce list, once, read back, then watched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from handlers.house import House
from handlers.ports import NotNowError, VendorError
from handlers.requests import advance, conclude_card, tell_askers
from handlers.telling import approval_place, notice
from storage.failures import Batch, Failure, Kind, Medium, Success, fold_recipient
from storage.lists import ListName
from storage.requests import Action, Outcome, Request, RequestState

# The policy of a fresh installation: an invalid address is corrected, not lifted.
REMOVED_FROM = (ListName.BOUNCES,)
WATCH = timedelta(days=14)
MAX_ATTEMPTS = 8
_FIRST_PAUSE = timedelta(seconds=20)
_LONGEST_PAUSE = timedelta(hours=1)
# Whoever carries it out for longer than this has failed on our side.
_LEASE = timedelta(minutes=10)
_EVERY = 10_000


def carry_out(house: House, request: Request) -> Request | None:
    """Remove what was approved; None when another worker has it. DELETE may be repeated."""
    claimed = advance(
        house,
        request.id,
        RequestState.APPROVED,
        lambda now: replace(
            now,
            state=RequestState.CARRYING,
            attempts=now.attempts + 1,
            retry_at=house.now() + _LEASE,
        ),
    )
    if claimed is None:
        return None
    try:
        outcome = _remove(house, request.subject)
    except NotNowError:
        return _later(house, claimed)
    except VendorError as error:
        return _after_error(house, claimed, error)
    if outcome is Outcome.ALREADY_ABSENT and claimed.attempts > 1:
        # An earlier try, whose end we never learnt, has done it.
        outcome = Outcome.REMOVED
    return _done(house, claimed, outcome, _read_back(house, request.subject))


def found_absent(house: House, address: str) -> None:
    """The list does not hold it any more: what was asked for has come about by itself."""
    asked = house.store.requests_about(house.tenant, Action.REMOVE, address)
    for request in asked:
        if request.state is RequestState.OPEN:
            _done(house, request, Outcome.ALREADY_ABSENT, "")


def take_up_again(house: House, *, lapsed: bool = False) -> int:
    """What was being carried out when the process died, or has `lapsed`, is approved still."""
    carried = [
        advance(
            house,
            request.id,
            RequestState.CARRYING,
            lambda now: replace(now, state=RequestState.APPROVED, retry_at=house.now()),
        )
        for request in house.store.requests(house.tenant, [RequestState.CARRYING], _EVERY)
        if request.action is Action.REMOVE
        and (not lapsed or (request.retry_at and request.retry_at <= house.now()))
    ]
    return sum(one is not None for one in carried)


def _remove(house: House, address: str) -> Outcome:
    """REMOVED when any allowed list held it."""
    if house.lists is None:
        raise VendorError("sendgrid_not_connected", permanent=True)
    found = {house.lists.remove(name, address) for name in REMOVED_FROM}
    return Outcome.REMOVED if Outcome.REMOVED in found else Outcome.ALREADY_ABSENT


def _read_back(house: House, address: str) -> str:
    """Which lists hold the address afterwards, by name; kept with the request."""
    assert house.lists is not None  # noqa: S101 - _remove has refused already
    try:
        membership = house.lists.holding(address)
    except VendorError as error:
        return f"unread:{error.word}"
    house.store.set_membership(house.tenant, address, membership, house.now())
    still = [f"on:{entry.name}" for entry in membership.entries]
    return " ".join([*still, *(f"unread:{name}" for name in membership.unanswered)])


def _later(house: House, request: Request) -> Request | None:
    """Approved as before: nothing was asked of the vendor, so nothing counts as a try."""
    return _approved_still(house, request, _FIRST_PAUSE, attempts=request.attempts - 1)


def _after_error(house: House, request: Request, error: VendorError) -> Request | None:
    """Refused for good, or approved still and tried again after a pause."""
    if error.permanent or request.attempts >= MAX_ATTEMPTS:
        outcome = Outcome.REFUSED if error.permanent else Outcome.UNANSWERED
        return _done(house, request, outcome, error.word)
    pause = min(_FIRST_PAUSE * 2 ** (request.attempts - 1), _LONGEST_PAUSE)
    pause = max(pause, timedelta(seconds=error.retry_after))
    return _approved_still(house, request, pause, outcome_detail=error.word)


def _approved_still(
    house: House, request: Request, pause: timedelta, **changes: Any
) -> Request | None:
    return advance(
        house,
        request.id,
        RequestState.CARRYING,
        lambda now: replace(
            now, state=RequestState.APPROVED, retry_at=house.now() + pause, **changes
        ),
    )


def _done(house: House, request: Request, outcome: Outcome, detail: str) -> Request | None:
    lifted = outcome in {Outcome.REMOVED, Outcome.ALREADY_ABSENT}
    return advance(
        house,
        request.id,
        request.state,
        lambda now: replace(
            now,
            state=RequestState.DONE,
            outcome=outcome,
            outcome_at=house.now(),
            outcome_detail=detail,
            watched_until=house.now() + WATCH if lifted else None,
        ),
        lambda now: tell_askers(house, now, "outcome") + conclude_card(house, now),
    )


def watch(house: House, batch: Batch) -> None:
    """The first event of a lifted address after its removal is told to everyone concerned."""
    waiting: dict[str, list[Request]] = defaultdict(list)
    for one in house.store.watched(house.tenant):
        waiting[fold_recipient(one.subject)].append(one)
    if not waiting:
        return
    events: Iterable[Failure | Success] = (*batch.successes, *batch.failures)
    for event in sorted(events, key=lambda one: one.occurred_at):
        verdict = _verdict(event)
        if event.medium is not Medium.EMAIL or not verdict:
            continue
        for request in waiting[fold_recipient(event.recipient)]:
            # The vendor tells whole seconds.
            if request.outcome_at and event.occurred_at >= request.outcome_at.replace(
                microsecond=0
            ):
                _judge(house, request, verdict)


_VERDICTS = {
    Kind.HARD_BOUNCE: "bounced_again",
    Kind.SOFT_BOUNCE: "refused_this_time",
    Kind.DROPPED: "dropped",
    Kind.INVALID_ADDRESS: "dropped",
}


def _verdict(event: Failure | Success) -> str:
    """Nothing for a delay, and for what the recipient does with mail that has arrived."""
    return "delivered" if isinstance(event, Success) else _VERDICTS.get(event.kind, "")


def end_watches(house: House) -> None:
    """Fourteen days without an event are told too."""
    for request in house.store.watched(house.tenant):
        if request.watched_until and request.watched_until <= house.now():
            _judge(house, request, "silence")


def _judge(house: House, request: Request, verdict: str) -> None:
    place = approval_place(house)
    advance(
        house,
        request.id,
        RequestState.DONE,
        lambda now: replace(now, verdict=now.verdict or verdict),
        lambda now: [
            *tell_askers(house, now, "verdict"),
            notice("verdict_card", now.id, place, house.now()),
        ],
    )
