"""A case together with what its words tell: who received it, whose turn it is, which remedy.

Imports no chat and no wording: the page, the texts to forward and their tests ask here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from handlers.causes import MENDER_OF, Explanation, explain
from handlers.causes.facts import Facts, provider_of
from handlers.house import House
from handlers.offers import Offer, mender, offer
from handlers.reach import Reach, turn
from storage.cases import Case
from storage.failures import (
    Cause,
    DroppedBy,
    Kind,
    Medium,
    Mender,
    fold_recipient,
)
from storage.lists import Membership

CARRIERS = frozenset({"docomo", "au", "softbank", "rakuten_mobile", "ymobile"})
WEBMAIL = frozenset({"gmail", "outlook", "yahoo_japan", "yahoo", "apple"})
# Nobody's IT department looks after these mailboxes.
PRIVATE_MAILBOXES = CARRIERS | WEBMAIL
# They say *unknown* for a missing address and for one that the handset's filter protects.
_SAME_ANSWER = frozenset({"docomo", "au"})
# A speaker with mailboxes for private people, and with a product for companies.
_FOR_PEOPLE = {"google": "gmail", "microsoft": "outlook"}
_FOR_COMPANIES = {"google": "workspace", "google_admin": "workspace", "microsoft": "microsoft_365"}

_RETURNED = frozenset({Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE})
# The mailbox behind our address failed, if the reply names another one.
_OF_A_MAILBOX = frozenset({Cause.USER_UNKNOWN, Cause.USER_MOVED_OR_DISABLED, Cause.MAILBOX_FULL})
_BLAMED_ON_US = frozenset(
    {
        Cause.REPUTATION_BLOCKED,
        Cause.CONTENT_REJECTED,
        Cause.SPAM_DETECTED,
        Cause.AUTH_FAILURE,
        Cause.POLICY_BLOCKED,
    }
)
_THEIR_SERVERS = frozenset({Cause.CONNECTION_FAILED, Cause.SERVER_ERROR, Cause.DOMAIN_NOT_FOUND})
_NOBODYS_MAILBOX = frozenset({"postmaster", "abuse", "mailer-daemon", "support"})
_A_DAY = timedelta(hours=24)
_RESENDABLE = frozenset(
    {Kind.TOO_FREQUENT, Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED, Kind.UNANSWERED}
)
_AT_CARRIERS = {
    Cause.POLICY_BLOCKED: Mender.RECIPIENT,
    Cause.SERVER_ERROR: Mender.NOBODY,
    Cause.RELAY_DENIED: Mender.ADMIN,
}
_AT_WEBMAIL = _AT_CARRIERS | {Cause.POLICY_BLOCKED: Mender.SENDER}
_TURN_AT: dict[str, dict[Cause, Mender]] = {
    **dict.fromkeys(WEBMAIL, _AT_WEBMAIL),
    **dict.fromkeys(CARRIERS, _AT_CARRIERS),
    **dict.fromkeys(_SAME_ANSWER, _AT_CARRIERS | {Cause.USER_UNKNOWN: Mender.RECIPIENT}),
}
# Where it is somebody else's turn than the cause says, the remedy is another one too.
_ENTRY_FOR: dict[tuple[Cause, Mender], str] = {
    (Cause.USER_UNKNOWN, Mender.RECIPIENT): "unknown_or_filtered",
    (Cause.POLICY_BLOCKED, Mender.RECIPIENT): "filtered_by_recipient",
    (Cause.POLICY_BLOCKED, Mender.SENDER): "refused_by_provider",
    (Cause.SERVER_ERROR, Mender.NOBODY): "server_error_at_provider",
    (Cause.RELAY_DENIED, Mender.ADMIN): "relay_denied_at_provider",
    **{(cause, Mender.RECIPIENT_IT): "policy_blocked" for cause in _BLAMED_ON_US},
}


@dataclass(frozen=True, kw_only=True)
class Situation:
    """`kind` and `entry` name its remedy in remedies.toml, `receiver` its lines in providers.toml."""

    medium: Medium
    kind: Kind
    dropped_by: DroppedBy | None
    entry: str
    mender: Mender
    receiver: str = ""
    facts: Facts = field(default_factory=Facts)
    confidence: float = 0.0  # of the cause
    moved: bool = False  # how far it reaches makes it somebody else's turn


def situation_of(house: House, case: Case, membership: Membership | None = None) -> Situation:
    """Read anew from the stored words; a cause that was corrected since keeps its correction."""
    if case.medium is Medium.LINE_WORKS:
        return _line_works(case)
    said = explain(case.provider_text, "", case.status, recipient=case.recipient, rules=house.rules)
    receiver = receiver_of(said.facts.speaker, case.recipient)
    whose = _turn(case, said, receiver)
    plain = Situation(
        medium=case.medium,
        kind=case.kind,
        dropped_by=case.dropped_by,
        entry=_entry(case, whose, receiver),
        mender=whose,
        receiver=receiver,
        facts=said.facts,
        confidence=said.reading.confidence if said.reading.cause is case.cause else 0.0,
    )
    if case.kind is Kind.DEFERRED:
        return _retried(case, plain, house.now())
    return _returned(case, plain, membership, house.policy.sender_domain)


def struck(known: Situation, reach: Reach | None) -> Situation:
    """The situation of somebody who does not fail alone."""
    whose = turn(reach, known.mender) if reach else known.mender
    return replace(known, mender=whose, moved=whose is not known.mender)


def entry_by_address(case: Case) -> str:
    """The remedy's entry as far as the address alone tells: for long lists of cases."""
    receiver = receiver_of("", case.recipient)
    whose = _TURN_AT.get(receiver, {}).get(case.cause)
    return _entry(case, whose, receiver) if whose else case.cause


def receiver_of(speaker: str, recipient: str) -> str:
    """Whose mailbox or gateway it is, as remedies tell them apart; empty where nobody is known."""
    known = provider_of(recipient)
    if speaker in {"", "sendgrid"}:
        speaker = known
    table = _FOR_PEOPLE if speaker == known else _FOR_COMPANIES
    return table.get(speaker, speaker)


def _line_works(case: Case) -> Situation:
    lacks_its_message = case.kind in _RESENDABLE and offer(case) is Offer.NONE
    return Situation(
        medium=case.medium,
        kind=case.kind,
        dropped_by=None,
        entry="not_kept" if lacks_its_message else "",
        mender=mender(case.kind, None, case.cause),
    )


def _is_refusal(case: Case) -> bool:
    """A bounce, or a drop that echoes one: these follow the words' cause."""
    return case.kind in _RETURNED or case.dropped_by is DroppedBy.BOUNCE_LIST


def _entry(case: Case, whose: Mender, receiver: str) -> str:
    closer = _ENTRY_FOR.get((case.cause, whose)) if _is_refusal(case) else None
    if closer == "unknown_or_filtered" and receiver not in CARRIERS:
        return case.cause
    return closer or case.cause


def _turn(case: Case, said: Explanation, receiver: str) -> Mender:
    """A rule may know better than the receiver's table, and that better than the cause."""
    plain = mender(case.kind, case.dropped_by, case.cause)
    if not _is_refusal(case):
        return plain
    if said.reading.cause is case.cause and said.mender is not MENDER_OF[case.cause]:
        return said.mender
    if said.facts.speaker == "google_admin" and case.cause in _BLAMED_ON_US:
        return Mender.RECIPIENT_IT
    return _TURN_AT.get(receiver, {}).get(case.cause, plain)


def _retried(case: Case, plain: Situation, now: datetime) -> Situation:
    if case.result_lost(now):
        return replace(plain, entry="result_lost", mender=Mender.SUPPORT)
    if plain.facts.speaker == "sendgrid":
        return replace(plain, entry="paced_by_sendgrid", mender=Mender.NOBODY)
    at_fault = case.cause in _THEIR_SERVERS and plain.receiver not in PRIVATE_MAILBOXES
    if at_fault and now - case.opened_at >= _A_DAY:
        return replace(plain, entry="lasting", mender=Mender.RECIPIENT_IT)
    return plain


def _returned(case: Case, plain: Situation, membership: Membership | None, ours: str) -> Situation:
    listed = offer(case, membership) is Offer.REMOVE
    if case.dropped_by is DroppedBy.BOUNCE_LIST and not listed:
        return replace(plain, entry="off_the_list", mender=Mender.NOBODY)
    if case.kind is Kind.HARD_BOUNCE and not listed:
        plain = replace(plain, kind=Kind.SOFT_BOUNCE)  # refused once, and stopped no more
    if _is_refusal(case) and _forwarded(case, plain.facts, ours):
        behind = receiver_of(plain.facts.speaker, plain.facts.other_address)
        return replace(plain, entry="forwarded", mender=Mender.RECIPIENT, receiver=behind)
    return plain


def _forwarded(case: Case, facts: Facts, ours: str) -> bool:
    """Whether the reply speaks of an address behind the one that we wrote to."""
    local, _, domain = facts.other_address.partition("@")
    if not domain or case.cause not in _OF_A_MAILBOX or local in _NOBODYS_MAILBOX:
        return False
    said = case.provider_text.casefold()
    if case.recipient.casefold() in said or fold_recipient(case.recipient) in said:
        return False
    # A company's servers write their own name for a domain: still the same mailbox.
    renamed = local == fold_recipient(case.recipient).partition("@")[0]
    if renamed and not provider_of(facts.other_address):
        return False
    return not (ours and (domain == ours or domain.endswith(f".{ours}")))
