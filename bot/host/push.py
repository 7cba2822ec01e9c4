"""`POST /failures`: what the host itself learnt about its notifications. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeAlias

from bot.host.wire import ACCEPTED, REPEATED, Fields, PushError, Verdict, each, elements
from handlers import causes
from handlers.causes import RuleSet
from storage.failures import (
    KINDS,
    Batch,
    DroppedBy,
    Failure,
    KeptMessage,
    Kind,
    Medium,
    Reading,
    Recorded,
    Source,
    Success,
    fold_recipient,
)

# Status, code and text of a provider's answer: the kind, and whether it is a guess.
Classify: TypeAlias = Callable[[str, str, str], tuple[Kind, bool]]

NAMES = (
    "id",
    "event",
    "medium",
    "recipient",
    "occurred_at",
    "kind",
    "dropped_by",
    "status",
    "code",
    "text",
    "tag",
    "bot_id",
    "target",
    "body",
    "deadline",
)
_FAILED, _DELIVERED = "failed", "delivered"
_LONGEST_TEXT = 64 * 1024
_LONGEST_BODY = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is known elsewhere: kinds, causes, and how messages are kept for a resend.

    `seal` encrypts a body; None: no body is kept. `deadline` is for messages
    whose host names none.
    """

    classify: Mapping[Medium, Classify]
    causes: RuleSet
    seal: Callable[[bytes], bytes] | None
    resendable: Callable[[bytes], bool]
    deadline: Callable[[datetime], datetime]


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """One body: what to store, and what each of its elements is told if it is stored."""

    batch: Batch
    verdicts: tuple[Verdict, ...]
    source_ids: tuple[str, ...]  # beside the verdicts; empty where there is no failure


_Told: TypeAlias = tuple[Failure | Success, KeptMessage | None]


def parse(raw_body: bytes, now: datetime, rules: Rules) -> Pushed:
    """PushError for a body that cannot be read at all; a bad element spoils no other."""
    told = list(each(elements(raw_body), partial(_read, now=now, rules=rules), NAMES))
    facts = [fact for _, fact in told if fact]
    return Pushed(
        batch=Batch(
            failures=tuple(one for one, _ in facts if isinstance(one, Failure)),
            successes=tuple(one for one, _ in facts if isinstance(one, Success)),
            kept=tuple(kept for _, kept in facts if kept),
        ),
        verdicts=tuple(verdict for verdict, _ in told),
        source_ids=tuple(
            fact[0].source_id if fact and isinstance(fact[0], Failure) else "" for _, fact in told
        ),
    )


def settled(pushed: Pushed, recorded: Recorded) -> tuple[Verdict, ...]:
    """The verdicts after storing: a failure that was known already is a repetition."""
    new = {failure.source_id for failure in recorded.new_failures}
    verdicts = []
    for verdict, source_id in zip(pushed.verdicts, pushed.source_ids, strict=True):
        known = verdict.state == ACCEPTED and source_id and source_id not in new
        verdicts.append(replace(verdict, state=REPEATED) if known else verdict)
        new.discard(source_id)
    return tuple(verdicts)


def _read(fields: Fields, now: datetime, rules: Rules) -> tuple[_Told, str]:
    name = fields.needed("id", "name the notification by an id of your own")
    medium = Medium(fields.choice("medium", list(Medium)))
    recipient = fields.needed("recipient", "send the address or the LINE WORKS id")
    occurred_at = fields.past("occurred_at", now)
    if fields.choice("event", (_FAILED, _DELIVERED), _FAILED) == _DELIVERED:
        success = Success(
            source=Source.HOST_PUSH,
            source_id=_fingerprint(name, _DELIVERED, medium, fold_recipient(recipient)),
            medium=medium,
            recipient=recipient,
            occurred_at=occurred_at,
            reference=name,
        )
        return (success, None), ""
    failure = _failure(fields, name, medium, recipient, occurred_at, rules)
    kept, note = _kept(fields, failure, now, rules)
    return (replace(failure, kept_message=kept.id if kept else ""), kept), note


def _failure(
    fields: Fields, name: str, medium: Medium, recipient: str, occurred_at: datetime, rules: Rules
) -> Failure:
    status, code = fields.text("status"), fields.text("code")
    text = fields.text("text", _LONGEST_TEXT)
    kind, guessed = _kind(fields, medium, (status, code, text), rules)
    by_mail, spoken = medium is Medium.EMAIL, kind in causes.TOLD_BY_A_SERVER
    return Failure(
        source=Source.HOST_PUSH,
        source_id=_fingerprint(name, kind, medium, fold_recipient(recipient)),
        medium=medium,
        kind=kind,
        guessed=guessed,
        recipient=recipient,
        occurred_at=occurred_at,
        dropped_by=_dropped_by(fields, kind),
        reading=causes.read(text, code, status, rules=rules.causes)
        if by_mail and spoken
        else Reading(),
        provider_text=text if by_mail else " ".join(filter(None, (code, text))),
        smtp_code=code if by_mail else "",
        status=status,
        reference=name,
        tag=fields.text("tag"),
        bot_id=fields.text("bot_id"),
        raw=_raw(fields),
    )


def _kind(
    fields: Fields, medium: Medium, answer: tuple[str, str, str], rules: Rules
) -> tuple[Kind, bool]:
    if fields.text("kind"):
        return Kind(fields.choice("kind", KINDS[medium])), False
    if not any(answer):
        mend = "send kind, or what the provider answered as status, code and text"
        raise PushError("is missing", field="kind", mend=mend)
    return rules.classify[medium](*answer)


def _dropped_by(fields: Fields, kind: Kind) -> DroppedBy | None:
    if kind is not Kind.DROPPED:
        return None
    return DroppedBy(fields.choice("dropped_by", list(DroppedBy), DroppedBy.OTHER))


def _kept(
    fields: Fields, failure: Failure, now: datetime, rules: Rules
) -> tuple[KeptMessage | None, str]:
    """The message to send again, and a note where it was not kept though it was told."""
    body = fields.told.get("body")
    if body is None:
        return None, ""
    if failure.medium is not Medium.LINE_WORKS:
        mend = "send it for line_works alone: mail is sent again by the host"
        raise PushError("cannot be sent again by us", field="body", mend=mend)
    if not failure.bot_id:
        raise PushError("is missing", field="bot_id", mend="name the bot that sent the body")
    sealed = json.dumps(body, ensure_ascii=False).encode(errors="replace")
    if not isinstance(body, dict) or len(sealed) > _LONGEST_BODY:
        mend = f"send the message's JSON object, at most {_LONGEST_BODY} bytes"
        raise PushError("is no message", field="body", mend=mend)
    if rules.seal is None:
        return None, "the body was not kept: set PAYLOAD_KEY to have it encrypted"
    may = rules.resendable(sealed)
    kept = KeptMessage(
        id=_fingerprint("kept", failure.source_id),
        bot_id=failure.bot_id,
        target=fields.choice("target", ("users", "channels"), "users"),
        recipient=failure.recipient,
        body=rules.seal(sealed) if may else b"",
        kept_at=now,
        deadline=fields.moment("deadline") or rules.deadline(now),
        reference=failure.reference,
        resendable=may,
    )
    return kept, "" if may else "the message cannot be sent again as it is"


def _raw(fields: Fields) -> str:
    """Everything but the message itself, which is only ever kept encrypted."""
    told = {name: value for name, value in fields.told.items() if name != "body"}
    return json.dumps(told, ensure_ascii=False).encode(errors="replace").decode()


def _fingerprint(*parts: str) -> str:
    """One id may be told of several recipients, and first be deferred, then refused.

    The id's case is the host's own: `aB` and `Ab` are two notifications.
    """
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]
