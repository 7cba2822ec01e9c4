"""What every storage can do, whichever engine keeps it. Every verb takes the tenant.

Times are aware datetimes. Verbs that return `bool` are conditional updates:
true for exactly one caller.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Protocol

from storage.audit import Audited
from storage.cases import Case
from storage.corrections import Correction, CorrectionState, Wording
from storage.coverage import Coverage, Mending, Stretch
from storage.digests import Notice, Posting, PostState
from storage.failures import (
    Batch,
    Failure,
    KeptMessage,
    Kind,
    Medium,
    Recorded,
    Source,
)
from storage.health import Health
from storage.inbox import Inbox, Post
from storage.people import Person
from storage.quarantine import Filled, Quarantined, Tally
from storage.requests import Action, Request, RequestState, Resend, ResendState
from storage.rereading import Reread
from storage.store_imports import ImportStore
from storage.store_lists import ListStore
from storage.store_retention import RetentionStore
from storage.views import Alike, CaseQuery, Group, Totals


class StorageBusyError(Exception):
    """The storage could not take it now; nothing was written, so it may be told again."""


class StorageDamagedError(StorageBusyError):
    """What is stored cannot be read: a person must put a copy in its place."""


class NewerSchemaError(Exception):
    """What is stored was written by a newer version; older code would damage it."""


class UnfitStoreError(Exception):
    """What was named is no place for our rows; the text says what it would have to be."""


class Store(ImportStore, ListStore, RetentionStore, Protocol):
    """The verbs, by the thing they are about."""

    def close(self) -> None: ...

    def ready(self) -> None:
        """Raise StorageBusyError unless a write works now, and nothing was found damaged."""

    def health(self) -> Health: ...

    # Intake.
    def record(self, tenant: str, batch: Batch, now: datetime) -> Recorded:
        """A batch that is `retried` and whose row has left the quarantine stores nothing.

        One of `posts` that are not all in the inbox any more raises StorageBusyError.
        """
        ...

    def draw_line(self, tenant: str, at: datetime) -> None:
        """What is recorded from now on was told at `at` or later; all before can be read."""
        ...

    def put_in_inbox(self, tenant: str, source: Source, body: bytes, now: datetime) -> bool:
        """Goes before batches that wait to be stored; false where the inbox is full."""
        ...

    def inbox(self, tenant: str) -> Inbox: ...
    def first_in_inbox(self, tenant: str, most: int) -> list[Post]: ...

    def forget_fingerprints(self, tenant: str, before: datetime) -> int: ...
    def tallies(self, tenant: str) -> list[Tally]: ...

    # What could not be understood.
    def quarantined(self, tenant: str, after: int, most: int) -> list[Quarantined]:
        """Those with higher numbers than `after`, the lowest (oldest) first."""
        ...

    def quarantine_filled(self, tenant: str) -> Filled: ...

    # Failures and cases.
    def failures(
        self, tenant: str, medium: Medium, recipient: str, limit: int = 50
    ) -> list[Failure]: ...
    def told_before(
        self, tenant: str, source: Source, failures: Sequence[Failure]
    ) -> dict[str, str]:
        """By source id: the raw fields with which these are stored."""
        ...

    def case(self, tenant: str, medium: Medium, recipient: str) -> Case | None: ...
    def case_ids(self, tenant: str, cases: Sequence[Case]) -> list[str]:
        """The opaque ids under which buttons speak of these cases, in the same order."""
        ...

    def case_by_id(self, tenant: str, case_id: str) -> Case | None: ...
    def cases(self, tenant: str, query: CaseQuery) -> list[Case]: ...
    def each_case(self, tenant: str, query: CaseQuery) -> Iterator[Case]: ...
    def groups(self, tenant: str, query: CaseQuery) -> list[Group]: ...
    def alike(self, tenant: str, query: CaseQuery, began: datetime | None = None) -> list[Alike]:
        """The largest first, as many as the query's limit; its `until` must be given.

        `began` leaves out who failed so before and is only seen again since.
        """
        ...

    def totals(self, tenant: str, since: datetime, until: datetime) -> dict[Medium, Totals]: ...
    def delivered_to(
        self,
        tenant: str,
        medium: Medium,
        domains: Collection[str],
        since: datetime,
        until: datetime,
    ) -> dict[str, int]:
        """Notifications accepted for each of these domains in the hours that the period touches."""
        ...

    def domains_reached(
        self, tenant: str, medium: Medium, domains: Collection[str]
    ) -> dict[str, datetime]:
        """Which of these domains have ever been delivered to, and when last."""
        ...

    def refusals(
        self, tenant: str, source: Source, kinds: Sequence[Kind], since: datetime, limit: int
    ) -> list[Failure]:
        """LINE WORKS failures of these kinds that the source told of then or later."""
        ...

    def relabel(
        self,
        tenant: str,
        kind: Kind,
        new_kind: Kind,
        since: datetime,
        until: datetime,
        *,
        guessed: bool = False,
    ) -> int: ...
    def relabel_told(
        self,
        tenant: str,
        source: Source,
        told: Sequence[tuple[str, str]],
        kind: Kind,
        new_kind: Kind,
        *,
        guessed: bool = False,
    ) -> int:
        """The same for failures of `kind` by recipient and source id."""
        ...

    def last_success(self, tenant: str, medium: Medium, recipient: str) -> datetime | None: ...
    def similar(self, tenant: str, text: str, limit: int = 5) -> list[tuple[Medium, str]]: ...
    def successes_since(self, tenant: str, source: Source, since: datetime) -> int: ...
    def newest_success(self, tenant: str, source: Source, since: datetime) -> datetime | None: ...
    def succeeded(self, tenant: str, source: Source, source_id: str) -> bool:
        """Whether this very notification has been told as delivered within the last days."""
        ...

    def remember(self, tenant: str, source: Source, ids: Sequence[str], now: datetime) -> None:
        """As long as deliveries are; of a source that tells none under these names."""

    def remembered(self, tenant: str, source: Source, ids: Sequence[str]) -> frozenset[str]: ...

    # The past, read again.
    def last_failure(self) -> int:
        """The number of the newest row; whatever comes later has a higher one."""
        ...

    def failures_after(
        self, tenant: str, after: int, most: int, but: Sequence[str] = ()
    ) -> list[tuple[int, Failure]]:
        """The next failures by the number of their row, but those read by these rule sets."""
        ...

    def reread(self, tenant: str, rereads: Sequence[Reread]) -> int:
        """Keep new readings and tell their cases again; answers how many were still as told."""
        ...

    # Corrections.
    def keep_wording(self, tenant: str, wording: Wording, now: datetime) -> None: ...
    def wording(self, tenant: str, wording_id: str) -> Wording | None: ...
    def forget_wordings(self, tenant: str, before: datetime) -> int: ...
    def correct(self, tenant: str, correction: Correction) -> None:
        """Store it in the place of one that stands for the same wording, and audit both."""
        ...

    def correction(self, tenant: str, correction_id: str) -> Correction | None: ...
    def corrections(
        self, tenant: str, states: Sequence[CorrectionState] = tuple(CorrectionState)
    ) -> list[Correction]: ...
    def standing_corrections(self, tenant: str) -> frozenset[str]:
        """The ids of those that are heard now."""
        ...

    def corrections_of(self, tenant: str, wordings: Collection[str]) -> list[Correction]:
        """Those of these wordings that are heard now."""
        ...

    def move_correction(
        self,
        tenant: str,
        expected: Correction,
        changed: Correction,
        rereads: Sequence[Reread] = (),
        notices: Sequence[Notice] = (),
        acts: Sequence[Audited] = (),
    ) -> bool:
        """Replace it if state and cursor still are as `expected`; `rereads` add to its count."""
        ...

    def audited(self, tenant: str, limit: int = 50) -> list[Audited]: ...

    # Kept messages.
    def kept(self, tenant: str, kept_id: str) -> KeptMessage | None: ...
    def forget_kept(self, tenant: str, before: datetime) -> int: ...
    def resendable(
        self,
        tenant: str,
        kinds: Sequence[Kind],
        since: datetime,
        until: datetime,
        recipient: str = "",
    ) -> list[tuple[Failure, KeptMessage]]:
        """Refused messages of these kinds that may be sent again and have no resend yet."""
        ...

    # People.
    def put_people(self, tenant: str, people: Sequence[Person]) -> int: ...
    def person_of(self, tenant: str, medium: Medium, recipient: str) -> Person | None: ...
    def find_people(self, tenant: str, text: str, limit: int = 5) -> list[Person]: ...

    # Coverage.
    def cover(self, tenant: str, coverage: Coverage) -> None: ...
    def coverage(self, tenant: str) -> list[Coverage]: ...
    def keep_stretches(
        self,
        tenant: str,
        stretches: Sequence[Stretch],
        mendings: Sequence[Mending] = (),
        *,
        nothing_after: datetime,
    ) -> None:
        """Join each to what it touches; what these sources claim for later is taken back first."""
        ...

    def stretches(self, tenant: str, since: datetime, until: datetime) -> list[Stretch]:
        """Those of the period, and of every source and part the next one before and after it."""
        ...

    def mendings(
        self, tenant: str, since: datetime, until: datetime, *, learnt: bool = False
    ) -> list[Mending]:
        """Of gaps in the period, or with `learnt` those that happened in it; the oldest first."""
        ...

    def forget_coverage(self, tenant: str, before: datetime) -> None: ...

    # Requests.
    def ask(self, tenant: str, request: Request, notices: Sequence[Notice]) -> tuple[Request, bool]:
        """Store it, unless one for the same action and subject is under way: then that one."""
        ...

    def request(self, tenant: str, request_id: str) -> Request | None: ...
    def requests(
        self, tenant: str, states: Sequence[RequestState], limit: int = 50
    ) -> list[Request]: ...
    def requests_about(self, tenant: str, action: Action, subject: str) -> list[Request]: ...
    def move(
        self,
        tenant: str,
        request_id: str,
        expected: RequestState,
        changed: Request,
        notices: Sequence[Notice] = (),
        resends: Sequence[Resend] = (),
    ) -> bool:
        """Replace the request by `changed` if it still is in `expected`.

        It must also still have `changed.version`, which is then counted up.
        """
        ...

    def watched(self, tenant: str) -> list[Request]:
        """Removals that were done and whose address has shown no next event yet."""
        ...

    # Resends.
    def resends(self, tenant: str, request_id: str) -> list[Resend]: ...
    def due_resends(self, tenant: str, now: datetime, limit: int) -> list[Resend]: ...
    def unsettled_resends(self, tenant: str) -> list[Resend]: ...
    def resends_settled(self, tenant: str, since: datetime, until: datetime) -> int:
        """How many left in (since, until], whatever came of them."""
        ...

    def move_resend(
        self, tenant: str, resend_id: str, expected: ResendState, changed: Resend
    ) -> bool: ...

    # What was told to whom.
    def claim_posting(self, tenant: str, posting: Posting) -> bool:
        """Insert it, or take over a row of that channel and day that is WAITING."""
        ...

    def settle_posting(
        self, tenant: str, channel: str, day: date, state: PostState, ref: str
    ) -> None: ...
    def reopen_posting(self, tenant: str, channel: str, day: date) -> bool:
        """Let an UNANSWERED one wait for its claim again."""
        ...

    def last_posting(self, tenant: str, channel: str) -> Posting | None: ...
    def covered_until(self, tenant: str, channel: str) -> datetime | None:
        """Where the newest digest that was certainly posted there ended."""
        ...

    def postings(self, tenant: str, state: PostState) -> list[Posting]: ...
    def notify(self, tenant: str, notices: Sequence[Notice]) -> None: ...
    def due_notices(self, tenant: str, now: datetime, limit: int) -> list[Notice]: ...
    def unanswered_notices(self, tenant: str) -> int: ...
    def claimed_notices(self, tenant: str) -> list[Notice]: ...
    def claim_notice(self, tenant: str, notice_id: str) -> bool: ...
    def settle_notice(self, tenant: str, notice: Notice) -> None: ...

    # Half-filled forms.
    def put_draft(self, tenant: str, person: str, draft: str, now: datetime) -> None: ...
    def draft(self, tenant: str, person: str) -> str | None: ...
    def drop_draft(self, tenant: str, person: str) -> bool: ...

    # Facts about the installation itself.
    def fact(self, tenant: str, name: str) -> str | None: ...
    def put_fact(self, tenant: str, name: str, value: str) -> None: ...
