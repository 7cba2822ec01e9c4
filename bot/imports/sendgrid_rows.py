"""Rows of SendGrid's dashboard exports: the suppression lists, and the e-mail activity.

The lists' columns are those of the API's elements; what the activity's are called is
documented nowhere, so both the names of its events and those of its messages are met.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC

from bot.imports.failure_rows import Row, Told, fingerprint, stamp
from bot.imports.values import CellError, Given, moment
from bot.sendgrid import kinds, lists
from handlers import causes
from storage.failures import Failure, Kind, Medium, Reading, Source, Success
from storage.lists import ListName

# As the activity and its API call them -> the webhook's event and the bounce's type.
_EVENTS = {
    "bounced": ("bounce", ""),
    "blocked": ("bounce", "blocked"),
    "block": ("bounce", "blocked"),
    "spam_report": ("spamreport", ""),
    "spam report": ("spamreport", ""),
    "drop": ("dropped", ""),
    "group unsubscribe": ("group_unsubscribe", ""),
}
_TYPES = {"hard": "bounce", "soft": "blocked"}
_NOT_DELIVERED = "not_delivered"


def listed(row: Row, given: Given, name: ListName) -> Told:
    """One entry of a list. Without a time it is history."""
    created = row.get("created", "").strip()
    at = moment("created", created, given, UTC) if created else None
    element = {
        "email": _address(row),
        "created": at and int(at.timestamp()),
        "reason": row.get("reason", ""),
        "status": row.get("status", ""),
        "group_name": row.get("group", ""),
    }
    failure = lists.failure(
        lists.entry(name, element), given.connected_at, given.now, rules=given.rules
    )
    return (replace(failure, source=Source.CSV),)


def activity(row: Row, given: Given) -> Told:
    """One event or message; nothing for what kept no message from its recipient."""
    word = (row.get("event") or row.get("status", "")).strip().casefold()
    event, type_ = _EVENTS.get(word, (word, ""))
    if event in kinds.IGNORED:
        return ()
    address = _address(row)
    at = moment("processed", row.get("processed") or row.get("occurred_at", ""), given, UTC)
    name = row.get("message_id", "").strip()
    told = fingerprint(event, address, name or stamp(at))
    if event == kinds.DELIVERED:
        return (
            Success(
                source=Source.CSV,
                source_id=told,
                medium=Medium.EMAIL,
                recipient=address,
                occurred_at=at,
                reference=name,
                history=True,
            ),
        )
    failure = Failure(
        source=Source.CSV,
        source_id=told,
        medium=Medium.EMAIL,
        kind=Kind.UNCLASSIFIED,
        recipient=address,
        occurred_at=at,
        reference=name,
        tag=row.get("subject_or_tag", ""),
        raw=json.dumps(dict(row), ensure_ascii=False),
        history=at < given.connected_at,
    )
    return (_understood(failure, row, event, type_, given),)


def _understood(failure: Failure, row: Row, event: str, type_: str, given: Given) -> Failure:
    text = row.get("reason", "")
    code, status = causes.smtp_code_of(text), causes.enhanced_status_of(text)
    told_type = row.get("bounce_type", "").strip().casefold()
    type_ = type_ or _TYPES.get(told_type, told_type)
    kind = kinds.kind_of_event(event, type_, status or code)
    if event == _NOT_DELIVERED:
        kind = kinds.kind_of_bounce("", status or code)
    if kind is None:
        raise CellError("event", f"{event[:40]!r} is not a name that we know")
    spoken = kind in causes.TOLD_BY_A_SERVER
    return replace(
        failure,
        kind=kind,
        dropped_by=kinds.dropped_by(text) if kind is Kind.DROPPED else None,
        provider_text=text,
        smtp_code=code,
        status=status,
        reading=causes.read(text, code, status, rules=given.rules) if spoken else Reading(),
    )


def _address(row: Row) -> str:
    address = (row.get("email") or row.get("recipient", "")).strip()
    if not address:
        raise CellError("email", "is missing")
    return address
