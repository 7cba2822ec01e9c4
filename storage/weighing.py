"""Weighs the tellings of one recipient: what counts, what only echoes, what has passed.

A story follows from its tellings alone: the same ones give the same story in any
order of arrival, because they are put in the order of their own times first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from storage.failures import BY_HOSTS_IDS, DroppedBy, Failure, Kind, Source
from storage.rows import to_ms

# A list entry and the event that made it carry nearly the same second.
SAME_TROUBLE = timedelta(minutes=10)
# Of a cleared case only the last delivery is known: failures further apart than
# this are taken for different runs.
CLEARED_GAP = timedelta(days=7)

# More tellings of one run are not weighed: who was refused a thousand times is told so.
MOST_WEIGHED = 1000

# A drop tells again of the trouble that put the address on that list.
_ECHO_OF: dict[str | None, frozenset[str]] = {
    DroppedBy.BOUNCE_LIST: frozenset({Kind.HARD_BOUNCE}),
    DroppedBy.INVALID_LIST: frozenset({Kind.INVALID_ADDRESS, Kind.HARD_BOUNCE}),
    DroppedBy.SPAM_REPORT_LIST: frozenset({Kind.SPAM_REPORT}),
    DroppedBy.UNSUBSCRIBE_LIST: frozenset({Kind.UNSUBSCRIBED}),
}
_LISTED = frozenset[str]().union(*_ECHO_OF.values())

# Within one second (SendGrid's resolution) a delay comes first and a drop last.
RANK_IN_A_SECOND: dict[str, int] = {Kind.DEFERRED: 0, Kind.DROPPED: 2}
RANK_OF_OTHERS = 1

# As tellings have it: milliseconds and text.
_SAME_TROUBLE = SAME_TROUBLE // timedelta(milliseconds=1)
_CLEARED_GAP = CLEARED_GAP // timedelta(milliseconds=1)
_NEVER = -(10**15)
_DEFERRED = Kind.DEFERRED.value
_EVENTS, _LOGS = Source.SENDGRID_EVENTS.value, Source.SENDGRID_LOGS.value
_HOST = "host"


class Telling(NamedTuple):
    """What of a failure moves its case, as stored: times in milliseconds, words as text.

    Sorting tellings puts them in the order of the story; `number` finds the
    failure again.
    """

    occurred_at: int
    rank: int  # see RANK_IN_A_SECOND
    source: str
    source_id: str
    kind: str
    dropped_by: str | None
    cause: str
    permanence: str
    reference: str
    times_seen: int
    history: int
    number: int


class Story(NamedTuple):
    """A case without its failure's words; `latest` gives it kind and cause."""

    standing: bool  # nothing has cleared it
    gone: bool  # what cleared it is that no list holds the address any more
    latest: Telling
    opened_at: int
    last_seen: int
    times_seen: int
    drops: int
    history: bool
    run: list[Telling]  # what was weighed


def telling_of(failure: Failure, number: int) -> Telling:
    return Telling(
        to_ms(failure.occurred_at),
        RANK_IN_A_SECOND.get(failure.kind, RANK_OF_OTHERS),
        failure.source,
        failure.source_id,
        failure.kind,
        failure.dropped_by,
        failure.reading.cause,
        failure.reading.permanence,
        failure.reference,
        failure.times_seen,
        int(failure.history),
        number,
    )


def weigh(
    tellings: Iterable[Telling], last_success: int | None, gone_at: int | None = None
) -> Story | None:
    """The story of one recipient's tellings, given in any order.

    `gone_at`: when the address was found on no list any more that stops mail.
    """
    told = sorted(tellings)
    if not told:
        return None
    if len(told) == 1:
        return _told_once(told, last_success, gone_at)
    told = _each_once(told)
    standing = told
    if last_success is not None or gone_at is not None:
        standing = [t for t in told if _stands(t, last_success) and not _left(t, gone_at)]
    run = (standing or _last_run(told))[-MOST_WEIGHED:]
    troubles, drops = _troubles(run)
    latest = _latest(troubles)
    return Story(
        bool(standing),
        not standing and _stands(run[-1], last_success),
        latest,
        _opened(troubles, latest),
        run[-1].occurred_at,
        _times_seen(troubles),
        drops,
        0 not in [telling.history for telling in run],
        run,
    )


def _told_once(run: list[Telling], last_success: int | None, gone_at: int | None) -> Story:
    """Most stories by far; what holds for the longer ones holds here at once."""
    only = run[0]
    at = only.occurred_at
    undelivered, left = _stands(only, last_success), _left(only, gone_at)
    return Story(
        undelivered and not left,
        undelivered and left,
        only,
        at,
        at,
        only.times_seen,
        0,
        only.history == 1,
        run,
    )


def _each_once(told: list[Telling]) -> list[Telling]:
    """What the logs tell of an event that the webhook told is no second telling."""
    if _LOGS not in [telling.source for telling in told]:
        return told
    events = {telling.source_id for telling in told if telling.source == _EVENTS}
    return [t for t in told if t.source != _LOGS or t.source_id not in events]


def _stands(telling: Telling, last_success: int | None) -> bool:
    """Whether the delivery left the trouble standing. In the same second it ends a delay only."""
    if last_success is None:
        return True
    if telling.occurred_at == last_success:
        return telling.kind != _DEFERRED
    return telling.occurred_at > last_success


def _left(telling: Telling, gone_at: int | None) -> bool:
    """Whether the trouble went with the list entry: what the lists have to do with, till then."""
    if gone_at is None or telling.occurred_at > gone_at:
        return False
    return telling.kind in _LISTED or telling.dropped_by in _ECHO_OF


def _last_run(told: list[Telling]) -> list[Telling]:
    for at in range(len(told) - 1, 0, -1):
        if told[at].occurred_at - told[at - 1].occurred_at > _CLEARED_GAP:
            return told[at:]
    return told


def _troubles(run: list[Telling]) -> tuple[list[Telling], int]:
    """The tellings that are troubles of their own, and how many drops only echo them."""
    if not [telling for telling in run if telling.dropped_by in _ECHO_OF]:
        return run, 0
    first: dict[str, int] = {}
    for telling in run:
        first.setdefault(telling.kind, telling.occurred_at)
    troubles: list[Telling] = []
    dropping: set[str] = set()
    drops = 0
    for telling in run:
        by = telling.dropped_by
        if by and by in _ECHO_OF:
            if by in dropping or _echoes(telling, _ECHO_OF[by], first):
                drops += telling.times_seen
                continue
            dropping.add(by)
        troubles.append(telling)
    return troubles, drops


def _echoes(drop: Telling, kinds: frozenset[str], first: dict[str, int]) -> bool:
    """Whether the trouble behind a drop is known: it came before, or with the drop itself."""
    known = drop.occurred_at + _SAME_TROUBLE
    return any(kind in first and first[kind] <= known for kind in kinds)


def _latest(troubles: list[Telling]) -> Telling:
    """The last trouble; but a mere delay does not hide that the address is on a list."""
    latest = troubles[-1]
    if latest.kind == _DEFERRED and len(troubles) > 1:
        listed = [trouble for trouble in troubles if trouble.kind in _LISTED]
        return listed[-1] if listed else latest
    return latest


def _opened(troubles: list[Telling], latest: Telling) -> int:
    """A deferral is counted from its own first delay, everything else from the first trouble."""
    if latest.kind != _DEFERRED:
        return troubles[0].occurred_at
    return min(
        trouble.occurred_at
        for trouble in troubles
        if trouble.kind == _DEFERRED and trouble.reference == latest.reference
    )


def _teller(trouble: Telling) -> str:
    """By the host's own ids all who tell by them are one: two ids are two notifications."""
    return _HOST if trouble.reference and trouble.source in BY_HOSTS_IDS else trouble.source


def _times_seen(troubles: list[Telling]) -> int:
    """How many notifications went wrong, however many sources and retries told of each."""
    if len(troubles) == 1:
        return troubles[0].times_seen
    # Delays and refusal of one notification are one trouble: the last word counts.
    last_word = {trouble.reference: trouble for trouble in troubles}
    bursts: list[dict[str, int]] = []
    going_on: dict[str, tuple[int, dict[str, int]]] = {}
    for trouble in troubles:
        if trouble.reference and last_word[trouble.reference] is not trouble:
            continue
        until, told = going_on.get(trouble.kind, (_NEVER, {}))
        if trouble.occurred_at - until > _SAME_TROUBLE:
            told = {}
            bursts.append(told)
        teller = _teller(trouble)
        told[teller] = told.get(teller, 0) + trouble.times_seen
        going_on[trouble.kind] = trouble.occurred_at, told
    # In a burst of one kind two sources tell of the same refusals: who tells more is right.
    return sum([max(told.values()) for told in bursts])
