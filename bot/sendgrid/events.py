"""The Event Webhook's posts as failures, deliveries and alarms. No I/O."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from bot.sendgrid import fields, kinds
from bot.sendgrid.fields import Event
from handlers import causes
from handlers.causes import RuleSet
from storage.failures import (
    Batch,
    DroppedBy,
    Failure,
    Kind,
    Medium,
    Reading,
    SetAside,
    Source,
    Success,
)

HOST_IDS = ("notification_id", "notif_id")


@dataclass(frozen=True, kw_only=True)
class AccountAlarm:
    """It concerns the account itself; `word` is the vendor's own for how."""

    change: kinds.AccountChange
    word: str
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """One post. Every element is in the batch, an alarm, or one of the `ignored`."""

    batch: Batch
    alarms: tuple[AccountAlarm, ...] = ()
    ignored: int = 0


@dataclass(frozen=True, kw_only=True)
class _Post:
    """What is the same for every element of one post."""

    now: datetime
    host_ids: Sequence[str]
    rules: RuleSet | None


Told: TypeAlias = Failure | Success | AccountAlarm | SetAside | None


def parse(
    raw_body: bytes,
    now: datetime,
    host_ids: Sequence[str] = HOST_IDS,
    rules: RuleSet | None = None,
) -> Parsed:
    """Understand one verified post; ValueError when it is no JSON array.

    An element that cannot be understood is set aside and spoils no other.
    `host_ids` names the custom arguments that may carry the host's own id; `rules`
    read the words, instead of the built-in ones.
    """
    post = _Post(now=now, host_ids=host_ids, rules=rules)
    told = [_read(element, post) for element in _elements(raw_body)]
    return Parsed(
        batch=Batch(
            failures=tuple(one for one in told if isinstance(one, Failure)),
            successes=tuple(one for one in told if isinstance(one, Success)),
            set_aside=tuple(one for one in told if isinstance(one, SetAside)),
        ),
        alarms=tuple(one for one in told if isinstance(one, AccountAlarm)),
        ignored=told.count(None),
    )


def _elements(raw_body: bytes) -> list[bytes]:
    try:
        return [bytes(raw) for raw in msgspec.json.decode(raw_body, type=list[msgspec.Raw])]
    except (ValueError, RecursionError):
        return _elements_leniently(raw_body)


def _elements_leniently(raw_body: bytes) -> list[bytes]:
    """Slower, and spoilt by less: half a surrogate pair stays the trouble of its own element."""
    try:
        told = json.loads(raw_body)
    except (ValueError, RecursionError) as error:
        raise ValueError("the body is not JSON: send a JSON array of events") from error
    if not isinstance(told, list):
        raise ValueError("the body is no JSON array: send the events in one array")  # noqa: TRY004 - the bytes are wrong, not a type of ours
    return [json.dumps(element).encode() for element in told]


def _read(element: bytes, post: _Post) -> Told:
    try:
        told = msgspec.json.decode(element)
        event = msgspec.convert(told, Event, strict=False)
        return _understand(event, told, element.decode(), post)
    except (ValueError, RecursionError) as error:
        return SetAside(source=Source.SENDGRID_EVENTS, body=element, reason=str(error))


def _understand(event: Event, told: dict[str, Any], raw: str, post: _Post) -> Told:
    if event.event in kinds.IGNORED or fields.is_test(event):
        return None
    occurred_at = fields.moment(event, post.now)
    if event.event == kinds.ACCOUNT_CHANGE:
        return AccountAlarm(
            change=kinds.account_change(event.type or ""),
            word=fields.clean(event.type)[:40],
            occurred_at=occurred_at,
        )
    if _names_nobody_over_quota(event):
        return AccountAlarm(
            change=kinds.AccountChange.OVER_QUOTA, word="-", occurred_at=occurred_at
        )
    custom = fields.custom_arguments(told)
    reference = fields.first_of(custom, post.host_ids) or fields.message_id(event)
    if event.event == kinds.DELIVERED:
        return _success(event, occurred_at, reference)
    tag = fields.tag(event, custom)
    return _failure(event, raw, occurred_at, reference, tag, post.rules)


def _names_nobody_over_quota(event: Event) -> bool:
    """A drop without an address concerns no recipient, but the plan's limit everybody."""
    if event.event != kinds.DROPPED or fields.clean(event.email):
        return False
    return kinds.dropped_by(fields.words(event)) is DroppedBy.OVER_QUOTA


def _success(event: Event, occurred_at: datetime, reference: str) -> Success:
    return Success(
        source=Source.SENDGRID_EVENTS,
        source_id=fields.fingerprint(event),
        medium=Medium.EMAIL,
        recipient=fields.recipient(event),
        occurred_at=occurred_at,
        reference=reference,
    )


def _failure(
    event: Event,
    raw: str,
    occurred_at: datetime,
    reference: str,
    tag: str,
    rules: RuleSet | None,
) -> Failure:
    kind = kinds.kind_of_event(event.event, event.type or "", event.status or "")
    if kind is None:
        raise ValueError(f"event: {event.event[:40]!r} is not a name that we know")
    text = fields.words(event)
    smtp_code = causes.smtp_code_of(text)
    status = fields.clean(event.status) or causes.enhanced_status_of(text)
    return Failure(
        source=Source.SENDGRID_EVENTS,
        source_id=fields.fingerprint(event),
        medium=Medium.EMAIL,
        kind=kind,
        recipient=fields.recipient(event),
        occurred_at=occurred_at,
        dropped_by=kinds.dropped_by(text) if kind is Kind.DROPPED else None,
        reading=_reading(event, kind, (text, smtp_code, status), rules),
        provider_text=text,
        smtp_code=smtp_code,
        status=status,
        reference=reference,
        tag=tag,
        raw=raw,
    )


def _reading(
    event: Event, kind: Kind, said: tuple[str, str, str], rules: RuleSet | None
) -> Reading:
    if kind not in causes.TOLD_BY_A_SERVER:
        return Reading()
    hint = kinds.classification(event.bounce_classification or "")
    return causes.recall(*said, {"classification": hint.value} if hint else {}, rules)
