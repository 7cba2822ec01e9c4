"""From when to when a source was read. A pushed source never claims more than it knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.failures import Source
from storage.spans import Span

# So far may the clocks of two processes be apart: no later claim is believed.
SKEW = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """`since`: up from; `until`: last verified post, or the frozen end of the last full reading.

    `trouble` says in a vendor-neutral word why the last reading failed.
    """

    source: Source
    since: datetime
    until: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A time in which a source was read without a gap: polled, or up to be told.

    `part` is what is read apart from the rest, as one of the lists is. `lost`: the
    opposite, a time of which something that passed could not be stored.
    """

    source: Source
    since: datetime
    until: datetime
    part: str = ""
    lost: bool = False

    @property
    def span(self) -> Span:
        return Span(self.since, self.until)


@dataclass(frozen=True, kw_only=True)
class Mending:
    """What another source, or a part of it, found when it read the time of a gap later on.

    `source` has the gap [since, until); `found` counts what had not been told before.
    """

    source: Source
    since: datetime
    until: datetime
    told_by: Source
    part: str
    found: int
    at: datetime

    @property
    def span(self) -> Span:
        return Span(self.since, self.until)
