"""Requests: ask, join, decide once, withdraw, expire. What carries them out is elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from handlers.house import House
from handlers.people import may_ask, may_decide, same_person
from handlers.telling import approval_place, direct_place, notice
from storage.digests import Notice
from storage.failures import Medium
from storage.requests import MOVES, Action, Request, RequestState, Resend

# A request that nobody decides in a week has lost its evidence.
EXPIRES_AFTER = timedelta(days=7)
_TRIES = 10
UNDER_WAY = frozenset({RequestState.OPEN, RequestState.APPROVED, RequestState.CARRYING})


class RefusedError(Exception):
    """The act is not for this person, or not any more; `word` names the sentence to say."""

    def __init__(self, word: str, request: Request | None = None) -> None:
        super().__init__(word)
        self.word = word
        self.request = request


def draft(
    house: House,
    *,
    action: Action,
    medium: Medium,
    subject: str,
    asked_by: str,
    answers: tuple[tuple[str, str], ...] = (),
) -> Request:
    """A request that is not yet asked."""
    return Request(
        id=secrets.token_urlsafe(9),
        action=action,
        medium=medium,
        subject=subject,
        asked_by=asked_by,
        asked_at=house.now(),
        asked_from=direct_place(asked_by),
        answers=answers,
    )


def ask(house: House, request: Request) -> tuple[Request, bool]:
    """Ask for it, or join the request that is under way; second, whether it is a new one."""
    if not may_ask(house, request.asked_by):
        raise RefusedError("no_role.look_up")
    card = notice("card", request.id, approval_place(house), house.now())
    return ask_or_join(house, request, [card])


def ask_or_join(house: House, request: Request, notices: Sequence[Notice]) -> tuple[Request, bool]:
    """Store it, or join the one under way; one that ends at this very moment is asked anew."""
    for _ in range(_TRIES):
        stored, fresh = house.store.ask(house.tenant, request, notices)
        if fresh or _joined(house, stored, request.asked_by):
            house.wake()
            return stored, fresh
    raise RuntimeError("every request to join ended at that moment")


def _joined(house: House, stored: Request, person: str) -> bool:
    """Remember a second asker, who is told too and may not decide either; false if it ended."""

    def joined(request: Request) -> Request | None:
        ended = request.state not in UNDER_WAY
        if ended or any(same_person(house, person, who) for who in askers(request)):
            return None
        return replace(request, joined=(*request.joined, (person, direct_place(person))))

    now = amend(house, stored.id, joined)
    return now is not None and now.state in UNDER_WAY


def advance(
    house: House,
    request_id: str,
    expected: RequestState,
    change: Callable[[Request], Request],
    tell: Callable[[Request], Sequence[Notice]] = lambda _: (),
    resends: Sequence[Resend] = (),
) -> Request | None:
    """Move a request on, for exactly one caller; None when it is not in `expected` (any more).

    The change is made on top of whatever others amended meanwhile.
    """
    for _ in range(_TRIES):
        request = house.store.request(house.tenant, request_id)
        if request is None or request.state is not expected:
            return None
        changed = change(request)
        if changed.state is not expected and changed.state not in MOVES[expected]:
            raise ValueError(f"a request does not go from {expected} to {changed.state}")
        if house.store.move(
            house.tenant, request_id, expected, changed, notices=tell(changed), resends=resends
        ):
            house.wake()
            return changed
    raise RuntimeError("a request changed under every attempt to move it")


def amend(
    house: House, request_id: str, change: Callable[[Request], Request | None]
) -> Request | None:
    """Change a request without moving it; None from `change` leaves it as it is."""
    for _ in range(_TRIES):
        request = house.store.request(house.tenant, request_id)
        changed = change(request) if request else None
        if request is None or changed is None:
            return request
        if house.store.move(house.tenant, request.id, request.state, changed):
            return changed
    raise RuntimeError("a request changed under every attempt to amend it")


def decide(house: House, request_id: str, person: str, *, yes: bool, reason: str = "") -> Request:
    """Decide an open request; raises RefusedError for whoever may not, or comes too late."""
    request = decidable(house, request_id, person)

    def decided_now(now: Request) -> Request:
        # Somebody may have joined it since it was looked at.
        _not_ones_own(house, now, person)
        return replace(
            now,
            state=RequestState.APPROVED if yes else RequestState.DECLINED,
            decided_by=person,
            decided_at=house.now(),
            reason=reason,
        )

    decided = advance(
        house,
        request.id,
        RequestState.OPEN,
        decided_now,
        lambda now: _tell_decision(house, now),
    )
    return decided or _too_late(house, request.id)


def _tell_decision(house: House, request: Request) -> list[Notice]:
    notices = conclude_card(house, request)
    if request.state is not RequestState.APPROVED or request.action is Action.REMOVE:
        # An approved resend tells its plan instead, a moment later.
        notices += tell_askers(house, request, "decided")
    return notices


def _too_late(house: House, request_id: str) -> Request:
    raise RefusedError("stale", house.store.request(house.tenant, request_id))


def decidable(house: House, request_id: str, person: str) -> Request:
    """The open request that this person may decide; raises RefusedError otherwise."""
    request = house.store.request(house.tenant, request_id)
    if not may_decide(house, person):
        raise RefusedError("no_role.decide")
    if request is None:
        raise RefusedError("stale.unknown")
    _not_ones_own(house, request, person)
    if request.state is not RequestState.OPEN:
        raise RefusedError("stale", request)
    return request


def _not_ones_own(house: House, request: Request, person: str) -> None:
    if any(same_person(house, person, who) for who in askers(request)):
        raise RefusedError("no_role.own_request")


def withdraw(house: House, request_id: str, person: str) -> Request:
    """Take back what one asked for, while it is open."""
    request = house.store.request(house.tenant, request_id)
    if request is None:
        raise RefusedError("stale.unknown")
    if not same_person(house, person, request.asked_by):
        raise RefusedError("no_role.withdraw")
    if request.state is not RequestState.OPEN:
        raise RefusedError("stale", request)
    withdrawn = advance(
        house,
        request.id,
        RequestState.OPEN,
        lambda now: replace(
            now, state=RequestState.WITHDRAWN, decided_by=person, decided_at=house.now()
        ),
        lambda now: conclude_card(house, now) + _tell_joined(house, now),
    )
    return withdrawn or _too_late(house, request.id)


def expire(house: House) -> int:
    """Let requests go that waited too long; their askers are told."""
    waited = [
        request
        for request in house.store.requests(house.tenant, [RequestState.OPEN])
        if house.now() - request.asked_at >= EXPIRES_AFTER
    ]
    gone = [
        advance(
            house,
            request.id,
            RequestState.OPEN,
            lambda now: replace(now, state=RequestState.EXPIRED, decided_at=house.now()),
            lambda now: _tell_decision(house, now),
        )
        for request in waited
    ]
    return sum(one is not None for one in gone)


def askers(request: Request) -> tuple[str, ...]:
    return (request.asked_by, *(person for person, _ in request.joined))


def tell_askers(house: House, request: Request, topic: str, *, again: str = "") -> list[Notice]:
    """Everybody who asked is told, where they asked; `again` sets apart what comes repeatedly."""
    places = (request.asked_from, *(place for _, place in request.joined))
    subject = f"{_turn(request)}{again}"
    return [notice(topic, subject, place, house.now()) for place in places]


def _tell_joined(house: House, request: Request) -> list[Notice]:
    """Who asked for the same learns that it was withdrawn, and may ask anew."""
    places = {place for _, place in request.joined}
    return [one for one in tell_askers(house, request, "decided") if one.place in places]


def _turn(request: Request) -> str:
    """The request and how often it was carried out: what is told of one time is told once."""
    return f"{request.id}/{request.attempts}"


def conclude_card(house: House, request: Request) -> list[Notice]:
    """The card in the approvers' channel ends as what became of it."""
    place = approval_place(house)
    subject = f"{_turn(request)}/{request.state}"
    return [notice("card_end", subject, place, house.now())]
