"""Writes that wait for the writer's turn: whoever has it carries out what the others wait with."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from storage.store import StorageBusyError
from storage.verbs.engine import Connection, Engine

# So many events are put into one transaction at most: others wait for its end.
_MOST_TOGETHER = 5000

T = TypeVar("T")


class Write(Generic[T]):
    """What is to be done, how many events that is about, and what became of it.

    `brief` goes before what takes longer, in a transaction without it. Once it is carried
    out a power cut cannot take it any more, unless it need not be `synced`.
    """

    def __init__(
        self,
        tenant: str,
        size: int,
        run: Callable[[Connection], T],
        *,
        brief: bool = False,
        synced: bool = True,
    ) -> None:
        self.tenant = tenant
        self.size = size
        self.run = run
        self.brief = brief
        self.synced = synced
        self._settled = threading.Event()
        self._became: list[T] = []
        self._error: Exception | None = None

    @property
    def settled(self) -> bool:
        return self._settled.is_set()

    def succeed(self, became: T) -> None:
        self._became.append(became)
        self._settled.set()

    def fail(self, error: Exception | None = None) -> None:
        """It stays what it was where it is settled already."""
        self._error = self._error or error
        self._settled.set()

    def outcome(self) -> T:
        self._settled.wait()
        if not self._became:
            raise self._error or StorageBusyError("the write was broken off")
        return self._became[0]


class Together(Engine):
    def __init__(self, place: Any) -> None:
        super().__init__(place)
        self._waiting: deque[Write[Any]] = deque()
        self._brief: deque[Write[Any]] = deque()

    def _written(self, write: Write[T]) -> T:
        """Whoever has the turn writes for the others too: one commit for all."""
        line = self._brief if write.brief else self._waiting
        line.append(write)
        try:
            with self._turn_taken():
                while not write.settled:
                    self._write(self._next())
        except BaseException:
            with suppress(ValueError):
                # Nobody may store later what was just refused.
                line.remove(write)
                raise
        return write.outcome()

    def _next(self) -> list[Write[Any]]:
        line = self._brief or self._waiting
        together = [line.popleft()]
        size = together[0].size
        while line and size + line[0].size <= _MOST_TOGETHER:
            together.append(line.popleft())
            size += together[-1].size
        return together

    def _write(self, together: list[Write[Any]]) -> None:
        """All in one transaction; if it fails, each alone, so that none spoils another's."""
        try:
            tenants = frozenset(one.tenant for one in together)
            synced = any(one.synced for one in together)
            with self._committing(tenants, synced=synced) as connection:
                became = [one.run(connection) for one in together]
                self._arrived(connection)
            for one, outcome in zip(together, became, strict=True):
                one.succeed(outcome)
        except Exception as error:  # noqa: BLE001 - it is raised where the write came from
            if len(together) == 1:
                together[0].fail(error)
            else:
                for one in together:
                    self._write([one])
        finally:
            for one in together:
                one.fail()
