"""Events on their way: what happens when, with the vendor's ids, and which list it moves."""

from __future__ import annotations

import base64
import heapq
import itertools
from typing import Any

from sandbox.sendgrid.mail import Envelope
from sandbox.sendgrid.outcomes import Step
from sandbox.sendgrid.suppressions import Suppressions

Event = dict[str, Any]

_TEST_ID = "14c5d75ce93.dfd.64b469"
_TEST_SET: list[Event] = [
    {"event": "processed"},
    {"event": "deferred", "response": "400 try again later", "attempt": "5"},
    {"event": "delivered", "response": "250 OK"},
    {"event": "open", "useragent": "Mozilla/4.0", "ip": "192.0.2.20"},
    {"event": "bounce", "reason": "500 unknown recipient", "status": "5.0.0"},
    {"event": "dropped", "reason": "Bounced Address", "status": "5.0.0"},
    {"event": "spamreport"},
    {"event": "unsubscribe"},
    {"event": "group_unsubscribe", "asm_group_id": 10, "url": "https://example.com/"},
]
_NUMBERS = itertools.count(1)  # goes on over a reset: an id is never used twice
# (event, its type or reason) -> the list it puts the address on.
_LISTS = {
    ("bounce", "bounce"): "bounces",
    ("bounce", "blocked"): "blocks",
    ("bounce", "expired"): "blocks",
    ("dropped", "Invalid"): "invalid_emails",
    ("spamreport", None): "spam_reports",
    ("unsubscribe", None): "unsubscribes",
}


def _id(*parts: object) -> str:
    return base64.urlsafe_b64encode("-".join(map(str, parts)).encode()).decode().rstrip("=")


def test_batch(now: int) -> list[Event]:
    """What the dashboard's test button sends: signed like real traffic, about nobody."""
    ids = {"smtp-id": f"<{_TEST_ID}@ismtpd-555>", "sg_message_id": f"{_TEST_ID}.filter0001.1.1.0"}
    same = {"email": "example@test.com", "timestamp": now, "category": ["test"], **ids}
    return [same | event | {"sg_event_id": _id("test", event["event"], now)} for event in _TEST_SET]


class Agenda:
    """Events in the order of their times; those to come wait for the clock."""

    def __init__(self, lists: Suppressions) -> None:
        self._lists = lists
        self._coming: list[tuple[float, int, Event]] = []

    def __len__(self) -> int:
        return len(self._coming)

    def plan(self, envelope: Envelope, message: str, part: int, at: float, told: list[Step]) -> str:
        """The id under which its events speak of the mail."""
        ids = {
            "smtp-id": f"<{message}@geopod-ismtpd-7>",
            "sg_message_id": f"{message}.recvd-6f7c-1-6AB0-1.{part}",
        }
        for after, said in told:
            nameless = "smtp-id" in said
            event = ({} if nameless else envelope.extras) | {"email": envelope.email, **ids, **said}
            self.add(at + after, {key: value for key, value in event.items() if value is not None})
        return ids["sg_message_id"]

    def add(self, at: float, event: Event) -> None:
        number = next(_NUMBERS)
        own = {"timestamp": int(at), "sg_event_id": _id(event["event"], 1001, int(at), number)}
        heapq.heappush(self._coming, (at, number, own | event))

    def due(self, now: float) -> list[Event]:
        """Take what has happened by `now`, after it has moved the lists."""
        happened = []
        while self._coming and self._coming[0][0] <= now:
            happened.append(heapq.heappop(self._coming)[2])
            self._move(happened[-1])
        return happened

    def _move(self, event: Event) -> None:
        email, group = str(event.get("email", "")), str(event.get("asm_group_id", ""))
        name = _LISTS.get((event["event"], event.get("type") or event.get("reason")), "")
        if event["event"] == "group_unsubscribe":
            name = group
        if event["event"] == "group_resubscribe":
            self._lists.remove(group, email)
        elif name and not (name == "invalid_emails" and self._lists.one(name, email)):
            self._lists.add(name, email, int(event["timestamp"]), event)
