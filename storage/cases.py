"""The running story of one recipient on one medium.

A case follows from its events alone: the same events give the same case in any
order of arrival, because they are put in the order of their own times first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from storage.failures import Cause, DroppedBy, Failure, Kind, Medium, Permanence, Source

# A list entry and the event that made it carry nearly the same second.
SAME_TROUBLE = timedelta(minutes=10)
# SendGrid retries for 72 hours; an hour later a final event must have been lost.
DEFERRAL_ENDS = timedelta(hours=72)
DEFERRAL_LOST = timedelta(hours=73)
# Of a cleared case only the last delivery is known: failures further apart than
# this are taken for different runs.
CLEARED_GAP = timedelta(days=7)

# More tellings of one run are not weighed: who was refused a thousand times is told so.
MOST_WEIGHED = 1000

# A drop tells again of the trouble that put the address on that list.
_ECHO_OF: dict[DroppedBy, frozenset[Kind]] = {
    DroppedBy.BOUNCE_LIST: frozenset({Kind.HARD_BOUNCE}),
    DroppedBy.INVALID_LIST: frozenset({Kind.INVALID_ADDRESS, Kind.HARD_BOUNCE}),
    DroppedBy.SPAM_REPORT_LIST: frozenset({Kind.SPAM_REPORT}),
    DroppedBy.UNSUBSCRIBE_LIST: frozenset({Kind.UNSUBSCRIBED}),
}
_LISTED = frozenset[Kind]().union(*_ECHO_OF.values())

# Within one second (SendGrid's resolution) a delay comes first and a drop last.
_ORDER_IN_A_SECOND = {Kind.DEFERRED: 0, Kind.DROPPED: 2}


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


class Telling(NamedTuple):
    """What of a failure moves its case, or is shown with it; `number` finds the failure again."""

    occurred_at: datetime
    source: Source
    source_id: str
    kind: Kind
    dropped_by: DroppedBy | None
    cause: Cause
    permanence: Permanence
    reference: str
    times_seen: int
    history: bool
    number: int


class Story(NamedTuple):
    """A case without its failure's words; `latest` gives it kind and cause."""

    state: CaseState
    latest: Telling
    opened_at: datetime
    last_seen: datetime
    times_seen: int
    drops: int
    history: bool
    weighed: int


def tell(failures: Iterable[Failure], last_success: datetime | None) -> Case | None:
    """Tell the story of one recipient's failures; None where there are none.

    The order of `failures` does not matter. A delivery after the last failure
    clears the case; one in between starts a new run.
    """
    known = tuple(failures)
    story = weigh([telling_of(f, number) for number, f in enumerate(known)], last_success)
    return story and case_of(story, known[story.latest.number], last_success)


def telling_of(failure: Failure, number: int) -> Telling:
    return Telling(
        failure.occurred_at,
        failure.source,
        failure.source_id,
        failure.kind,
        failure.dropped_by,
        failure.reading.cause,
        failure.reading.permanence,
        failure.reference,
        failure.times_seen,
        failure.history,
        number,
    )


def case_of(story: Story, latest: Failure, last_success: datetime | None) -> Case:
    """The case of a story; `latest` is the failure of `story.latest`."""
    return Case(
        medium=latest.medium,
        recipient=latest.recipient,
        state=story.state,
        kind=latest.kind,
        dropped_by=latest.dropped_by,
        cause=latest.reading.cause,
        permanence=latest.reading.permanence,
        opened_at=story.opened_at,
        last_seen=story.last_seen,
        times_seen=story.times_seen,
        drops=story.drops,
        provider_text=latest.provider_text,
        status=latest.status,
        tag=latest.tag,
        bot_id=latest.bot_id,
        source_id=latest.source_id,
        kept_message=latest.kept_message,
        history=story.history,
        last_success=last_success,
    )


def weigh(tellings: Iterable[Telling], last_success: datetime | None) -> Story | None:
    """The story of one recipient's tellings, given in any order."""
    told = sorted(tellings, key=_in_order)
    if not told:
        return None
    standing = [telling for telling in told if _stands(telling, last_success)]
    run = (standing or _last_run(told))[-MOST_WEIGHED:]
    troubles, drops = _troubles(run)
    latest = _latest(troubles)
    return Story(
        state=CaseState.OPEN if standing else CaseState.DELIVERED,
        latest=latest,
        opened_at=_opened(troubles, latest),
        last_seen=run[-1].occurred_at,
        times_seen=_times_seen(troubles),
        drops=drops,
        history=all(telling.history for telling in run),
        weighed=len(run),
    )


def _in_order(telling: Telling) -> tuple[datetime, int, Source, str]:
    rank = _ORDER_IN_A_SECOND.get(telling.kind, 1)
    return telling.occurred_at, rank, telling.source, telling.source_id


def _stands(telling: Telling, last_success: datetime | None) -> bool:
    """Whether the delivery left the trouble standing. In the same second it ends a delay only."""
    if last_success is None or telling.occurred_at > last_success:
        return True
    return telling.occurred_at == last_success and telling.kind is not Kind.DEFERRED


def _last_run(told: Sequence[Telling]) -> Sequence[Telling]:
    for at in range(len(told) - 1, 0, -1):
        if told[at].occurred_at - told[at - 1].occurred_at > CLEARED_GAP:
            return told[at:]
    return told


def _troubles(run: Sequence[Telling]) -> tuple[list[Telling], int]:
    """The tellings that are troubles of their own, and how many drops only echo them."""
    first: dict[Kind, datetime] = {}
    for telling in run:
        first.setdefault(telling.kind, telling.occurred_at)
    troubles: list[Telling] = []
    dropping: set[DroppedBy | None] = set()
    drops = 0
    for telling in run:
        by = telling.dropped_by
        if by and (by in dropping or _echoes(telling, by, first)):
            drops += telling.times_seen
            continue
        if by in _ECHO_OF:
            dropping.add(by)
        troubles.append(telling)
    return troubles, drops


def _echoes(drop: Telling, by: DroppedBy, first: dict[Kind, datetime]) -> bool:
    """Whether the trouble behind a drop is known: it came before, or with the drop itself."""
    known = drop.occurred_at + SAME_TROUBLE
    return any(kind in first and first[kind] <= known for kind in _ECHO_OF.get(by, ()))


def _latest(troubles: Sequence[Telling]) -> Telling:
    """The last trouble; but a mere delay does not hide that the address is on a list."""
    if troubles[-1].kind is Kind.DEFERRED:
        listed = [trouble for trouble in troubles if trouble.kind in _LISTED]
        return listed[-1] if listed else troubles[-1]
    return troubles[-1]


def _opened(troubles: Sequence[Telling], latest: Telling) -> datetime:
    """A deferral is counted from its own first delay, everything else from the first trouble."""
    if latest.kind is not Kind.DEFERRED:
        return troubles[0].occurred_at
    return min(
        trouble.occurred_at
        for trouble in troubles
        if trouble.kind is Kind.DEFERRED and trouble.reference == latest.reference
    )


def _times_seen(troubles: Sequence[Telling]) -> int:
    """How many notifications went wrong, however many sources and retries told of each."""
    if len(troubles) == 1:
        return troubles[0].times_seen
    by_kind: dict[Kind, list[Telling]] = defaultdict(list)
    for trouble in _one_per_notification(troubles):
        by_kind[trouble.kind].append(trouble)
    return sum(_most_told(burst) for alike in by_kind.values() for burst in _bursts(alike))


def _one_per_notification(troubles: Sequence[Telling]) -> list[Telling]:
    """The last word on each notification: its delays and its refusal are one trouble."""
    last_word = {trouble.reference: trouble for trouble in troubles}
    return [t for t in troubles if not t.reference or last_word[t.reference] is t]


def _bursts(alike: Sequence[Telling]) -> Iterator[list[Telling]]:
    """Tellings of one kind that follow each other closely enough to be about the same."""
    burst = [alike[0]]
    for telling in alike[1:]:
        if telling.occurred_at - burst[-1].occurred_at > SAME_TROUBLE:
            yield burst
            burst = []
        burst.append(telling)
    yield burst


def _most_told(burst: Sequence[Telling]) -> int:
    """Two sources tell of the same refusals, so the one that tells more is right."""
    told: Counter[Source] = Counter()
    for telling in burst:
        told[telling.source] += telling.times_seen
    return max(told.values())
