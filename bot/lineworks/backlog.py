"""What the relay has seen, told to storage behind the sender's back.

Never in its way: the queue is bounded, and what cannot be told becomes a gap.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import stamina
import structlog
from cryptography.fernet import MultiFernet

from bot import http
from bot.lineworks.bodies import Bodies, Told
from bot.lineworks.daily_cap import Streak, Streaks, grade
from bot.lineworks.errors import Refusal, read_refusal
from bot.lineworks.recalling import streak_of
from bot.lineworks.relayed import Answer, Relayed, batch, source_id
from bot.lineworks.rules import Evidence, Rule
from handlers.calendars import start_of_tokyo_day
from storage.failures import Batch, Failure, Kind
from storage.store import StorageBusyError

_log = structlog.get_logger(__name__)
_OK = range(200, 300)
_LONGEST = 1000
_PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One notification and its answer. `status` 0: none came, and `lost` says why."""

    tenant: str
    at: datetime
    relayed: Relayed
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    lost: str = ""
    never_left: bool = False


class Teller:
    """Reads what was seen and hands it on as a Batch.

    `take(tenant, batch)` stores, `successes(tenant, since)` counts what was
    accepted, `limited(tenant, since)` recalls since when nothing was, and what was
    refused for its number since then, `rejected(tenant, told)` renames what was taken
    for an outage and was the message; `deadline(at)` is the one for messages whose
    host names none.
    """

    def __init__(
        self,
        *,
        take: Callable[[str, Batch], object],
        successes: Callable[[str, datetime], int],
        limited: Callable[[str, datetime], tuple[datetime, Sequence[Failure]]],
        rejected: Callable[[str, Sequence[Told]], object],
        deadline: Callable[[datetime], datetime],
        cipher: MultiFernet,
        rules: Sequence[Rule] | None = None,
        cap: int | None = None,
    ) -> None:
        self._take = take
        self._successes = successes
        self._deadline = deadline
        self._cipher = cipher
        self._rules = rules
        self._cap = cap
        self._limited = limited
        self._rejected = rejected
        self._streaks = Streaks(self._recalled)
        self._bodies = Bodies()

    def tell(self, seen: Seen) -> None:
        """Raises what storing raises."""
        refusal = None if seen.status in _OK else self._graded(seen, self._refusal(seen))
        if refusal is None:
            self._streaks.accepted(seen.tenant)
        earlier = self._judged(seen, refusal)
        if refusal and earlier is not None:
            refusal = replace(refusal, kind=Kind.MESSAGE_REJECTED, evidence=Evidence.GUESSED)
        answer = Answer(at=seen.at, status=seen.status, headers=dict(seen.headers), refusal=refusal)
        told = batch(seen.relayed, answer, self._cipher, self._deadline)
        _patiently(partial(self._take, seen.tenant, told))
        if earlier:
            _patiently(partial(self._rejected, seen.tenant, earlier))

    def _judged(self, seen: Seen, refusal: Refusal | None) -> Sequence[Told] | None:
        told = (seen.relayed.recipient, source_id(seen.relayed, seen.at))
        kind = refusal.kind if refusal else None
        return self._bodies.judge(seen.tenant, seen.relayed, told, seen.status, kind)

    def _refusal(self, seen: Seen) -> Refusal:
        if seen.lost:
            kind = Kind.PROVIDER_DOWN if seen.never_left else Kind.UNANSWERED
            return Refusal(kind=kind, code=seen.lost, text="", evidence=Evidence.DOCUMENTED)
        body = http.decoded(seen.headers, seen.body)
        return read_refusal(seen.status, dict(seen.headers), body, self._rules)

    def _recalled(self, tenant: str, at: datetime) -> Streak | None:
        since, failures = self._limited(tenant, start_of_tokyo_day(at))
        return streak_of(failures, since, self._rules)

    def _graded(self, seen: Seen, refusal: Refusal) -> Refusal:
        if refusal.kind is not Kind.TOO_FREQUENT:
            return refusal
        streak = self._streaks.refused(seen.tenant, seen.at, refusal.retry_after)
        accepted = self._successes(seen.tenant, start_of_tokyo_day(seen.at)) if self._cap else 0
        kind = grade(refusal.kind, streak, accepted, self._cap)
        proven = kind is refusal.kind
        return replace(
            refusal, kind=kind, evidence=refusal.evidence if proven else Evidence.GUESSED
        )


def _patiently(write: Callable[[], object]) -> None:
    for attempt in stamina.retry_context(on=StorageBusyError, attempts=8, timeout=_PATIENCE):
        with attempt:
            write()


class Backlog:
    """One thread that tells, in order. `gap(tenant, at)`: something of then was not stored."""

    def __init__(
        self,
        tell: Callable[[Seen], None],
        gap: Callable[[str, datetime], None],
        longest: int = _LONGEST,
    ) -> None:
        self._tell = tell
        self._gap = gap
        self._queue: queue.Queue[Seen | None] = queue.Queue(longest)
        self._thread = threading.Thread(target=self._work, name="relay-backlog", daemon=True)
        self._thread.start()

    def put(self, seen: Seen) -> None:
        """Never waits and never raises."""
        try:
            self._queue.put_nowait(seen)
        except queue.Full:
            self._lose(seen, "queue_full")

    def close(self, patience: float = 10.0) -> None:
        """Tell what is left, for so many seconds at most."""
        with suppress(queue.Full):
            self._queue.put(None, timeout=patience)
        self._thread.join(patience)

    def _work(self) -> None:
        while seen := self._queue.get():
            try:
                self._tell(seen)
            except Exception as error:  # noqa: BLE001 - one boundary: whatever it was, it is a gap
                self._lose(seen, type(error).__name__)

    def _lose(self, seen: Seen, word: str) -> None:
        try:
            _log.warning("relay_gap", word=word)
            self._gap(seen.tenant, seen.at)
        except Exception as error:  # noqa: BLE001 - the sender goes on, whatever breaks here
            _log.error("relay_gap_untold", word=type(error).__name__)
