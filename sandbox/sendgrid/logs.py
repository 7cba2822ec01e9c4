"""`POST /v3/logs` and `GET /v3/logs/{id}`: every message with its events, 30 days, seen late.

The query grammar as the vendor writes it down: conditions joined by AND, nothing
nested, `=` and `IN` with single quotes, times as `TIMESTAMP "…Z"`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.sendgrid.keys import refuse

Message = dict[str, Any]

KEPT_SECONDS = 30 * 86_400
_LARGEST, _USUAL, _MOST_EVENTS = 1000, 10, 100
_STATUS = {
    "processed": "processed",
    "deferred": "deferred",
    "dropped": "dropped",
    "delivered": "delivered",
    "open": "delivered",
    "click": "delivered",
}
_STATUSES = {*_STATUS.values(), "bounced", "blocked"}
_SHOWN = ("from_email", "sg_message_id", "subject", "to_email", "reason", "status")
_CREATED = "sg_message_id_created_at"
# The vendor's own fields of an event; what else the webhook merges in stands apart here.
_FIELDS = frozenset(
    """
    event email timestamp sg_event_id sg_message_id smtp-id reason response status type attempt
    bounce_classification ip tls category asm_group_id domain from pool useragent url
    """.split()  # noqa: SIM905 - a paragraph of names reads better
)

_CONDITION = re.compile(
    r"\s*(?:(?P<equal>sg_message_id|subject|to_email|reason)\s*=\s*'(?P<value>[^']*)'"
    r"|(?P<among>status|categories)\s+IN\s*\((?P<values>\s*'[^']*'(?:\s*,\s*'[^']*')*\s*)\)"
    r"|sg_message_id_created_at\s*(?P<than>[<>]=?)\s*TIMESTAMP\s*\"(?P<moment>[^\"]+Z)\")"
    r"\s*(?:AND(?=\s)|$)"
)
_THAN: dict[str, Callable[[float, float], bool]] = {
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}

Fits = Callable[[Message], bool]


class Logs:
    """`delay`: seconds until an event can be seen."""

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}
        self.delay = 300.0

    def sent(self, message: str, created: float, to: str, subject: str) -> None:
        self._messages[message] = {
            "from_email": "notice@example.co.jp",
            "sg_message_id": message,
            "subject": subject,
            "to_email": to,
            "created": created,
            "events": [],
        }

    def take(self, event: Message) -> None:
        """What the webhook is told; about mail that nobody sent here, only events that fail."""
        number = event.get("sg_message_id")
        if not number:
            return
        if number not in self._messages:
            self.sent(number, event["timestamp"], str(event.get("email", "")), "")
        self._messages[number]["events"].append(event)

    def search(self, body: bytes, now: float) -> dict[str, Any]:
        try:
            asked = json.loads(body)
            query, limit = str(asked.get("query", "")), int(asked.get("limit", _USUAL))
        except (AttributeError, TypeError, ValueError):
            raise refuse(400, "bad request") from None
        if not 1 <= limit <= _LARGEST:
            raise refuse(400, f"limit must be a number from 1 to {_LARGEST}", "limit")
        fits = _parsed(query)
        found = [self._row(message, now) for message in reversed(self._messages.values())]
        rows = [row for row in found if row and all(one(row) for one in fits)]
        return {"messages": [_shown(row) for row in rows[:limit]]}

    def one(self, number: str, now: float) -> dict[str, Any]:
        row = self._row(self._messages.get(number, {}), now)
        if row is None:
            raise refuse(404, "message not found")
        events = [_apart(event) for event in row["seen"][-_MOST_EVENTS:]]
        custom: Message = next(
            (event["custom_args"] for event in events if event["custom_args"]), {}
        )
        more = {"api_key_id": "made-up", "client_ip": "192.0.2.30", "custom_args": custom}
        return {name: row[name] for name in _SHOWN if name in row} | more | {"events": events}

    def _row(self, message: Message, now: float) -> Message | None:
        """The message as it can be seen now; None where it cannot."""
        if not message or not now - KEPT_SECONDS <= message["created"] <= now - self.delay:
            return None
        seen = [one for one in message["events"] if one["timestamp"] <= now - self.delay]
        told = [one for one in seen if one["event"] in _STATUS or one["event"] == "bounce"]
        last = told[-1] if told else {"event": "processed"}
        reason = last.get("reason") or last.get("response")
        return (
            message
            | {"seen": seen, "status": _status(last)}
            | ({"reason": reason} if reason else {})
        )


def _status(event: Message) -> str:
    if event["event"] == "bounce":
        return "bounced" if event.get("type", "bounce") == "bounce" else "blocked"
    return _STATUS[event["event"]]


def _shown(row: Message) -> Message:
    created = datetime.fromtimestamp(row["created"], UTC).isoformat(timespec="seconds")
    shown = {name: row[name] for name in _SHOWN if name in row}
    return shown | {_CREATED: created.replace("+00:00", "Z")}


def _apart(event: Message) -> Message:
    own = {name: value for name, value in event.items() if name in _FIELDS}
    if isinstance(own.get("category"), str):
        own["category"] = [own["category"]]
    custom = {name: value for name, value in event.items() if name not in _FIELDS}
    return own | {"custom_args": custom}


def _parsed(query: str) -> list[Fits]:
    """Conditions of a message; 400 for what is not in the grammar."""
    fits, at = list[Fits](), 0
    while at < len(query):
        found = _CONDITION.match(query, at)
        if not found:
            raise refuse(400, f"invalid query near {query[at : at + 30]!r}", "query")
        fits.append(_condition(found))
        at = found.end()
    if query.rstrip().endswith("AND"):
        raise refuse(400, "invalid query: a condition is missing", "query")
    return fits


def _condition(found: re.Match[str]) -> Fits:
    if field := found["equal"]:
        return lambda row: row.get(field) == found["value"]
    if found["among"]:
        values = set(re.findall(r"'([^']*)'", found["values"]))
        if found["among"] == "status":
            _known(values)
            return lambda row: row["status"] in values
        return lambda row: bool(values & {tag for e in row["seen"] for tag in _tags(e)})
    try:
        moment = datetime.fromisoformat(found["moment"]).timestamp()
    except ValueError:
        raise refuse(400, f"invalid timestamp {found['moment']!r}", "query") from None
    return lambda row: _THAN[found["than"]](row["created"], moment)


def _known(statuses: set[str]) -> None:
    if statuses - _STATUSES:
        raise refuse(400, f"invalid status: one of {', '.join(sorted(_STATUSES))}", "query")


def _tags(event: Message) -> list[str]:
    told = event.get("category", [])
    return [told] if isinstance(told, str) else list(told)
