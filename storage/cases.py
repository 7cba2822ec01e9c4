"""The running story of one recipient on one medium, and the moves it allows.

A case follows from its events alone: `tell` gives the same case for any order
of arrival, because it sorts by the events' own times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile

from storage.failures import Cause, DroppedBy, Failure, Kind, Medium, Permanence

# A list entry and the event that made it carry nearly the same second.
SAME_TROUBLE = timedelta(minutes=10)
# SendGrid retries for 72 hours; an hour later a final event must have been lost.
DEFERRAL_ENDS = timedelta(hours=72)
DEFERRAL_LOST = timedelta(hours=73)

# A drop tells again of the trouble that put the address on that list.
_ECHO_OF: dict[DroppedBy, frozenset[Kind]] = {
    DroppedBy.BOUNCE_LIST: frozenset({Kind.HARD_BOUNCE}),
    DroppedBy.INVALID_LIST: frozenset({Kind.INVALID_ADDRESS, Kind.HARD_BOUNCE}),
    DroppedBy.SPAM_REPORT_LIST: frozenset({Kind.SPAM_REPORT}),
    DroppedBy.UNSUBSCRIBE_LIST: frozenset({Kind.UNSUBSCRIBED}),
}


class CaseState(StrEnum):
    """Where the story stands."""

    OPEN = "open"
    DELIVERED = "delivered"  # a later notification was accepted


@dataclass(frozen=True, kw_only=True)
class Case:
    """One recipient's trouble. `opened_at` and `times_seen` speak of the current run of it."""

    medium: Medium
    recipient: str
    state: CaseState
    kind: Kind
    dropped_by: DroppedBy | None
    cause: Cause
    permanence: Permanence
    opened_at: datetime
    last_seen: datetime
    times_seen: int
    drops: int  # notifications that were not even tried since
    provider_text: str
    status: str
    tag: str
    bot_id: str
    source_id: str  # of the failure that gives kind and cause
    kept_message: str
    history: bool  # every telling is older than the installation
    last_success: datetime | None

    @property
    def reopened(self) -> bool:
        """Whether the recipient had been reached at some time before this run."""
        return self.last_success is not None and self.last_success < self.opened_at

    def retried_until(self) -> datetime:
        """When a deferral is decided at the latest."""
        return self.opened_at + DEFERRAL_ENDS

    def result_lost(self, now: datetime) -> bool:
        """Whether a deferral's final event must have been lost."""
        return self.kind is Kind.DEFERRED and now > self.opened_at + DEFERRAL_LOST


def tell(failures: Iterable[Failure], last_success: datetime | None) -> Case | None:
    """Tell the story of one recipient's failures; None where there are none.

    The order of `failures` does not matter. A delivery at or after the last
    failure clears the case; one in between starts a new run.
    """
    told = sorted(failures, key=lambda failure: (failure.occurred_at, failure.source_id))
    if not told:
        return None
    run = [f for f in told if last_success is None or f.occurred_at > last_success]
    state = CaseState.OPEN if run else CaseState.DELIVERED
    troubles, drops = _troubles(run or told)
    latest = troubles[-1]
    return Case(
        medium=latest.medium,
        recipient=latest.recipient,
        state=state,
        kind=latest.kind,
        dropped_by=latest.dropped_by,
        cause=latest.reading.cause,
        permanence=latest.reading.permanence,
        opened_at=_opened(troubles),
        last_seen=(run or told)[-1].occurred_at,
        times_seen=sum(trouble.times_seen for trouble in _occurrences(troubles)),
        drops=drops,
        provider_text=latest.provider_text,
        status=latest.status,
        tag=latest.tag,
        bot_id=latest.bot_id,
        source_id=latest.source_id,
        kept_message=latest.kept_message,
        history=all(failure.history for failure in run or told),
        last_success=last_success,
    )


def _troubles(run: Sequence[Failure]) -> tuple[list[Failure], int]:
    """The failures that are troubles of their own, and how many drops only echo them."""
    troubles: list[Failure] = []
    drops = 0
    for failure in run:
        if failure.dropped_by and any(
            trouble.kind in _ECHO_OF.get(failure.dropped_by, ()) for trouble in troubles
        ):
            drops += 1
        else:
            troubles.append(failure)
    return troubles, drops


def _opened(troubles: Sequence[Failure]) -> datetime:
    """A deferral is counted from its own first delay, everything else from the first trouble."""
    if troubles[-1].kind is not Kind.DEFERRED:
        return troubles[0].occurred_at
    reference = troubles[-1].reference
    return min(
        trouble.occurred_at
        for trouble in troubles
        if trouble.kind is Kind.DEFERRED and trouble.reference == reference
    )


def _occurrences(troubles: Sequence[Failure]) -> list[Failure]:
    """One failure per notification that went wrong, however many sources and retries told it."""
    found: list[Failure] = []
    references: set[str] = set()
    for trouble in troubles:
        if trouble.reference and trouble.reference in references:
            continue
        if any(_same(trouble, earlier) for earlier in _recent(found, trouble.occurred_at)):
            continue
        found.append(trouble)
        references.add(trouble.reference)
    return found


def _recent(found: Sequence[Failure], moment: datetime) -> Iterable[Failure]:
    return takewhile(lambda one: moment - one.occurred_at <= SAME_TROUBLE, reversed(found))


def _same(one: Failure, other: Failure) -> bool:
    """Whether two sources tell of the same refusal: a list entry, and the event that made it."""
    return one.source is not other.source and one.kind is other.kind
