"""The sandbox's clock: turned by hand, read by everyone, the bot included.

`GET /clock` answers `{"now": ISO 8601 with zone, "rate": clock seconds per second}`;
`POST /clock` takes `{"to": ISO 8601}` or `{"by": seconds}`.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


class Clock:
    """Runs at the real pace from wherever it was last turned to; never backwards."""

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._set = start or datetime.now(UTC)
        self._mark = time.monotonic()
        self.asked = 0  # how often it was read over HTTP

    def now(self) -> datetime:
        with self._lock:
            return self._now()

    def _now(self) -> datetime:
        return self._set + timedelta(seconds=time.monotonic() - self._mark)

    def turn(self, to: datetime) -> datetime:
        """Jump ahead to `to`; a time that has passed already changes nothing."""
        with self._lock:
            self._set, self._mark = max(to, self._now()), time.monotonic()
            return self._set

    def routes(self) -> list[Route]:
        return [Route("/clock", self._clock, methods=["GET", "POST"])]

    async def _clock(self, request: Request) -> JSONResponse:
        if request.method == "POST":
            wish = await request.json()
            if "to" in wish:
                self.turn(datetime.fromisoformat(wish["to"]))
            else:
                self.turn(self.now() + timedelta(seconds=float(wish["by"])))
        with self._lock:
            self.asked += 1
            return JSONResponse({"now": self._now().isoformat(), "rate": 1})
