"""Callbacks taken at once and worked off behind the answer: LINE WORKS tells nothing twice."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from bot.lineworks.callback import (
    Began,
    CallbackError,
    Event,
    Ignored,
    Pressed,
    Said,
    parse,
    verify,
)
from handlers.wording import say

_log = structlog.get_logger(__name__)
_REMEMBERED = 10_000
_LONGEST = 1_000


class Once:
    """Remembers the newest bodies: callbacks carry no id, and a recorded one may be sent again."""

    def __init__(self, longest: int = _REMEMBERED) -> None:
        self._longest = longest
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def first(self, body: bytes) -> bool:
        digest = hashlib.sha256(body).digest()
        with self._lock:
            if digest in self._seen:
                return False
            self._seen[digest] = None
            if len(self._seen) > self._longest:
                self._seen.popitem(last=False)
            return True


class Crew:
    """A few threads with bounded queues; one person's events stay on one thread, in order."""

    def __init__(
        self, hear: Callable[[Event], None], threads: int = 4, longest: int = _LONGEST
    ) -> None:
        self._hear = hear
        self._queues: list[queue.Queue[Event | None]] = [
            queue.Queue(longest) for _ in range(threads)
        ]
        self._threads = [
            threading.Thread(target=self._work, args=(one,), name="lineworks-talk", daemon=True)
            for one in self._queues
        ]
        for thread in self._threads:
            thread.start()

    def put(self, event: Said | Pressed | Began) -> None:
        """Raises queue.Full rather than waiting."""
        self._queues[hash(event.person) % len(self._queues)].put_nowait(event)

    def close(self, patience: float = 10.0) -> None:
        """Answer what has been taken, for so many seconds at most and per thread."""
        for one in self._queues:
            with suppress(queue.Full):
                one.put(None, timeout=patience)
        for thread in self._threads:
            thread.join(patience)

    def _work(self, events: queue.Queue[Event | None]) -> None:
        while event := events.get():
            self._hear(event)


class Callbacks:
    """The endpoint of one bot. `secrets`: the bot's, newest first."""

    def __init__(self, bot_id: str, secrets: Sequence[str], crew: Crew) -> None:
        self._bot_id = bot_id
        self._secrets = secrets
        self._crew = crew
        self._once = Once()

    def receive(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer, at once; the work follows behind it."""
        try:
            self._take(body, headers)
        except CallbackError as error:
            _log.warning("lineworks_callback_refused", status=error.status, why=error.why)
            return error.status, error.why.encode()
        except queue.Full:
            _log.error("lineworks_callback_lost", why="queue_full")
            return 503, b"too much at once"
        return 200, b""

    def _take(self, body: bytes, headers: Mapping[str, str]) -> None:
        verify(body, headers, self._secrets, self._bot_id)
        # Freshness goes by the wall clock, whatever the business time is.
        event = parse(body, datetime.now(UTC), _names())
        if not self._once.first(body):
            raise CallbackError(403, "this very callback was here before")
        if not isinstance(event, Ignored):
            self._crew.put(event)


def _names() -> list[str]:
    return [name for locale in ("ja", "en") for name in say("talk.names", locale).split()]
