"""`POST /failures`: what the host itself learnt about its notifications. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeAlias

from bot.host.wire import REPEATED, Fields, PushError, Verdict, each, elements
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
    SetAside,
    Source,
    Success,
    accepted_id,
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
    failures: tuple[Failure | None, ...]  # beside the verdicts


Told: TypeAlias = tuple[Failure | Success, KeptMessage | None]


def parse(raw_body: bytes, now: datetime, rules: Rules) -> Pushed:
    """PushError for a body that cannot be read at all; a bad element spoils no other."""
    read_one = partial(read, now=now, rules=rules, source=Source.HOST_PUSH)
    told = list(each(elements(raw_body), read_one, NAMES))
    facts = [fact[0] if fact else None for _, fact in told]
    return Pushed(
        batch=batch_of([fact for _, fact in told if fact]),
        verdicts=tuple(verdict for verdict, _ in told),
        failures=tuple(fact if isinstance(fact, Failure) else None for fact in facts),
    )


def batch_of(told: Sequence[Told], set_aside: Sequence[SetAside] = ()) -> Batch:
    return Batch(
        failures=tuple(one for one, _ in told if isinstance(one, Failure)),
        successes=tuple(one for one, _ in told if isinstance(one, Success)),
        kept=tuple(kept for _, kept in told if kept),
        set_aside=tuple(set_aside),
    )


def known_before(pushed: Pushed, recorded: Recorded) -> tuple[Failure, ...]:
    """Those that were told before, be it in the same body."""
    new = Counter(one.source_id for one in recorded.new_failures)
    again = []
    for one in filter(None, pushed.failures):
        if new[one.source_id]:
            new[one.source_id] -= 1
        else:
            again.append(one)
    return tuple(again)


def settled(pushed: Pushed, recorded: Recorded, stored: Mapping[str, str]) -> tuple[Verdict, ...]:
    """The verdicts after storing: a failure that was known already is a repetition.

    `stored`: how those were told first, by source id; the first telling stands.
    """
    again = {id(one) for one in known_before(pushed, recorded)}
    return tuple(
        _repeated(verdict, one, stored.get(one.source_id, ""))
        if one and id(one) in again
        else verdict
        for verdict, one in zip(pushed.verdicts, pushed.failures, strict=True)
    )


def _repeated(verdict: Verdict, told: Failure, first: str) -> Verdict:
    now, then = json.loads(told.raw), json.loads(first or told.raw)
    differ = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
    note = f"told before with another {', '.join(differ)}: the first telling stands"
    return replace(verdict, state=REPEATED, note=note if differ else verdict.note)


def read(fields: Fields, now: datetime, rules: Rules, source: Source) -> tuple[Told, str]:
    """One element and, where something of it was not kept, a note of that. PushError."""
    name = fields.needed("id", "name the notification by an id of your own")
    medium = Medium(fields.choice("medium", list(Medium)))
    recipient = fields.needed("recipient", "send the address or the LINE WORKS id")
    occurred_at = fields.past("occurred_at", now)
    if fields.choice("event", (_FAILED, _DELIVERED), _FAILED) == _DELIVERED:
        success = Success(
            source=source,
            source_id=accepted_id(name, medium, recipient),
            medium=medium,
            recipient=recipient,
            occurred_at=occurred_at,
            reference=name,
        )
        return (success, None), ""
    told = _failure(fields, name, medium, recipient, occurred_at, rules)
    failure = replace(told, source=source)
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
        source_id=fingerprint(name, kind, medium, fold_recipient(recipient)),
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
    target = fields.choice("target", ("users", "channels"), "users")
    deadline = fields.moment("deadline")
    if body is None:
        return None, ""
    if failure.medium is not Medium.LINE_WORKS:
        mend = "send it for line_works alone: mail is sent again by the host"
        raise PushError("cannot be sent again by us", field="body", mend=mend)
    if not failure.bot_id:
        raise PushError("is missing", field="bot_id", mend="name the bot that sent the body")
    sealed = _written(body)
    if not isinstance(body, dict) or not 0 < len(sealed) <= _LONGEST_BODY:
        mend = f"send the message's JSON object, at most {_LONGEST_BODY} bytes"
        raise PushError("is no message", field="body", mend=mend)
    if rules.seal is None:
        return None, "the body was not kept: set PAYLOAD_KEY to have it encrypted"
    may = rules.resendable(sealed)
    kept = KeptMessage(
        id=fingerprint("kept", failure.source_id),
        bot_id=failure.bot_id,
        target=target,
        recipient=failure.recipient,
        body=rules.seal(sealed) if may else b"",
        kept_at=now,
        deadline=deadline or rules.deadline(now),
        reference=failure.reference,
        resendable=may,
    )
    return kept, "" if may else "the message cannot be sent again as it is"


def _written(body: object) -> bytes:
    """Empty for what is nested too deep to be written again."""
    try:
        written = json.dumps(body, ensure_ascii=False, allow_nan=False)
    except RecursionError:
        return b""
    except ValueError:  # 1e999, which JSON can say and no machine can hold
        mend = "send a smaller number, or a string"
        raise PushError("holds a number that is too large", field="body", mend=mend) from None
    return written.encode(errors="replace")


def _raw(fields: Fields) -> str:
    """Everything but the message itself, which is only ever kept encrypted."""
    told = {name: value for name, value in fields.told.items() if name != "body"}
    return json.dumps(told, ensure_ascii=False).encode(errors="replace").decode()


def fingerprint(*parts: str) -> str:
    """One id may be told of several recipients, and first be deferred, then refused.

    The id's case is the host's own: `aB` and `Ab` are two notifications.
    """
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]
