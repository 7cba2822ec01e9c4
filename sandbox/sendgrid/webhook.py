"""The Event Webhook: signs, posts in batches, repeats, re-orders, and tries again."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.wire import Wire

_RETRIES = (0.5, 1, 2, 4, 8, 16, 32)  # seconds; the vendor's grow too, over 24 hours
_OK = range(200, 300)
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@dataclass(frozen=True, kw_only=True)
class Manners:
    """`batch_seconds` is how long events gather; `batch` the most that share a post."""

    url: str = ""
    repeat: int = 0
    new_event_ids: bool = False
    reorder: bool = False
    batch: int = 500
    batch_seconds: float = 0.3


@dataclass(kw_only=True, eq=False)
class _Post:
    body: bytes
    headers: dict[str, str]
    due: float = 0.0
    tries: int = 0


def _json(event: Any) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def _renamed(event: Any) -> Any:
    if not isinstance(event, dict):
        return event
    return event | {"sg_event_id": f"{event.get('sg_event_id')}-again"}


class Webhook:
    """`tell` takes events, `flush` posts them. Without a URL nobody is told, ever."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._lock, self._posting = threading.Lock(), threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self.manners = Manners()
            self.lost_posts = 0
            self._waiting: list[tuple[float, Any]] = []
            self._posts: list[_Post] = []

    @property
    def public_key(self) -> str:
        """Base64 of the SubjectPublicKeyInfo on one line, as the settings page shows it."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def set(self, manners: dict[str, Any]) -> None:
        with self._lock:
            self.manners = replace(self.manners, **manners)

    def tell(self, events: list[Any]) -> None:
        with self._lock:
            if self.manners.url:
                self._waiting += [(time.monotonic(), event) for event in events]

    def flush(self, *, patient: bool = False) -> list[int]:
        """Post what waits; the statuses. `patient` leaves young batches and retries alone."""
        with self._posting:
            return [self._try(post) for post in self._take(time.monotonic(), patient=patient)]

    def _take(self, now: float, *, patient: bool) -> list[_Post]:
        with self._lock:
            oldest = self._waiting[0][0] if self._waiting else now
            if not patient or now - oldest >= self.manners.batch_seconds:
                self._posts += self._batches([event for _, event in self._waiting])
                self._waiting = []
            due = [post for post in self._posts if not patient or post.due <= now]
            self._posts = [post for post in self._posts if post not in due]
        return due

    def _batches(self, events: list[Any]) -> Iterator[_Post]:
        ways = self.manners
        told = events[::-1] if ways.reorder else events
        for start in range(0, len(told), ways.batch):
            batch = told[start : start + ways.batch]
            first = self._signed(batch)
            yield first
            for _ in range(ways.repeat):
                batch = [_renamed(event) for event in batch]
                yield self._signed(batch) if ways.new_event_ids else replace(first)

    def _signed(self, events: list[Any]) -> _Post:
        """The body ends with CR LF: only the raw bytes verify. Retries keep the stamp."""
        body = ("[" + ",".join(map(_json, events)) + "]\r\n").encode()
        stamp = str(int(time.time()))
        signature = self._key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        headers = {
            "Content-Type": "application/json",
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }
        return _Post(body=body, headers=headers)

    def _try(self, post: _Post) -> int:
        status = self._wire.post(self.manners.url, post.body, post.headers)
        with self._lock:
            if status not in _OK and post.tries < len(_RETRIES):
                post.due = time.monotonic() + _RETRIES[post.tries]
                post.tries += 1
                self._posts.append(post)
            elif status not in _OK:
                self.lost_posts += 1
        return status
