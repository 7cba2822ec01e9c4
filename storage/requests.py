"""Requests: asked by one person, decided by another, carried out once.

The moves below are the only ones; the store makes each by a conditional update,
so of several people or processes exactly one makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.failures import Medium


class Action(StrEnum):
    """What is asked for."""

    REMOVE = "remove"  # take an address off the lists that the policy allows
    RESEND = "resend"  # send kept LINE WORKS messages again


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CARRYING = "carrying"  # claimed by the unit that carries it out
    DONE = "done"


class Outcome(StrEnum):
    """What came of it."""

    REMOVED = "removed"
    ALREADY_ABSENT = "already_absent"
    SENT = "sent"
    REFUSED = "refused"
    UNANSWERED = "unanswered"  # we cannot know; a person decides


MOVES: dict[RequestState, frozenset[RequestState]] = {
    RequestState.OPEN: frozenset(
        {
            RequestState.APPROVED,
            RequestState.DECLINED,
            RequestState.EXPIRED,
            RequestState.WITHDRAWN,
            RequestState.DONE,  # there is nothing left to decide on
        }
    ),
    RequestState.APPROVED: frozenset({RequestState.CARRYING}),
    RequestState.CARRYING: frozenset({RequestState.DONE, RequestState.APPROVED}),
    RequestState.DECLINED: frozenset(),
    RequestState.EXPIRED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
    # A person may send again what stayed without an answer.
    RequestState.DONE: frozenset({RequestState.CARRYING}),
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """One wish and what became of it. People are references such as `slack:U…`.

    `subject` is the address of a removal, or the group's key of a resend;
    `asked_from` and `card` say where to tell: a place, and a posted message.
    """

    id: str
    action: Action
    medium: Medium
    subject: str
    asked_by: str
    asked_at: datetime
    asked_from: str
    answers: tuple[tuple[str, str], ...] = ()
    joined: tuple[tuple[str, str], ...] = ()  # who asked for the same later: person, place
    state: RequestState = RequestState.OPEN
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    outcome: Outcome | None = None
    outcome_at: datetime | None = None
    outcome_detail: str = ""
    attempts: int = 0
    retry_at: datetime | None = None
    card: str = ""
    watched_until: datetime | None = None
    verdict: str = ""  # of the watch: delivered, bounced_again, dropped, silence
    version: int = 0  # counts the moves, so that no change overwrites another unseen


class ResendState(StrEnum):
    """One kept message on its way: marked before it leaves, so it leaves once."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    DROPPED = "dropped"  # no longer wanted, or too late to be of use


@dataclass(frozen=True, kw_only=True)
class Resend:
    """A kept message planned to be sent again at `due_at` or later."""

    id: str
    request_id: str
    kept_id: str
    recipient: str
    due_at: datetime
    state: ResendState = ResendState.PLANNED
    settled_at: datetime | None = None
    detail: str = ""
