"""Ready-made values for the storage tests; every one takes what a test cares about."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from storage.failures import Batch, Failure, KeptMessage, Kind, Medium, Source, Success

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
# What each driver raises for a statement that is wrong in itself.
FAULTS = (sqlite3.IntegrityError, psycopg.errors.IntegrityError, psycopg.errors.RaiseException)
HANAKO = "hanako@example.jp"
TENANT = "acme"


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def bounce(**changes: Any) -> Failure:
    """An e-mail's hard bounce of NOW, told by the webhook."""
    values: dict[str, Any] = {
        "source": Source.SENDGRID_EVENTS,
        "source_id": "e1",
        "medium": Medium.EMAIL,
        "kind": Kind.HARD_BOUNCE,
        "recipient": HANAKO,
        "occurred_at": NOW,
    }
    return Failure(**values | changes)


def refusal(**changes: Any) -> Failure:
    """A LINE WORKS message of NOW that was over the rate, told by the relay."""
    values: dict[str, Any] = {
        "source": Source.LINEWORKS_RELAY,
        "source_id": "n1",
        "medium": Medium.LINE_WORKS,
        "kind": Kind.TOO_FREQUENT,
        "recipient": "hanako@example",
        "occurred_at": NOW,
    }
    return Failure(**values | changes)


def delivery(**changes: Any) -> Success:
    values: dict[str, Any] = {
        "source": Source.SENDGRID_EVENTS,
        "source_id": "d1",
        "medium": Medium.EMAIL,
        "recipient": HANAKO,
        "occurred_at": NOW,
    }
    return Success(**values | changes)


def message(**changes: Any) -> KeptMessage:
    values: dict[str, Any] = {
        "id": "k1",
        "bot_id": "2000001",
        "target": "users",
        "recipient": "hanako@example",
        "body": b"\x00sealed\xff",
        "kept_at": NOW,
        "deadline": NOW + timedelta(days=3),
    }
    return KeptMessage(**values | changes)


def batch(*events: Failure | Success, posts: tuple[int, ...] = (), more: bool = False) -> Batch:
    return Batch(
        failures=tuple(event for event in events if isinstance(event, Failure)),
        successes=tuple(event for event in events if isinstance(event, Success)),
        posts=posts,
        more=more,
    )
