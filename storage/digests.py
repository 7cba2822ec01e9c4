"""What was posted where: the ledger that lets a digest or a notice leave at most once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class PostState(StrEnum):
    """Marked before it leaves; no answer means that it may be there."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    POSTED = "posted"
    UNANSWERED = "unanswered"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One digest in one channel. `since` and `until` are the period that it covers."""

    channel: str
    day: date  # the local day of the schedule: the ledger's key with the channel
    since: datetime
    until: datetime
    state: PostState
    claimed_at: datetime
    ref: str = ""  # the posted message, in its product's own words
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something to tell one place once, kept in the transaction that made it true.

    The words are composed when it leaves, from `topic` and `subject`. `ref` is
    what was posted.
    """

    id: str
    place: str
    topic: str
    subject: str
    due_at: datetime
    state: PostState = PostState.WAITING
    ref: str = ""
    attempts: int = 0
