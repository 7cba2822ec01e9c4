"""What the bot can do about a case, and for whom it is the turn to act."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from handlers.causes import MENDER_OF
from storage.cases import Case, CaseState
from storage.failures import Cause, DroppedBy, Kind, Medium, Mender
from storage.lists import RECIPIENTS_WILL, ListName, Membership


class Offer(StrEnum):
    """An act on offer. Everything else is advice."""

    REMOVE = "remove"
    TOMORROW = "tomorrow"  # resend on the next sending day
    SEND_AGAIN = "send_again"  # the same day, after the rate's reset
    NONE = "none"


# How soon after a bounce the list shows it is documented nowhere; a reading
# within this time proves nothing.
LISTED_BY = timedelta(minutes=2)
_LISTED_BY_KIND = frozenset({Kind.HARD_BOUNCE})
_LISTED_BY_DROP = frozenset({DroppedBy.BOUNCE_LIST})
_RESENDS: dict[Kind, Offer] = {
    Kind.DAILY_CAP: Offer.TOMORROW,
    Kind.DAILY_CAP_SUSPECTED: Offer.TOMORROW,
    Kind.TOO_FREQUENT: Offer.SEND_AGAIN,
    Kind.UNANSWERED: Offer.SEND_AGAIN,
}
# Told apart from everything else: who reads it must be allowed to know.
PRIVATE_KINDS = frozenset({Kind.SPAM_REPORT, Kind.UNSUBSCRIBED})
PRIVATE_DROPS = frozenset({DroppedBy.SPAM_REPORT_LIST, DroppedBy.UNSUBSCRIBE_LIST})


def is_private(kind: Kind, dropped_by: DroppedBy | None) -> bool:
    """Whether it tells that somebody complained or opted out: for approvers only."""
    return kind in PRIVATE_KINDS or dropped_by in PRIVATE_DROPS


def offer(case: Case, membership: Membership | None = None) -> Offer:
    """What may be asked for. A removal follows from the lists, not from the kind."""
    if case.state is not CaseState.OPEN:
        return Offer.NONE
    if case.medium is Medium.LINE_WORKS:
        return _RESENDS.get(case.kind, Offer.NONE) if case.kept_message else Offer.NONE
    return Offer.REMOVE if _on_bounce_list(case, membership) else Offer.NONE


def _on_bounce_list(case: Case, membership: Membership | None) -> bool:
    """The lists decide; the kind stands in for them until they were read after the bounce."""
    if membership and membership.read_at and membership.read_at - case.last_seen >= LISTED_BY:
        return membership.on(ListName.BOUNCES)
    if membership and membership.on(ListName.BOUNCES):
        return True
    return case.kind in _LISTED_BY_KIND or case.dropped_by in _LISTED_BY_DROP


def stays_stopped(membership: Membership) -> bool:
    """Whether mail would still be dropped after a removal, by the recipient's own will."""
    return any(entry.name in RECIPIENTS_WILL for entry in membership.entries)


_BY_KIND: dict[Kind, Mender] = {
    Kind.INVALID_ADDRESS: Mender.ADMIN,
    Kind.SPAM_REPORT: Mender.RECIPIENT,
    Kind.UNSUBSCRIBED: Mender.RECIPIENT,
    Kind.UNCLASSIFIED: Mender.SUPPORT,
    # Time lifts the limit, but somebody must ask for the resend.
    Kind.TOO_FREQUENT: Mender.ADMIN,
    Kind.DAILY_CAP: Mender.ADMIN,
    Kind.DAILY_CAP_SUSPECTED: Mender.ADMIN,
    Kind.NO_SUCH_ID: Mender.ADMIN,
    Kind.ID_OUTSIDE_DOMAIN: Mender.ADMIN,
    Kind.WRONG_DOMAIN_INFO: Mender.SUPPORT,
    Kind.MISSING_SCOPE: Mender.LINEWORKS_ADMIN,
    Kind.BAD_CREDENTIALS: Mender.SUPPORT,
    Kind.BOT_NOT_ALLOWED: Mender.LINEWORKS_ADMIN,
    Kind.MESSAGE_REJECTED: Mender.SENDER,
    Kind.PROVIDER_DOWN: Mender.PROVIDER,
    Kind.UNANSWERED: Mender.SUPPORT,
}
# What would turn into a refusal at the end of the retries, if nobody acts before.
_WHILE_RETRIED: dict[Cause, Mender] = {
    Cause.MAILBOX_FULL: Mender.RECIPIENT,
    Cause.REPUTATION_BLOCKED: Mender.SENDER,
    Cause.SPAM_DETECTED: Mender.SENDER,
    Cause.AUTH_FAILURE: Mender.SENDER,
    Cause.USER_UNKNOWN: Mender.ADMIN,
    Cause.USER_MOVED_OR_DISABLED: Mender.ADMIN,
}
_BY_DROP: dict[DroppedBy, Mender] = {
    DroppedBy.INVALID_LIST: Mender.ADMIN,
    DroppedBy.SPAM_REPORT_LIST: Mender.RECIPIENT,
    DroppedBy.UNSUBSCRIBE_LIST: Mender.RECIPIENT,
    DroppedBy.OVER_QUOTA: Mender.SUPPORT,
    DroppedBy.SPAM_CONTENT: Mender.SENDER,
    DroppedBy.BAD_HEADER: Mender.SENDER,
    DroppedBy.DUPLICATE: Mender.NOBODY,
    DroppedBy.OTHER: Mender.SUPPORT,
}


def mender(kind: Kind, dropped_by: DroppedBy | None, cause: Cause) -> Mender:
    """Whose turn it is. A bounce, and a drop that echoes one, follow the words' cause."""
    if dropped_by in _BY_DROP:
        return _BY_DROP[dropped_by]
    if kind is Kind.DEFERRED:
        return _WHILE_RETRIED.get(cause, Mender.NOBODY)
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    return MENDER_OF[cause]
