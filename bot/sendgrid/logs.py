"""SendGrid's Email Logs as failures: what is asked, and what the answers say. No I/O.

Source: twilio.com/docs/sendgrid/api-reference/email-logs. The query joins
conditions by AND; how a quote would be escaped in it is not documented.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from bot.sendgrid import events, kinds
from bot.sendgrid.fields import KNOWN_KEYS, clean
from handlers.causes import RuleSet
from handlers.ports import Logged, Telling, VendorError
from storage.failures import Batch, Failure, Kind, SetAside, Source

LIMIT = 1000  # the largest that is allowed; there is no second page
FAILING = tuple(kinds.KIND_OF_STATUS)
# Told by the logs alone: that SendGrid has the mail, and that a planned one was called off.
_NO_EVENTS = frozenset({"received"})
_RENAMED = {"cancel_drop": {"event": "dropped"}}
_QUOTES = frozenset("'\"\\")


class _Row(msgspec.Struct, kw_only=True):
    sg_message_id: str
    to_email: str
    status: str
    sg_message_id_created_at: datetime
    reason: str | None = ""


class _Message(msgspec.Struct, kw_only=True):
    """One message; its custom arguments stand apart, unlike in the webhook's events."""

    events: list[dict[str, Any]]
    custom_args: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one answer listed, and how many rows it had."""

    rows: tuple[Logged, ...]
    set_aside: tuple[SetAside, ...]
    size: int


def between(since: datetime, until: datetime, statuses: Iterable[str] = FAILING) -> str:
    """Messages made in [since, until) which have come to one of these."""
    wanted = ", ".join(f"'{status}'" for status in statuses)
    made = "sg_message_id_created_at"
    return (
        f"{made} >= {_moment(math.floor(since.timestamp()))} "
        f"AND {made} < {_moment(math.ceil(until.timestamp()))} AND status IN ({wanted})"
    )


def to(address: str, since: datetime, until: datetime) -> str:
    """The same for one address, whatever has come of it; VendorError for one with a quote."""
    if _QUOTES & set(address):
        raise VendorError("address_not_askable", permanent=True)
    return f"to_email = '{address}' AND {between(since, until, ('delivered', *FAILING))}"


def _moment(second: int) -> str:
    return f'TIMESTAMP "{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%SZ}"'


def found(answer: Any) -> Found:
    """VendorError for an answer of another shape; a row of another shape is set aside."""
    listed = answer.get("messages") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise VendorError("unreadable_answer")
    rows, odd = [], []
    for one in listed:
        try:
            rows.append(_logged(one))
        except ValueError as error:
            body = json.dumps(one, ensure_ascii=False).encode(errors="replace")
            odd.append(SetAside(source=Source.SENDGRID_LOGS, body=body, reason=str(error)))
    return Found(rows=tuple(rows), set_aside=tuple(odd), size=len(listed))


def _logged(told: Any) -> Logged:
    row = msgspec.convert(told, _Row, strict=False)
    if row.sg_message_id_created_at.tzinfo is None:
        raise ValueError("sg_message_id_created_at: a time without its zone")
    if not row.sg_message_id.strip(". "):
        raise ValueError("sg_message_id: empty")
    return Logged(
        message=row.sg_message_id,
        recipient=clean(row.to_email),
        kind=kinds.KIND_OF_STATUS.get(row.status),
        created_at=row.sg_message_id_created_at.astimezone(UTC),
        text=clean(row.reason),
    )


def told(one: Logged, answer: Any, now: datetime, rules: RuleSet | None = None) -> Batch:
    """The message's events as the webhook would tell them, so that both have one fingerprint.

    A delivery is no row and is kept under the webhook's name: the same one counts once.
    Where the answer (None: not found) tells of no failure, the summary of `one` stands in.
    """
    parsed = events.parse(_posted(one, answer), now, rules=rules).batch
    if one.kind and not parsed.failures:
        summary = events.parse(json.dumps([_summed_up(one)]).encode(), now, rules=rules).batch
        parsed = replace(
            summary,
            successes=parsed.successes,
            set_aside=(*parsed.set_aside, *summary.set_aside),
        )
    return replace(
        parsed,
        failures=tuple(
            replace(failure, source=Source.SENDGRID_LOGS) for failure in parsed.failures
        ),
        set_aside=tuple(replace(odd, source=Source.SENDGRID_LOGS) for odd in parsed.set_aside),
    )


def again(aside: SetAside, now: datetime, rules: RuleSet) -> Telling:
    """A row by its summary, an event by itself; what has not failed concerns nobody."""
    source = Source.SENDGRID_LOGS
    try:
        element = json.loads(aside.body)
        row = None if isinstance(element, dict) and "event" in element else _logged(element)
    except ValueError as error:
        return Telling(batch=Batch(set_aside=(replace(aside, reason=str(error)),)))
    if row is None:
        batch = events.parse(b"[%b]" % aside.body, now, rules=rules).batch
        batch = replace(
            batch, failures=tuple(replace(one, source=source) for one in batch.failures)
        )
    else:
        batch = told(row, None, now, rules)
    return Telling(batch=replace(batch, source=source, ignored=0 if batch.elements else 1))


def _posted(one: Logged, answer: Any) -> bytes:
    """Custom arguments merged in again; the address and the id, where an event has none."""
    if answer is None:
        return b"[]"
    try:
        message = msgspec.convert(answer, _Message)
    except ValueError:
        raise VendorError("unreadable_answer") from None
    known = {"email": one.recipient, "sg_message_id": one.message}
    merged = []
    for event in message.events:
        if event.get("event") in _NO_EVENTS:
            continue
        custom = event.get("custom_args") or message.custom_args or {}
        theirs = {name: value for name, value in custom.items() if name not in KNOWN_KEYS}
        own = {name: value for name, value in event.items() if value and name != "custom_args"}
        merged.append(theirs | known | own | _RENAMED.get(str(own.get("event")), {}))
    return json.dumps(merged).encode()


# Which event leads to which summary.
_EVENT: dict[Kind, dict[str, str]] = {
    Kind.DEFERRED: {"event": "deferred"},
    Kind.DROPPED: {"event": "dropped"},
    Kind.HARD_BOUNCE: {"event": "bounce", "type": "bounce"},
    Kind.SOFT_BOUNCE: {"event": "bounce", "type": "blocked"},
}


def _summed_up(one: Logged) -> dict[str, Any]:
    """Only its making is timed, which is when a drop happens and shortly before a bounce."""
    assert one.kind  # noqa: S101 - `told` has seen to it
    made = {"timestamp": int(one.created_at.timestamp()), "reason": one.text}
    return {"email": one.recipient, "sg_message_id": one.message, **made, **_EVENT[one.kind]}


def message_of(failure: Failure) -> str:
    """SendGrid's id of the message that a stored event speaks of; empty where it names none."""
    try:
        raw = json.loads(failure.raw)
    except ValueError:
        return ""
    named = raw.get("sg_message_id") if isinstance(raw, dict) else None
    return named if isinstance(named, str) else ""
