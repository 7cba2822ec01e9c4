"""Our copy of the provider's suppression lists, with the time at which it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ListName(StrEnum):
    """SendGrid's lists. Only the first two may ever be acted upon."""

    BOUNCES = "bounces"  # stops later mail
    INVALID_EMAILS = "invalid_emails"  # stops later mail
    BLOCKS = "blocks"  # a log of refusals: stops nothing
    SPAM_REPORTS = "spam_reports"  # the recipient's will
    UNSUBSCRIBES = "unsubscribes"  # the recipient's will, for all mail
    GROUPS = "groups"  # the recipient's will, for some groups of mail


REMOVABLE = (ListName.BOUNCES, ListName.INVALID_EMAILS)
RECIPIENTS_WILL = frozenset({ListName.SPAM_REPORTS, ListName.UNSUBSCRIBES, ListName.GROUPS})
STOPS_MAIL = frozenset(ListName) - {ListName.BLOCKS}


@dataclass(frozen=True, kw_only=True)
class ListEntry:
    """An address on a list. `created` is None where the vendor gives no time."""

    name: ListName
    address: str
    created: datetime | None = None
    reason: str = ""
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class Membership:
    """Which lists hold an address, when each was read, and which did not answer."""

    entries: tuple[ListEntry, ...] = ()
    read_at: datetime | None = None  # the oldest reading among the lists; None: never read
    unanswered: tuple[ListName, ...] = ()

    def on(self, name: ListName) -> bool:
        return any(entry.name is name for entry in self.entries)
