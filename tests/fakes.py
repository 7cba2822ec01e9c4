"""The world as tests want it: fakes of every port, recording what was asked of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from handlers.conversation import Message, Profile
from handlers.ports import FeedPage, ListPage, Logged, Sent, VendorError
from storage.failures import (
    Batch,
    Failure,
    KeptMessage,
    Kind,
    Medium,
    SetAside,
    Source,
    Success,
)
from storage.lists import ListEntry, ListName, Membership
from storage.requests import Outcome

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass
class FakeClock:
    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def turn(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass
class FakeChat:
    """Keeps what was posted; `trouble` is raised once, then forgotten."""

    posts: list[tuple[str, Message, str]] = field(default_factory=list)
    ends: list[tuple[str, Message]] = field(default_factory=list)
    profiles: dict[str, Profile] = field(default_factory=dict)
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    trouble: VendorError | None = None

    def post(self, place: str, message: Message, *, thread: str = "") -> str:
        self._stumble()
        self.posts.append((place, message, thread))
        return f"{place}#{len(self.posts)}"

    def conclude(self, ref: str, message: Message) -> None:
        self._stumble()
        self.ends.append((ref, message))

    def profile(self, person: str) -> Profile:
        default = Profile(ref=person, name=person.partition(":")[2], locale="en", zone=TOKYO)
        return self.profiles.get(person, default)

    def group(self, ref: str) -> frozenset[str]:
        if ref not in self.groups:
            raise VendorError("no_such_subteam", permanent=True)
        return self.groups[ref]

    def _stumble(self) -> None:
        trouble, self.trouble = self.trouble, None
        if trouble:
            raise trouble


@dataclass
class FakeLists:
    """The provider's lists in a dict; `deleted` counts every DELETE that went out."""

    entries: dict[ListName, list[ListEntry]] = field(default_factory=dict)
    deleted: list[tuple[ListName, str]] = field(default_factory=list)
    unanswered: tuple[ListName, ...] = ()
    trouble: VendorError | None = None
    now: datetime | None = None

    def put(self, name: ListName, address: str, created: datetime) -> None:
        entry = ListEntry(name=name, address=address, created=created, reason="550 no such user")
        self.entries.setdefault(name, []).append(entry)

    def holding(self, address: str) -> Membership:
        self._stumble()
        held = [one for found in self.entries.values() for one in found if one.address == address]
        return Membership(entries=tuple(held), read_at=self.now, unanswered=self.unanswered)

    def pages(self, name: ListName, since: datetime | None, until: datetime) -> Iterator[ListPage]:
        self._stumble()
        found = [
            one
            for one in self.entries.get(name, [])
            if one.created and (since is None or one.created >= since) and one.created <= until
        ]
        if found:
            yield ListPage(entries=tuple(found))

    def whole(self, name: ListName, until: datetime) -> Iterator[ListPage]:
        yield from self.pages(name, None, until)

    def remove(self, name: ListName, address: str) -> Outcome:
        self._stumble()
        self.deleted.append((name, address))
        found = self.entries.get(name, [])
        left = [one for one in found if one.address != address]
        self.entries[name] = left
        return Outcome.REMOVED if len(left) < len(found) else Outcome.ALREADY_ABSENT

    def _stumble(self) -> None:
        if self.trouble:
            raise self.trouble


@dataclass
class FakeLogs:
    """The provider's log: messages with their events; `fetched` are those asked for by id."""

    messages: list[tuple[Logged, Batch]] = field(default_factory=list)
    odd: tuple[SetAside, ...] = ()
    fetched: list[str] = field(default_factory=list)
    windows: list[tuple[datetime, datetime]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    trouble: VendorError | None = None

    def put(
        self,
        message: str,
        recipient: str,
        at: datetime,
        kind: Kind | None = Kind.HARD_BOUNCE,
        **more: Any,
    ) -> Logged:
        """A message of which this happened at once; its only event is named after it."""
        row = Logged(message=message, recipient=recipient, kind=kind, created_at=at)
        same = {"medium": Medium.EMAIL, "recipient": recipient, "occurred_at": at}
        same |= {"source_id": f"of-{message}", "reference": message}
        if kind is None:
            batch = Batch(successes=(Success(source=Source.SENDGRID_EVENTS, **same),))
        else:
            same |= {"kind": kind, "raw": message, **more}
            batch = Batch(failures=(Failure(source=Source.SENDGRID_LOGS, **same),))
        self.messages = [one for one in self.messages if one[0].message != message]
        self.messages.append((row, batch))
        return row

    def failing(
        self, since: datetime, until: datetime
    ) -> Iterator[tuple[tuple[Logged, ...], tuple[SetAside, ...]]]:
        self._stumble()
        self.windows.append((since, until))
        rows = [row for row, _ in self.messages if since <= row.created_at < until]
        yield tuple(row for row in rows if row.kind), self.odd

    def about(self, address: str, since: datetime, until: datetime) -> tuple[Logged, ...]:
        self._stumble()
        self.asked.append(address)
        if "'" in address:
            raise VendorError("address_not_askable", permanent=True)
        rows = [row for row, _ in self.messages if since <= row.created_at < until]
        return tuple(row for row in rows if row.recipient == address)

    def told(self, one: Logged) -> Batch:
        self._stumble()
        self.fetched.append(one.message)
        return next(batch for row, batch in self.messages if row.message == one.message)

    def message_of(self, failure: Failure) -> str:
        return failure.raw

    def _stumble(self) -> None:
        if self.trouble:
            raise self.trouble


@dataclass
class FakeSender:
    """Answers from a list, then SENT; `sent` is everything that left."""

    answers: list[Sent] = field(default_factory=list)
    sent: list[KeptMessage] = field(default_factory=list)

    def send(self, kept: KeptMessage) -> Sent:
        self.sent.append(kept)
        return self.answers.pop(0) if self.answers else Sent(outcome=Outcome.SENT)


@dataclass
class FakeFeed:
    """Pages by the cursor that asks for them; nothing new behind the last."""

    id: str = "feed"
    pages: dict[str, FeedPage] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    trouble: VendorError | None = None
    endless: Callable[[int], FeedPage] | None = None

    def page(self, cursor: str) -> FeedPage | None:
        self.asked.append(cursor)
        if self.trouble:
            raise self.trouble
        return self.endless(len(self.asked)) if self.endless else self.pages.get(cursor)
