"""From when to when a source was read. A pushed source never claims more than it knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.failures import Source


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """`since`: up from; `until`: last verified post, or the frozen end of the last full reading.

    `trouble` says in a vendor-neutral word why the last reading failed.
    """

    source: Source
    since: datetime
    until: datetime | None = None
    trouble: str = ""
