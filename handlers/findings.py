"""What a look-up finds: one person, and the trace of each of their recipients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.hygiene import Finding
from handlers.reach import Reach
from storage.cases import Case
from storage.failures import Medium
from storage.lists import Membership
from storage.people import Person


@dataclass(frozen=True, kw_only=True)
class Trace:
    """What we know of one recipient on one medium."""

    medium: Medium
    recipient: str
    case: Case | None
    case_id: str
    last_success: datetime | None
    membership: Membership | None = None  # e-mail only
    reach: Reach | None = None  # of an open case
    removal_waits: bool = False
    doubts: tuple[Finding, ...] = ()  # about the address itself


@dataclass(frozen=True, kw_only=True)
class Found:
    """One person, or one recipient whom nobody has named."""

    person: Person | None
    traces: tuple[Trace, ...]

    @property
    def known(self) -> bool:
        return bool(self.person) or any(one.case or one.last_success for one in self.traces)
