"""How long what is kept: the words for it, and what a portion of forgetting came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Keep:
    """How long each kind of thing is kept; None: for ever. `bodies`: of LINE WORKS messages."""

    failures: timedelta | None = timedelta(days=400)
    texts: timedelta | None = timedelta(days=400)
    quarantine: timedelta | None = timedelta(days=90)
    bodies: timedelta | None = timedelta(days=30)

    def at(self, now: datetime) -> Horizon:
        spans = (self.failures, self.texts, self.quarantine)
        failures, texts, quarantine = (None if one is None else now - one for one in spans)
        return Horizon(failures=failures, texts=texts, quarantine=quarantine)


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """From when on things are kept; None: for ever.

    `failures`: with their cases, hours and recipients; a case that is alive keeps all that
    tells it. `texts`: providers' words and vendors' fields, which cannot be read again then.
    """

    failures: datetime | None = None
    texts: datetime | None = None
    quarantine: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """What a portion dropped. `reached`: the highest recipient that was looked at; None: the last."""

    reached: int | None = None
    failures: int = 0
    cases: int = 0
    recipients: int = 0
    texts: int = 0
    hours: int = 0
    quarantined: int = 0
