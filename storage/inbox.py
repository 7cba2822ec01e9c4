"""Posts of a burst that were kept as they came, and are read as soon as their turn comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.failures import Source

# Of each tenant. Beyond either, whoever posts waits until it is read.
MOST = 5000
MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Post:
    """A verified post, byte for byte. The lowest number came first."""

    number: int
    source: Source
    told_at: datetime
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """What waits to be read: so many posts, their bytes, and since when the first of them."""

    count: int = 0
    size: int = 0
    oldest: datetime | None = None
