"""What one connection may cost us: time for its head, its body and our answer, and its place.

uvicorn bounds only the pause between two requests. Without more, somebody who
sends a byte a second, or nothing at all, keeps a connection for ever, and a
thousand of those keep everybody else out.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import h11

from bot.lineworks import hang_up


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Seconds, but `most`: so many connections at once."""

    head: float = 10.0  # from the connection, or the last answer, to the end of a request's head
    body: float = 60.0  # from there to the end of its body
    rest: float = 2.0  # for what is still sent of a body that has been answered
    unread: float = 60.0  # for taking the next part of our answer
    most: int = 512


class Bounded(hang_up.HangUpProtocol):
    """Closes what waits too long, and the longest waiting where there are too many."""

    bounds = Bounds()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waits_for = ""
        self._since = 0.0
        self._ends: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > self.bounds.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._ends, self._stuck):
            if timer:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._wait()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck = self.loop.call_later(self.bounds.unread, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stuck:
            self._stuck.cancel()

    def _wait(self) -> None:
        """Give what is awaited now its time, from when it began to be awaited."""
        awaited = self._awaited()
        if awaited == self._waits_for:
            return
        self._waits_for, self._since = awaited, self.loop.time()
        if self._ends:
            self._ends.cancel()
        self._ends = (
            self.loop.call_later(getattr(self.bounds, awaited), self.transport.abort)
            if awaited and not self.transport.is_closing()
            else None
        )

    def _awaited(self) -> str:
        """Which bound holds; empty while the request is whole and it is our turn."""
        if self.conn.their_state is h11.SEND_BODY:
            return "rest" if self.cycle.response_complete else "body"
        return "head" if self.conn.their_state is h11.IDLE else ""

    def _make_room(self) -> None:
        """Who has not even asked goes first, then who has not finished asking, then the newest."""
        for awaited in ("head", "body"):
            others = [
                one
                for one in self.connections
                if one is not self and isinstance(one, Bounded) and one._waits_for == awaited  # noqa: SLF001 - its own kind
            ]
            if others:
                min(others, key=lambda one: one._since).transport.abort()  # noqa: SLF001 - its own kind
                return
        self.transport.abort()


# For `uvicorn.Config`.
SERVER_OPTIONS: dict[str, Any] = hang_up.SERVER_OPTIONS | {"http": Bounded}
