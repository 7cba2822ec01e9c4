"""What could not be understood and lies apart, and the sums of all that was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.failures import Source

# A longer body is cut: SendGrid's posts have at most 768 kilobytes, so none of theirs is.
LONGEST = 1024 * 1024
# Of each tenant. Beyond either, the oldest make room: they had the longest time to be looked at.
MOST = 10_000
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """`size` is in bytes as told: where the body has fewer, the rest was cut.

    `whole`: not one element but all that was told at once. `times` it was told.
    """

    number: int
    told_at: datetime
    source: Source
    reason: str
    body: bytes
    size: int
    times: int
    whole: bool

    @property
    def cut(self) -> bool:
        return len(self.body) < self.size


@dataclass(frozen=True, kw_only=True)
class Filled:
    """How full the quarantine of a tenant is."""

    count: int = 0
    kept: int = 0  # bytes
    oldest: datetime | None = None

    @property
    def share(self) -> float:
        """From 0 to 1, of the nearer of the two bounds."""
        return max(self.count / MOST, self.kept / MOST_BYTES)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """All that a source has told: elements = new + repeated + set_aside + ignored + lost.

    `set_aside` lies in quarantine now; what was understood later is new or
    repeated. `lost` had to make room there.
    """

    source: Source
    elements: int = 0
    new: int = 0
    repeated: int = 0
    set_aside: int = 0
    ignored: int = 0
    lost: int = 0
