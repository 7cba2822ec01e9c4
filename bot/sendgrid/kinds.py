"""SendGrid's words in ours: tables from its fields to kinds, drops, lists and account changes."""

from __future__ import annotations

from enum import StrEnum

from storage.failures import DroppedBy, Kind
from storage.lists import ListName


class AccountChange(StrEnum):
    """What happened to the account, by the name of the alarm that tells it."""

    SUSPENDED = "account_suspended"
    BANNED = "account_banned"
    REACTIVATED = "account_reactivated"
    OVER_QUOTA = "over_quota"  # told by a drop that names nobody
    CHANGED = "account_changed"  # anything else; the vendor's own word says more


class Classification(StrEnum):
    """SendGrid's own guess at why: a hint to the reader of causes, never a kind.

    Source: twilio.com/docs/sendgrid, Bounce and Block Classifications.
    """

    INVALID = "invalid"
    TECHNICAL = "technical"
    CONTENT = "content"
    REPUTATION = "reputation"
    FREQUENCY = "frequency"
    MAILBOX = "mailbox"
    UNCLASSIFIED = "unclassified"


# Told apart by the words alone; to walk over an enumeration takes longer than the rest.
_CLASSES = tuple(Classification)

DELIVERED = "delivered"
BOUNCE = "bounce"
DROPPED = "dropped"
ACCOUNT_CHANGE = "account_status_change"

# Nothing that kept a message from its recipient.
IGNORED = frozenset({"processed", "open", "click", "group_resubscribe"})

# Events whose kind follows from their name; a bounce needs a second look.
_KIND_OF_EVENT = {
    "deferred": Kind.DEFERRED,
    DROPPED: Kind.DROPPED,
    "spamreport": Kind.SPAM_REPORT,
    "unsubscribe": Kind.UNSUBSCRIBED,
    "group_unsubscribe": Kind.UNSUBSCRIBED,
}

# `expired` is how older accounts name the end of the retries; today it is `blocked`.
_KIND_OF_BOUNCE = {
    "bounce": Kind.HARD_BOUNCE,
    "blocked": Kind.SOFT_BOUNCE,
    "expired": Kind.SOFT_BOUNCE,
}

_KIND_OF_STATUS_CLASS = {"4": Kind.SOFT_BOUNCE, "5": Kind.HARD_BOUNCE}

# Folded. Events say "Invalid", the vendor's pages "Invalid Address"; both are met.
_DROPPED_BY = {
    "bounced address": DroppedBy.BOUNCE_LIST,
    "invalid": DroppedBy.INVALID_LIST,
    "invalid address": DroppedBy.INVALID_LIST,
    "spam reporting address": DroppedBy.SPAM_REPORT_LIST,
    "unsubscribed address": DroppedBy.UNSUBSCRIBE_LIST,
    "recipient list over package quota": DroppedBy.OVER_QUOTA,
    "spam content": DroppedBy.SPAM_CONTENT,
    "invalid smtpapi header": DroppedBy.BAD_HEADER,
}

_ACCOUNT_CHANGES = {
    "compliance_suspend": AccountChange.SUSPENDED,
    "compliance_deactivate": AccountChange.SUSPENDED,
    "compliance_ban": AccountChange.BANNED,
    "reactivate": AccountChange.REACTIVATED,
}

# How the logs sum a message up; of the others nothing failed (yet).
KIND_OF_STATUS = {
    "deferred": Kind.DEFERRED,
    "dropped": Kind.DROPPED,
    "bounced": Kind.HARD_BOUNCE,
    "blocked": Kind.SOFT_BOUNCE,
}

KIND_OF_LIST = {
    ListName.BOUNCES: Kind.HARD_BOUNCE,
    ListName.BLOCKS: Kind.SOFT_BOUNCE,
    ListName.INVALID_EMAILS: Kind.INVALID_ADDRESS,
    ListName.SPAM_REPORTS: Kind.SPAM_REPORT,
    ListName.UNSUBSCRIBES: Kind.UNSUBSCRIBED,
    ListName.GROUPS: Kind.UNSUBSCRIBED,
}


def kind_of_event(event: str, type_: str, status: str) -> Kind | None:
    """The kind of a failing event; None for a name that we do not know."""
    if event == BOUNCE:
        return kind_of_bounce(type_, status)
    return _KIND_OF_EVENT.get(event)


def kind_of_bounce(type_: str, status: str) -> Kind:
    """By the type; by the status's class where the type is missing (old and test events)."""
    if told := type_.strip().casefold():
        return _KIND_OF_BOUNCE.get(told, Kind.UNCLASSIFIED)
    return _KIND_OF_STATUS_CLASS.get(status.strip()[:1], Kind.UNCLASSIFIED)


def judged(status: str, code: str, text: str) -> tuple[Kind, bool]:  # noqa: ARG001 - every judge takes the text
    """What a mail server's reply alone says, for mail that SendGrid does not carry; no guess."""
    return kind_of_bounce("", status or code), False


def dropped_by(reason: str) -> DroppedBy:
    """The exact text for a duplicate of a marketing mail is not documented: one word must do."""
    words = reason.strip().casefold()
    guess = DroppedBy.DUPLICATE if "duplicate" in words else DroppedBy.OTHER
    return _DROPPED_BY.get(words, guess)


def classification(told: str) -> Classification | None:
    """Whichever of its three spellings (pages, Logs, old short forms); None where none was told."""
    word = told.strip().casefold()
    if not word:
        return None
    return next((one for one in _CLASSES if word.startswith(one)), Classification.UNCLASSIFIED)


def account_change(type_: str) -> AccountChange:
    return _ACCOUNT_CHANGES.get(type_.strip().casefold(), AccountChange.CHANGED)
