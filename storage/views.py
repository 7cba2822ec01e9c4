"""What is asked of cases, and the answers that count them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.cases import CaseState
from storage.failures import Cause, DroppedBy, Kind, Medium


@dataclass(frozen=True, kw_only=True)
class CaseQuery:
    """Which cases: seen in [since, until), of these kinds; `fresh` leaves history out.

    With `learnt`, the period is about when this store was told: so that what is
    told late is in the next digest, and in no two of them.
    """

    since: datetime | None = None
    until: datetime | None = None
    medium: Medium | None = None
    kinds: tuple[Kind, ...] = ()
    dropped_by: tuple[DroppedBy, ...] = ()
    causes: tuple[Cause, ...] = ()
    state: CaseState | None = None
    fresh: bool = True
    learnt: bool = False
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, kw_only=True)
class Group:
    """Cases that fail alike. `new`: opened at or after the query's `since`."""

    medium: Medium
    kind: Kind
    dropped_by: DroppedBy | None
    cause: Cause
    count: int
    new: int
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Cases of one domain that fail alike, and began to within one day of each other.

    `days_ago` counts such days back from the query's end. `reached`: how many had
    been reached at some time before. `example` is what the provider said to one of them.
    """

    medium: Medium
    kind: Kind
    dropped_by: DroppedBy | None
    cause: Cause
    domain: str  # empty for ids that have none
    days_ago: int
    count: int
    reached: int
    first_at: datetime
    last_at: datetime
    example: str


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Notifications of a period, per medium: accepted by the provider, and refused."""

    delivered: int = 0
    failed: int = 0
