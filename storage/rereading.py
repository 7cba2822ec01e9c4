"""What a stored failure is read as now, beside what it was read as when it was looked at."""

from __future__ import annotations

from dataclasses import dataclass

from storage.failures import Failure, Kind, Reading


@dataclass(frozen=True, kw_only=True)
class Reread:
    """`failure` is the row `number` as it was looked at; if it has changed since, it is left."""

    number: int
    failure: Failure
    reading: Reading
    kind: Kind

    @property
    def moves(self) -> bool:
        """Whether it says something else than before, not only under another rule's name."""
        before = self.failure.reading
        return (self.failure.kind, before.cause, before.permanence) != (
            self.kind,
            self.reading.cause,
            self.reading.permanence,
        )
