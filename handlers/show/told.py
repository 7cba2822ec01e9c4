"""One sentence for every turn that a request takes, for whoever asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from handlers.house import House
from handlers.ports import REDIRECTED
from handlers.show.lists import named
from handlers.show.reader import Reader
from handlers.telling import name_of
from handlers.wishes import wanted
from storage.failures import Medium
from storage.lists import RECIPIENTS_WILL, STOPS_MAIL, ListName
from storage.requests import Action, Outcome, Request, RequestState, Resend, ResendState

_REMOVED = (ListName.BOUNCES,)
# Ends in which nothing was carried out.
UNDONE = frozenset({RequestState.DECLINED, RequestState.WITHDRAWN, RequestState.EXPIRED})


def decided(house: House, request: Request, reader: Reader) -> str:
    """Approved, declined with its reason, expired or withdrawn."""
    resend = request.action is Action.RESEND
    rows = house.store.resends(house.tenant, request.id)
    count = len(rows) or (len(wanted(house, request.subject)) if resend else 1)
    state = request.state
    key = state if state in UNDONE else "approved"
    area = "resend" if resend else "decision"
    if resend and key == "approved":
        return planned(house, request, reader)
    return reader.say(
        f"{area}.told_{key}",
        address=reader.address(request.subject),
        who=name_of(house, request.decided_by) if request.decided_by else "",
        at=reader.when(request.decided_at or house.now()),
        reason=reader.words(request.reason),
        count=count,
    )


def planned(house: House, request: Request, reader: Reader) -> str:
    """When the messages leave, and how many would come too late."""
    rows = house.store.resends(house.tenant, request.id)
    due = [row.due_at for row in rows if row.state is ResendState.PLANNED]
    said = []
    if due:
        first, last = reader.when(min(due)), reader.when(max(due))
        key = "resend.planned_from" if first == last else "resend.planned"
        said.append(reader.say(key, count=len(due), first_at=first, last_at=last))
    late = sum(row.detail == "too_late" for row in rows)
    if late:
        said.append(reader.say("resend.too_late", count=late))
    return "\n".join(said) or reader.say("resend.nothing")


def cap_again(house: House, request: Request, reader: Reader) -> str:
    """The cap was reached in the middle of it: how many are left, and when they leave."""
    rows = house.store.resends(house.tenant, request.id)
    due = [row.due_at for row in rows if row.state is ResendState.PLANNED]
    if not due:
        return outcome(house, request, reader)
    return reader.say("resend.cap_again", count=len(due), resend_at=reader.when(min(due)))


def outcome(house: House, request: Request, reader: Reader) -> str:
    """What came of it, and what will still stop the mail."""
    if request.action is Action.RESEND:
        return _resend_outcome(house, request, reader)
    if request.outcome is None:
        return reader.say("removal.retrying", at=reader.when(request.retry_at or house.now()))
    still = _still(request, reader)
    said = reader.say(
        f"removal.{_end(request)}",
        address=reader.address(request.subject),
        lists=named(_REMOVED, reader),
        at=reader.when(request.outcome_at or house.now()),
        word=request.outcome_detail,
    )
    return "\n".join([said, *still])


def _end(request: Request) -> str:
    """The outcome, or what is truer where it says too much or too little."""
    if request.outcome is Outcome.ALREADY_ABSENT and _stopping(request):
        return "already_absent_still_stopped"
    if request.outcome is Outcome.REFUSED and request.outcome_detail == REDIRECTED:
        return "redirected"
    return str(request.outcome)


def _still(request: Request, reader: Reader) -> list[str]:
    """What stops mail after the removal, and what could not be read."""
    if request.outcome not in {Outcome.REMOVED, Outcome.ALREADY_ABSENT}:
        return []
    said = []
    stopping = _stopping(request)
    if stopping and all(name in RECIPIENTS_WILL for name in stopping) and not reader.for_approvers:
        said.append(reader.say("removal.still_stopped_by_recipient"))
    elif stopping:
        said.append(reader.say("removal.still_listed", lists=named(stopping, reader)))
    if "unread:" in request.outcome_detail:
        said.append(reader.say("removal.not_read_back"))
    return said


def _stopping(request: Request) -> list[ListName]:
    """The read-back is kept as `on:LIST` and `unread:LIST`."""
    notes = [note.partition(":")[::2] for note in request.outcome_detail.split()]
    on = [ListName(name) for word, name in notes if word == "on"]
    return [name for name in on if name in STOPS_MAIL]


def _resend_outcome(house: House, request: Request, reader: Reader) -> str:
    rows = house.store.resends(house.tenant, request.id)
    if not rows:
        return reader.say("resend.nothing")
    if len(rows) == 1 and request.state is RequestState.DONE:
        return _one(rows[0], house, reader)
    if request.state is not RequestState.DONE:
        return planned(house, request, reader)
    counts = Counter(row.state for row in rows)
    states = (
        ResendState.SENT,
        ResendState.REFUSED,
        ResendState.UNANSWERED,
        ResendState.DROPPED,
    )
    return reader.say(
        "resend.finished",
        at=reader.when(request.outcome_at or house.now()),
        **{state.value: counts[state] for state in states},
    )


def _one(row: Resend, house: House, reader: Reader) -> str:
    if row.state is ResendState.DROPPED:
        return reader.say(f"resend.dropped.{row.detail}")
    return reader.say(
        f"resend.{row.state}",
        recipient=reader.address(row.recipient),
        at=reader.when(row.settled_at or house.now()),
        kind=reader.say(f"kind.{row.detail}") if row.state is ResendState.REFUSED else "",
    )


def verdict(house: House, request: Request, reader: Reader) -> str:
    """What the address did next, or that nothing was sent to it."""
    days = (
        (request.watched_until - request.outcome_at).days
        if request.watched_until and request.outcome_at
        else 0
    )
    case = house.store.case(house.tenant, Medium.EMAIL, request.subject)
    return reader.say(
        f"watch.{request.verdict}",
        address=reader.address(request.subject),
        cause=reader.say(f"cause.{case.cause}") if case else "",
        removed_at=reader.when(request.outcome_at or house.now()),
        at=reader.when(_event_at(house, request)),
        count=days,
    )


def _event_at(house: House, request: Request) -> datetime:
    """When the event happened that the verdict speaks of."""
    if request.verdict == "delivered":
        last = house.store.last_success(house.tenant, Medium.EMAIL, request.subject)
        return last or house.now()
    case = house.store.case(house.tenant, Medium.EMAIL, request.subject)
    return case.last_seen if case else house.now()


TOLD: dict[str, Callable[[House, Request, Reader], str]] = {
    "decided": decided,
    "planned": planned,
    "cap_again": cap_again,
    "outcome": outcome,
    "verdict": verdict,
}
