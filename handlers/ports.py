"""What we ask of the world. `bot/` provides it; tests provide fakes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from handlers.causes.ruleset import RuleSet
from handlers.conversation import Message, Profile
from storage.failures import (
    Batch,
    Cause,
    DroppedBy,
    Failure,
    KeptMessage,
    Kind,
    Medium,
    SetAside,
    Source,
)
from storage.lists import ListEntry, ListName, Membership
from storage.people import Person
from storage.requests import Outcome


class VendorError(Exception):
    """A vendor said no, or nothing useful.

    `permanent`: repeating changes nothing. `unanswered`: what we asked may have
    been done. `word` is short, free of personal data and fit for a log line.
    """

    def __init__(
        self,
        word: str,
        *,
        permanent: bool = False,
        unanswered: bool = False,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(word)
        self.word = word
        self.permanent = permanent
        self.unanswered = unanswered
        self.retry_after = retry_after


# The word of a call that was sent on to another address: nobody takes a key there.
REDIRECTED = "redirected"


class NotAvailableError(VendorError):
    """The account may not use this at all, or not any more."""

    WORD = "not_available"

    def __init__(self) -> None:
        super().__init__(self.WORD, permanent=True)


class NotNowError(VendorError):
    """We did not ask, for work of our own is in the way; nothing was done, and it passes."""

    def __init__(self, word: str) -> None:
        super().__init__(word)


class Covers(StrEnum):
    """How far a source reaches, as far as that can be known."""

    UP = "up"  # it speaks to us: what it told while we were up, and no more
    READ = "read"  # we read it: from one moment to another
    NOTHING = "nothing"  # a file: it tells of the past, and not up to when


class Clock(Protocol):
    def now(self) -> datetime: ...


class Chat(Protocol):
    """One chat product. Every verb raises VendorError; `conclude` may be repeated, `post` not."""

    def post(self, place: str, message: Message, *, thread: str = "") -> str:
        """Show `message` in `place`; returns the reference of what was posted."""
        ...

    def conclude(self, ref: str, message: Message) -> None:
        """Make the posted message say `message`: an edit, or a follow-up where none exists."""
        ...

    def profile(self, person: str) -> Profile: ...

    def group(self, ref: str) -> frozenset[str]:
        """The people of a group reference such as `slack-group:S…`."""
        ...


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """What one page of a walk holds; `odd` names nobody, so it is on no list of ours."""

    entries: tuple[ListEntry, ...]
    odd: tuple[SetAside, ...] = ()


class SuppressionLists(Protocol):
    """The provider's lists.

    Nothing is removed from a list while it is walked, by whichever process: its pages
    would shift, and an entry pass unseen. Who finds the other at work waits a while,
    then NotNowError.
    """

    def holding(self, address: str) -> Membership:
        """Ask every list now; a list that does not answer is named, never guessed."""
        ...

    def pages(self, name: ListName, since: datetime | None, until: datetime) -> Iterator[ListPage]:
        """Walk one list between two times; raises VendorError in the middle when it must."""
        ...

    def whole(self, name: ListName, until: datetime) -> Iterator[ListPage]:
        """Walk all of a list. It ends without VendorError only where nothing was passed over."""
        ...

    def remove(self, name: ListName, address: str) -> Outcome:
        """REMOVED or ALREADY_ABSENT; VendorError otherwise. Harmless to repeat."""
        ...


@dataclass(frozen=True, kw_only=True)
class FeedPage:
    """One page of the host's feed; `lines` counts all but the one with the cursor."""

    batch: Batch
    people: tuple[Person, ...]
    cursor: str
    lines: int


class HostFeed(Protocol):
    """What the customer's own system tells when it is asked."""

    @property
    def id(self) -> str:
        """Another feed has another one, and cursors of its own."""
        ...

    def page(self, cursor: str) -> FeedPage | None:
        """What follows the cursor (empty: from the start); None for nothing. VendorError."""
        ...


@dataclass(frozen=True, kw_only=True)
class Logged:
    """One message as the provider's log sums it up. `kind` is None where nothing failed."""

    message: str  # the provider's id of it
    recipient: str
    kind: Kind | None
    created_at: datetime
    text: str = ""


class MailLogs(Protocol):
    """The provider's own log of each mail; every verb that asks raises VendorError."""

    def failing(
        self, since: datetime, until: datetime
    ) -> Iterator[tuple[tuple[Logged, ...], tuple[SetAside, ...]]]:
        """Messages made between the two that fail, the oldest first, and what nobody can read."""
        ...

    def about(self, address: str, since: datetime, until: datetime) -> tuple[Logged, ...]:
        """A few messages to one address, whatever came of them."""
        ...

    def told(self, one: Logged) -> Batch:
        """What happened to it, each event as its other source would tell it."""
        ...

    def message_of(self, failure: Failure) -> str:
        """Which message a stored failure speaks of; empty where that is not known."""
        ...


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came of sending a kept message: SENT, REFUSED with its kind, or UNANSWERED."""

    outcome: Outcome
    kind: Kind | None = None
    word: str = ""
    retry_after: float = 0.0


class Sender(Protocol):
    def send(self, kept: KeptMessage) -> Sent:
        """Send once; never repeats by itself."""
        ...


@dataclass(frozen=True, kw_only=True)
class Pasted:
    """One refusal in what somebody pasted, as far as its fields tell.

    `facts` are a word of `fact.*` and a value each. `rule`, `source` and `evidence`
    say how the kind is known where a table decided it. `failed` is false for what
    tells of no trouble, such as a delivery.
    """

    medium: Medium = Medium.EMAIL
    text: str = ""
    kind: Kind | None = None
    cause: Cause | None = None  # only in words of our own
    dropped_by: DroppedBy | None = None
    recipient: str = ""
    smtp_code: str = ""
    status: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[tuple[str, str], ...] = ()
    rule: str = ""
    source: str = ""
    evidence: str = ""
    failed: bool = True


@dataclass(frozen=True, kw_only=True)
class AccountNews:
    """It concerns the provider's account, so everybody; `alarm` names the sentence.

    `word` is the provider's own. `daily`: told with every notification, told on once a day.
    """

    alarm: str
    word: str
    at: datetime
    daily: bool = False


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What a source told at once, understood; news count among the batch's `ignored`."""

    batch: Batch
    news: tuple[AccountNews, ...] = ()
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What only the vendors' protocols know, as functions without input or output.

    Each of `pasted` finds its own kind of things in a text, or nothing.
    `hints_of` gives what the provider itself thinks of a stored failure;
    `kind_of` sorts a stored answer anew, by the table of this `version`.
    `read_again` reads what could not be understood when it came.
    """

    pasted: tuple[Callable[[str], tuple[Pasted, ...]], ...] = ()
    hints_of: Callable[[Failure], Mapping[str, str]] = lambda _: {}
    kind_of: Callable[[Failure], Kind] = lambda failure: failure.kind
    version: str = ""
    read_again: Mapping[Source, Callable[[SetAside, datetime, RuleSet], Telling]] = field(
        default_factory=dict
    )
