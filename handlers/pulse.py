"""That we are up: noted at every look, stored once a minute, never claimed for a silence."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from handlers.alarming import alarm
from handlers.house import House
from handlers.tasks import Unit
from storage.coverage import SKEW, Stretch
from storage.failures import Source
from storage.spans import Span, Spans, subtract, union
from storage.store import StorageBusyError

BEAT = timedelta(minutes=1)
_BEAT_SECONDS = 60.0
# Whoever has stored nothing for so many seconds slept, or could not have stored a failure either.
SILENCE = 180.0
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)

Lost = Mapping[Source, Spans]


class Pulse:
    """The pushed sources of this process. `wall` tells real seconds, whoever turns the clock."""

    def __init__(
        self, house: House, sources: Sequence[Source], wall: Callable[[], float] = time.time
    ) -> None:
        self._house = house
        self._sources = tuple(sources)
        self._wall = wall
        self._turn = threading.Lock()
        self._since = self._at = _kept(house.now())
        self._stored = wall()
        self._lost: Lost = {}

    def up(self) -> tuple[Stretch, ...]:
        """What is not stored yet, the lost included; of each source at least an empty stretch."""
        with self._turn:
            self._look()
            return self._unstored()

    def due(self) -> list[Unit]:
        with self._turn:
            self._look()
            stale = self._at - self._since >= BEAT or self._wall() - self._stored >= _BEAT_SECONDS
            wanted = self._sources and (stale or self._lost)
        return [Unit("pulse", "pulse", self.beat)] if wanted else []

    def missed(self, source: Source, at: datetime) -> None:
        """Something that passed then could not be stored: its minute is a gap. Never raises."""
        minute = at.replace(second=0, microsecond=0)
        with self._turn:
            known = self._lost.get(source, ())
            lost = union([*known, Span(minute, minute + _MINUTE)])
            self._lost = {**self._lost, source: lost}
        self._house.wake()

    def beat(self) -> None:
        """Raises StorageBusyError; what is not stored then is told with the next one."""
        house = self._house
        with self._turn:
            self._look()
            told, until, lost = self._unstored(), self._at, self._lost
        house.store.keep_stretches(house.tenant, told, nothing_after=until + SKEW)
        for hour in _hours(lost):
            alarm(house, "relay_gap", hour)
        with self._turn:
            self._since, self._stored = min(until, self._at), self._wall()
            self._lost = _without(self._lost, lost)

    def stop(self) -> None:
        """The last beat, so that an orderly end leaves no more of a gap than there is."""
        with suppress(StorageBusyError):
            self.beat()

    def _unstored(self) -> tuple[Stretch, ...]:
        up = [Stretch(source=source, since=self._since, until=self._at) for source in self._sources]
        lost = [
            Stretch(source=source, since=one.since, until=one.until, lost=True)
            for source, spans in self._lost.items()
            for one in spans
        ]
        return (*up, *lost)

    def _look(self) -> None:
        """A clock that was turned has only jumped; a wall that went on without us was a silence."""
        self._at = _kept(self._house.now())
        slept = self._wall() - self._stored > SILENCE
        self._since = self._at if slept else min(self._since, self._at)


def _kept(moment: datetime) -> datetime:
    """As the storage keeps it, in milliseconds: what is stored and what is not must touch."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _without(lost: Lost, told: Lost) -> Lost:
    left = {source: subtract(spans, told.get(source, ())) for source, spans in lost.items()}
    return {source: spans for source, spans in left.items() if spans}


def _hours(lost: Lost) -> Iterator[datetime]:
    for span in union(one for spans in lost.values() for one in spans):
        hour = span.since.replace(minute=0)
        while hour < span.until:
            yield hour
            hour += _HOUR
