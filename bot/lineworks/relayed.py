"""What a relayed call was, and what its answer makes of it. No I/O.

Only messages of a bot to a member or a room are notifications; every other
call passes unread. LINE WORKS gives no message an id: the host's X-Notify-Id
names it, and without one equal bodies of one day are one failure.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from cryptography.fernet import MultiFernet

from bot.lineworks.errors import Refusal
from bot.lineworks.kept import resendable
from handlers.house import TOKYO
from storage.failures import (
    Batch,
    Failure,
    KeptMessage,
    Medium,
    Source,
    Success,
    accepted_id,
    fold_recipient,
)

_MESSAGE = re.compile(r"/v1\.0/bots/([^/?]+)/(users|channels)/([^/?]+)/messages")
_PREFIX = "x-notify-"
# What rules may ask for again, and what says when a limit ends.
_TELLING = ("ratelimit-", "www-authenticate")
# Far above what the vendor accepts; a larger body is counted but not kept.
_LARGEST_KEPT = 256 * 1024
# No LINE WORKS id comes near it, and longer ones fit no index of the storage.
_LONGEST = 500


@dataclass(frozen=True, kw_only=True)
class Relayed:
    """A notification on its way, and what the host's X-Notify headers tell of it."""

    bot_id: str
    target: str  # "users" or "channels"
    recipient: str
    body: bytes
    digest: str  # of the whole body
    id: str = ""
    tag: str = ""
    person: str = ""
    deadline: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. `status` 0: nothing did; then `refusal` says how."""

    at: datetime
    status: int = 0
    headers: Mapping[str, str]
    refusal: Refusal | None = None  # None: accepted


def read(method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes) -> Relayed | None:
    """The notification in a call, None where there is none. `path` as sent, from /v1.0/ on."""
    found = _MESSAGE.fullmatch(path)
    if method != "POST" or found is None:
        return None
    told = {name.lower().removeprefix(_PREFIX): value.strip() for name, value in headers}
    return Relayed(
        bot_id=unquote(found[1]),
        target=found[2],
        recipient=_bounded(unquote(found[3])),
        body=body if len(body) <= _LARGEST_KEPT else b"",
        digest=hashlib.sha256(body).hexdigest(),
        id=_bounded(told.get("id", "")),
        tag=told.get("tag", ""),
        person=told.get("person", ""),
        deadline=_moment(told.get("deadline", "")),
    )


def _bounded(text: str) -> str:
    """Two that are too long stay two."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 41]}~{_digest(text)}"


def is_ours(header: str) -> bool:
    """Whether a header is for us alone and must not reach the vendor."""
    return header.lower().startswith(_PREFIX)


def _moment(text: str) -> datetime | None:
    """A time with its zone; anything else is as good as none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def batch(
    relayed: Relayed,
    answer: Answer,
    cipher: MultiFernet,
    deadline: Callable[[datetime], datetime],
) -> Batch:
    """What to store. `deadline` gives the one for messages whose host names none."""
    if answer.refusal is None:
        return Batch(successes=(_success(relayed, answer.at),))
    kept = _kept(relayed, answer.at, cipher, deadline)
    return Batch(failures=(_failure(relayed, answer, answer.refusal, kept.id),), kept=(kept,))


def source_id(relayed: Relayed, at: datetime) -> str:
    if relayed.id:
        return relayed.id
    day = at.astimezone(TOKYO).date().isoformat()
    recipient = fold_recipient(relayed.recipient)
    parts = (relayed.bot_id, relayed.target, recipient, relayed.digest, day)
    return _digest("\n".join(parts))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _success(relayed: Relayed, at: datetime) -> Success:
    # Without an id every acceptance is one of its own, however alike the bodies.
    alone = f"{source_id(relayed, at)}/{at.isoformat()}"
    own = accepted_id(relayed.id, Medium.LINE_WORKS, relayed.recipient) if relayed.id else alone
    return Success(
        source=Source.LINEWORKS_RELAY,
        source_id=own,
        medium=Medium.LINE_WORKS,
        recipient=relayed.recipient,
        occurred_at=at,
        reference=relayed.id,
    )


def _failure(relayed: Relayed, answer: Answer, refusal: Refusal, kept_id: str) -> Failure:
    return Failure(
        source=Source.LINEWORKS_RELAY,
        source_id=source_id(relayed, answer.at),
        medium=Medium.LINE_WORKS,
        kind=refusal.kind,
        guessed=refusal.guessed,
        recipient=relayed.recipient,
        occurred_at=answer.at,
        provider_text=" ".join(filter(None, (refusal.code, refusal.text))),
        status=str(answer.status or ""),
        reference=relayed.id,
        tag=relayed.tag,
        bot_id=relayed.bot_id,
        raw=_raw(relayed, answer, refusal),
        each_telling_counts=not relayed.id,
        kept_message=kept_id,
    )


def _raw(relayed: Relayed, answer: Answer, refusal: Refusal) -> str:
    """The vendor's fields as they were, so that rules can be run again. Never a token."""
    told = {
        "status": answer.status,
        "code": refusal.code,
        "description": refusal.text,
        "evidence": refusal.evidence,
        "headers": {n: v for n, v in answer.headers.items() if n.lower().startswith(_TELLING)},
        "person": relayed.person,
    }
    return json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)


def _kept(
    relayed: Relayed,
    at: datetime,
    cipher: MultiFernet,
    deadline: Callable[[datetime], datetime],
) -> KeptMessage:
    """A message that cannot be sent again is remembered without its body."""
    may = resendable(relayed.body)
    # One id may stand for a message to many, each with a body of its own.
    recipient = fold_recipient(relayed.recipient)
    own = (relayed.bot_id, relayed.target, recipient, source_id(relayed, at))
    return KeptMessage(
        id=_digest("\n".join(("kept", *own))),
        bot_id=relayed.bot_id,
        target=relayed.target,
        recipient=relayed.recipient,
        body=cipher.encrypt(relayed.body) if may else b"",
        kept_at=at,
        deadline=relayed.deadline or deadline(at),
        reference=relayed.id,
        resendable=may,
    )
