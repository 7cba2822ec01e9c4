"""What every handler is given: the parts of this installation, and its policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from threading import Lock
from zoneinfo import ZoneInfo

from handlers.causes import RuleSet, built_in
from handlers.ports import (
    Chat,
    Clock,
    Covers,
    HostFeed,
    MailLogs,
    Sender,
    SuppressionLists,
    VendorError,
    Vocabulary,
)
from storage.coverage import Stretch
from storage.failures import Source
from storage.retention import Keep
from storage.store import Store

# LINE WORKS counts its day there, wherever the reader sits.
TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Who may do what, and where and when things are told."""

    admins: frozenset[str] = frozenset()
    approvers: frozenset[str] = frozenset()
    same_person: Mapping[str, str] = field(default_factory=dict)  # second id -> first id
    digest_channels: tuple[str, ...] = ()
    digest_at: time = time(9)
    admin_channel: str = ""
    approval_channel: str = ""
    sending_window: tuple[time, time] = (time(9), time(18))
    company_holidays: frozenset[date] = frozenset()
    resends_per_minute: float = 30.0
    poll_seconds: float = 300.0
    support_contact: str = ""
    service_name: str = ""
    sender_domain: str = ""  # of the From address
    sender_ips: tuple[str, ...] = ()  # dedicated ones only
    links: Mapping[str, str] = field(default_factory=dict)  # page -> URL, see show/links.py
    domain_fails_at: int = 3  # so many addresses of a domain speak for it
    keep: Keep = field(default_factory=Keep)


@dataclass(frozen=True, kw_only=True)
class House:
    """The parts. `chats` is keyed by the product in front of every reference.

    `sources`: those that are connected, and how far each can be known to reach.
    """

    tenant: str
    store: Store
    clock: Clock
    zone: ZoneInfo
    locale: str
    policy: Policy
    chats: Mapping[str, Chat]
    sources: Mapping[Source, Covers] = field(default_factory=dict)
    lists: SuppressionLists | None = None
    logs: MailLogs | None = None
    feed: HostFeed | None = None
    sender: Sender | None = None
    wake: Callable[[], None] = lambda: None
    up: Callable[[], tuple[Stretch, ...]] = tuple  # what this process heard and stores next
    reading: Lock = field(default_factory=Lock)  # whoever reads a post of a burst
    rules: RuleSet = field(default_factory=built_in)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    def now(self) -> datetime:
        return self.clock.now()


def product_of(ref: str) -> str:
    """The chat product of a reference: `slack` of `slack-reply:…`, `lineworks` of `lineworks:…`."""
    return ref.partition(":")[0].partition("-")[0]


def chat_of(house: House, ref: str) -> Chat:
    """Raises VendorError for a product that is not connected (any more)."""
    chat = house.chats.get(product_of(ref))
    if chat is None:
        raise VendorError("chat_not_connected", permanent=True)
    return chat


def connected_at(house: House) -> datetime | None:
    """When this installation began to look."""
    stored = house.store.fact(house.tenant, "connected_at")
    return datetime.fromisoformat(stored) if stored else None
