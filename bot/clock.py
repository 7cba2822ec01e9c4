"""The Clock port: the wall's, or a sandbox's that can be turned."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot import http

_ASK_SECONDS = 0.5
_TIMEOUT_SECONDS = 2.0
# A step that a clock at its stated rate does not make by itself.
_JUMP = timedelta(seconds=3)


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class TurnedClock:
    """Follows `GET CLOCK_URL`, asked twice a second; `on_jump` is called when it was turned."""

    def __init__(self, url: str) -> None:
        self._client = http.client(connect=_TIMEOUT_SECONDS, read=_TIMEOUT_SECONDS)
        self._url = url
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._at = datetime.now(UTC)
        self._mark = time.monotonic()
        self._rate = 1.0
        self._ask()

    def now(self) -> datetime:
        with self._lock:
            return self._at + timedelta(seconds=(time.monotonic() - self._mark) * self._rate)

    def follow(self, on_jump: Callable[[], None]) -> None:
        """Ask in the background until `stop`."""

        def asking() -> None:
            while not self._stopped.wait(_ASK_SECONDS):
                expected = self.now()
                if self._ask() and abs(self.now() - expected) > _JUMP:
                    on_jump()

        threading.Thread(target=asking, daemon=True, name="clock").start()

    def stop(self) -> None:
        self._stopped.set()
        self._client.close()

    def _ask(self) -> bool:
        """A clock that does not answer goes on at its last rate."""
        try:
            answer = self._client.get(self._url).json()
            at, rate = datetime.fromisoformat(answer["now"]), float(answer["rate"])
        except (http.HTTPError, ValueError, KeyError, RuntimeError):
            return False
        with self._lock:
            self._at, self._mark, self._rate = at, time.monotonic(), rate
        return True
