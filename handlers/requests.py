"""Requests: ask, join, decide once, withdraw, expire. What carries them out is elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from handlers.house import House
from handlers.people import may_ask, may_decide, same_person
from handlers.telling import approval_place, direct_place, notice
from storage.digests import Notice
from storage.failures import Medium
from storage.requests import MOVES, Action, Request, RequestState

# A request that nobody decides in a week has lost its evidence.
EXPIRES_AFTER = timedelta(days=7)
_AMEND_TRIES = 10


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
    stored, fresh = house.store.ask(house.tenant, request, [card])
    if not fresh:
        _join(house, stored, request.asked_by)
    house.wake()
    return stored, fresh


def _join(house: House, stored: Request, person: str) -> None:
    """Remember a second asker, who is told too and may not decide either."""

    def joined(request: Request) -> Request | None:
        if any(same_person(house, person, who) for who in askers(request)):
            return None
        return replace(request, joined=(*request.joined, (person, direct_place(person))))

    amend(house, stored.id, joined)


def amend(
    house: House, request_id: str, change: Callable[[Request], Request | None]
) -> Request | None:
    """Change a request without moving it, on top of whatever others changed meanwhile."""
    for _ in range(_AMEND_TRIES):
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
    decided = replace(
        request,
        state=RequestState.APPROVED if yes else RequestState.DECLINED,
        decided_by=person,
        decided_at=house.now(),
        reason=reason,
    )
    notices = tell_askers(house, decided, "decided")
    if not yes:
        notices += conclude_card(house, decided)
    return settle(house, request, decided, notices)


def decidable(house: House, request_id: str, person: str) -> Request:
    """The open request that this person may decide; raises RefusedError otherwise."""
    request = house.store.request(house.tenant, request_id)
    if not may_decide(house, person):
        raise RefusedError("no_role.decide")
    if request is None:
        raise RefusedError("stale.unknown")
    if any(same_person(house, person, who) for who in askers(request)):
        raise RefusedError("no_role.own_request")
    if request.state is not RequestState.OPEN:
        raise RefusedError("stale", request)
    return request


def withdraw(house: House, request_id: str, person: str) -> Request:
    """Take back what one asked for, while it is open."""
    request = house.store.request(house.tenant, request_id)
    if request is None:
        raise RefusedError("stale.unknown")
    if not same_person(house, person, request.asked_by):
        raise RefusedError("no_role.withdraw")
    if request.state is not RequestState.OPEN:
        raise RefusedError("stale", request)
    withdrawn = replace(
        request, state=RequestState.WITHDRAWN, decided_by=person, decided_at=house.now()
    )
    return settle(house, request, withdrawn, conclude_card(house, withdrawn))


def expire(house: House) -> int:
    """Let requests go that waited too long; their askers are told."""
    gone = 0
    for request in house.store.requests(house.tenant, [RequestState.OPEN]):
        if house.now() - request.asked_at < EXPIRES_AFTER:
            continue
        expired = replace(request, state=RequestState.EXPIRED, decided_at=house.now())
        notices = tell_askers(house, expired, "decided") + conclude_card(house, expired)
        gone += house.store.move(house.tenant, request.id, request.state, expired, notices=notices)
    return gone


def settle(house: House, before: Request, after: Request, notices: list[Notice]) -> Request:
    """Make one allowed move for exactly one caller; the loser learns what became of it."""
    if after.state not in MOVES[before.state]:
        raise ValueError(f"a request does not go from {before.state} to {after.state}")
    if not house.store.move(house.tenant, before.id, before.state, after, notices=notices):
        raise RefusedError("stale", house.store.request(house.tenant, before.id))
    house.wake()
    return after


def askers(request: Request) -> tuple[str, ...]:
    return (request.asked_by, *(person for person, _ in request.joined))


def tell_askers(house: House, request: Request, topic: str) -> list[Notice]:
    """Everybody who asked is told, where they asked."""
    places = (request.asked_from, *(place for _, place in request.joined))
    return [notice(topic, request.id, place, house.now()) for place in places]


def conclude_card(house: House, request: Request) -> list[Notice]:
    """The card in the approvers' channel ends as what became of it."""
    place = approval_place(house)
    subject = f"{request.id}/{request.state}"
    return [notice("card_end", subject, place, house.now())]
