"""The running story of one recipient on one medium."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from storage.failures import Cause, DroppedBy, Failure, Kind, Medium, Permanence
from storage.rows import from_ms, maybe_ms
from storage.weighing import Story, telling_of, weigh

# SendGrid retries for 72 hours; an hour later a final event must have been lost.
DEFERRAL_ENDS = timedelta(hours=72)
DEFERRAL_LOST = timedelta(hours=73)


class CaseState(StrEnum):
    """Where the story stands."""

    OPEN = "open"
    DELIVERED = "delivered"  # a later notification was accepted
    GONE = "gone"  # no list of the provider's holds the address any more


@dataclass(frozen=True, kw_only=True)
class Case:
    """One recipient's trouble. `opened_at` and `times_seen` speak of the current run of it."""

    medium: Medium
    recipient: str
    state: CaseState
    kind: Kind
    guessed: bool  # the answer alone does not prove the kind
    dropped_by: DroppedBy | None
    cause: Cause
    permanence: Permanence
    opened_at: datetime
    caused_at: datetime  # of the failure that gives kind and cause; drops only echo it
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
    counted_alike: int  # tellings of equal bodies that are one failure here; 0 where ids tell
    last_success: datetime | None
    gone_at: datetime | None = None  # when the address was found on no list any more

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


def tell(
    failures: Iterable[Failure], last_success: datetime | None, gone_at: datetime | None = None
) -> Case | None:
    """Tell the story of one recipient's failures; None where there are none.

    The order of `failures` does not matter. A delivery after the last failure
    clears the case; one in between starts a new run. So does leaving the lists,
    for what had to do with them.
    """
    known = tuple(failures)
    tellings = [telling_of(failure, number) for number, failure in enumerate(known)]
    story = weigh(tellings, maybe_ms(last_success), maybe_ms(gone_at))
    return story and case_of(story, known[story.latest.number], last_success, gone_at)


def state_of(story: Story) -> CaseState:
    if story.standing:
        return CaseState.OPEN
    return CaseState.GONE if story.gone else CaseState.DELIVERED


def case_of(
    story: Story, latest: Failure, last_success: datetime | None, gone_at: datetime | None = None
) -> Case:
    """The case of a story; `latest` is the failure of `story.latest`."""
    return Case(
        medium=latest.medium,
        recipient=latest.recipient,
        state=state_of(story),
        kind=latest.kind,
        guessed=latest.guessed,
        dropped_by=latest.dropped_by,
        cause=latest.reading.cause,
        permanence=latest.reading.permanence,
        opened_at=from_ms(story.opened_at),
        caused_at=latest.occurred_at,
        last_seen=from_ms(story.last_seen),
        times_seen=story.times_seen,
        drops=story.drops,
        provider_text=latest.provider_text,
        status=latest.status,
        tag=latest.tag,
        bot_id=latest.bot_id,
        source_id=latest.source_id,
        kept_message=latest.kept_message,
        history=story.history,
        counted_alike=latest.times_seen if latest.each_telling_counts else 0,
        last_success=last_success,
        gone_at=gone_at,
    )
