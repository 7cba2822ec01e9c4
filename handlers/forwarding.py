"""Which text an admin may forward, and to whom: by kind, cause and receiver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from handlers.house import Policy
from handlers.offers import is_private
from handlers.reach import Reach, Scope
from handlers.situations import CARRIERS, PRIVATE_MAILBOXES, Situation
from handlers.wording import letter, receiver_says, say, when
from storage.cases import Case
from storage.failures import DroppedBy, Kind, Medium, Mender

# LINE WORKS takes 2,000 characters, and a reply is the one part without a measure.
_LONGEST_REPLY = 500

# Email: by the entry of the remedy.
_TO_RECIPIENT = {
    "mailbox_full": "mailbox_full",
    "user_unknown": "confirm_address",
    "unknown_or_filtered": "carrier",
    "filtered_by_recipient": "allow",
    "user_moved_or_disabled": "moved",
    "forwarded": "forwarding",
}
_TO_IT = {
    "policy_blocked": "policy",
    "domain_not_found": "domain",
    "relay_denied": "relay",
    "connection_failed": "connection",
    "server_error": "server",
    "spam_detected": "spam",
}
_WHILE_RETRIED = {
    ("mailbox_full", Mender.RECIPIENT): "mailbox_full_so_far",
    ("lasting", Mender.RECIPIENT_IT): "delayed",
}
_TO_LINE_WORKS_ADMIN = {
    Kind.TOO_FREQUENT: "rate",
    Kind.DAILY_CAP: "daily_cap",
    Kind.DAILY_CAP_SUSPECTED: "daily_cap_suspected",
    Kind.NO_SUCH_ID: "no_such_id",
    Kind.ID_OUTSIDE_DOMAIN: "id_outside_domain",
    Kind.WRONG_DOMAIN_INFO: "wrong_domain_info",
    Kind.MISSING_SCOPE: "missing_scope",
    Kind.BAD_CREDENTIALS: "bad_credentials",
    Kind.BOT_NOT_ALLOWED: "bot_not_allowed",
}
# A registration is the admin's to check first; the address is good so far.
_NOT_YET = {Kind.SOFT_BOUNCE: frozenset({"user_unknown", "domain_not_found"})}


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A text of forwarding.toml, and who is to get it."""

    to: Mender
    name: str


JUNK_FOLDER = Letter(to=Mender.RECIPIENT, name="junk_folder")


def letters(situation: Situation) -> tuple[Letter, ...]:
    """None where nobody must act, and none ever about a complaint or an opt-out."""
    if is_private(situation.kind, situation.dropped_by):
        return ()
    found = []
    if situation.mender is Mender.SUPPORT:
        found.append(Letter(to=Mender.SUPPORT, name="support"))
    if situation.medium is Medium.LINE_WORKS:
        name = _TO_LINE_WORKS_ADMIN.get(situation.kind)
        found += [Letter(to=Mender.LINEWORKS_ADMIN, name=name)] if name else []
    elif situation.kind is Kind.DEFERRED:
        found += _while_retried(situation)
    elif _refused(situation):
        found += _about_a_refusal(situation)
    return tuple(found)


def _refused(situation: Situation) -> bool:
    refusals = {Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE}
    return situation.kind in refusals or situation.dropped_by is DroppedBy.BOUNCE_LIST


def _while_retried(situation: Situation) -> list[Letter]:
    """Only for whom it is the turn to act before the retries end."""
    name = _WHILE_RETRIED.get((situation.entry, situation.mender))
    return [Letter(to=situation.mender, name=name)] if name else []


def _about_a_refusal(situation: Situation) -> list[Letter]:
    entry = situation.entry
    if entry in _NOT_YET.get(situation.kind, ()):
        return []
    if entry == "filtered_by_recipient" and situation.receiver in CARRIERS:
        return [Letter(to=Mender.RECIPIENT, name="carrier")]
    if entry in _TO_RECIPIENT:
        return [Letter(to=Mender.RECIPIENT, name=_TO_RECIPIENT[entry])]
    if entry in _TO_IT and situation.receiver not in PRIVATE_MAILBOXES:
        return [Letter(to=Mender.RECIPIENT_IT, name=_TO_IT[entry])]
    return []


def written(
    chosen: Letter,
    case: Case,
    situation: Situation,
    policy: Policy,
    *,
    locale: str,
    zone: ZoneInfo,
    now: datetime,
    reach: Reach | None = None,
    lists: str = "",
) -> str:
    """The whole text. Every name in it is the recipient's own; `lists` are labels for support."""
    told = partial(when, locale=locale, zone=zone, now=now, zoned=True)
    facts = {
        "address": case.recipient,
        "at": told(case.last_seen),
        "since": told(case.opened_at),
        "until": told(case.retried_until()),
        "count": str(case.times_seen),
        "status": case.status,
        "reply": _cut(" ".join(case.provider_text.split())),
        "lists": lists,
        **_fellows(reach, told),
    }
    return letter(
        chosen.name, locale, {**facts, **_of_us(policy), **_in_words(case, situation, locale)}
    )


def _fellows(reach: Reach | None, told: Callable[[datetime], str]) -> Mapping[str, str]:
    """So that an IT department hears once of all its addresses."""
    if not reach or reach.scope is not Scope.DOMAIN or reach.about_people:
        return {}
    return {"alike": str(reach.count), "alike_since": told(reach.since)}


def _of_us(policy: Policy) -> Mapping[str, str]:
    return {
        "service": policy.service_name,
        "domain": policy.sender_domain,
        "from_domain": policy.sender_domain,
        "ips": ", ".join(policy.sender_ips),
        "contact": policy.support_contact,
        "it_guide": policy.links.get("it_guide", ""),
        "runbook": policy.links.get("runbook", ""),
    }


def _in_words(case: Case, situation: Situation, locale: str) -> Mapping[str, str]:
    setting = receiver_says(situation.receiver, "setting", locale)
    private = situation.receiver in PRIVATE_MAILBOXES
    kind = f"dropped.{case.dropped_by}" if case.dropped_by else case.kind
    email = case.medium is Medium.EMAIL
    return {
        "setting": setting if private else "",
        "console": "" if private else setting,
        "medium": say(f"medium.{case.medium}", locale),
        "kind": say(f"kind.{kind}", locale),
        "cause": say(f"cause.{case.cause}", locale) if email else "",
        "confidence": f"{situation.confidence:.0%}" if situation.confidence else "",
    }


def _cut(reply: str) -> str:
    return reply if len(reply) <= _LONGEST_REPLY else f"{reply[:_LONGEST_REPLY]}…"
