"""The one way in: a batch becomes rows, moved cases and counted hours, in one transaction."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from datetime import datetime
from typing import Any

from storage.failures import Batch, Failure, Recorded, Source, Success
from storage.rows import columns, maybe_time, to_ms
from storage.store import StorageBusyError
from storage.verbs.arrivals import know, put_failures, put_successes
from storage.verbs.counts import count_hours
from storage.verbs.engine import Connection, Engine
from storage.verbs.quarantine import count_told, put_aside, release
from storage.verbs.retelling import retell

# So many events are put into one transaction at most: others wait for its end.
_MOST_TOGETHER = 5000


class _Told:
    """A batch that waits for its turn, and what became of it."""

    def __init__(self, tenant: str, batch: Batch, at: int) -> None:
        self.tenant = tenant
        self.batch = batch
        self.at = at
        self.settled = threading.Event()
        self.recorded: Recorded | None = None
        self.error: Exception | None = None

    def size(self) -> int:
        return sum(map(len, (self.batch.failures, self.batch.successes, self.batch.set_aside)))

    def outcome(self) -> Recorded:
        self.settled.wait()
        if self.recorded is None:
            raise self.error or StorageBusyError("the write was broken off")
        return self.recorded


class Intake(Engine):
    def __init__(self, place: Any) -> None:
        super().__init__(place)
        self._waiting: deque[_Told] = deque()

    def record(self, tenant: str, batch: Batch, now: datetime) -> Recorded:
        """Whoever has the turn stores what the others wait with too: one commit for all."""
        told = _Told(tenant, batch, to_ms(now))
        self._waiting.append(told)
        try:
            with self._turn_taken():
                while not told.settled.is_set():
                    self._record_all(self._next())
        except BaseException:
            with suppress(ValueError):
                # Nobody may store later what was just refused.
                self._waiting.remove(told)
                raise
        return told.outcome()

    def _next(self) -> list[_Told]:
        together = [self._waiting.popleft()]
        size = together[0].size()
        while self._waiting and size + self._waiting[0].size() <= _MOST_TOGETHER:
            together.append(self._waiting.popleft())
            size += together[-1].size()
        return together

    def _record_all(self, together: list[_Told]) -> None:
        """All in one transaction; if it fails, each alone, so that none spoils another's."""
        try:
            with self._committing(frozenset(one.tenant for one in together)) as connection:
                recorded = [self._record(connection, one) for one in together]
                self._arrived(connection)
            for one, became in zip(together, recorded, strict=True):
                one.recorded = became
        except Exception as error:  # noqa: BLE001 - it is raised where the batch came from
            together[0].error = error
            for one in together if len(together) > 1 else ():
                self._record_all([one])
        finally:
            for one in together:
                one.settled.set()

    def _record(self, connection: Connection, told: _Told) -> Recorded:
        tenant, batch, told_at = told.tenant, told.batch, told.at
        events: tuple[Failure | Success, ...] = (*batch.failures, *batch.successes)
        here = (connection, self._queries, tenant)
        if batch.retried and not release(*here, batch.retried):
            return Recorded()
        known = know(*here, events)
        failed = zip(batch.failures, known, strict=False)
        reached = zip(batch.successes, known[len(batch.failures) :], strict=True)
        delivered = put_successes(*here, reached, told_at)
        new, again = put_failures(*here, failed, told_at)
        retell(*here, told_at, new, again, delivered)
        count_hours(*here, (*new, *again), delivered)
        self._keep(connection, tenant, batch)
        aside = put_aside(*here, batch.set_aside, told_at)
        recorded = Recorded(
            new=len(new) + len(delivered),
            repeated=len(events) - len(new) - len(delivered) + aside.again,
            set_aside=aside.new,
            ignored=batch.ignored,
            pushed_out=aside.pushed_out,
            new_failures=tuple(one.failure for one in new),
        )
        count_told(*here, batch, recorded)
        return recorded

    def _keep(self, connection: Connection, tenant: str, batch: Batch) -> None:
        self._queries.keep_message(
            connection, [columns(kept) | {"tenant": tenant} for kept in batch.kept]
        )

    def forget_fingerprints(self, tenant: str, before: datetime) -> int:
        """Deliveries told again after this would count twice, so keep them some days."""
        with self._writing(tenant) as connection:
            forgotten: int = self._queries.forget_successes(
                connection, tenant=tenant, before=to_ms(before)
            )
        return forgotten

    def successes_since(self, tenant: str, source: Source, since: datetime) -> int:
        """Deliveries that are still remembered one by one."""
        with self._reading() as connection:
            row = self._queries.successes_after(
                connection, tenant=tenant, source=source, since=to_ms(since)
            )
        return int(row[0])

    def newest_success(self, tenant: str, source: Source, since: datetime) -> datetime | None:
        with self._reading() as connection:
            row = self._queries.success_after(
                connection, tenant=tenant, source=source, since=to_ms(since)
            )
        return maybe_time(row[0])

    def succeeded(self, tenant: str, source: Source, source_id: str) -> bool:
        with self._reading() as connection:
            row = self._queries.success_seen(
                connection, tenant=tenant, source=source, source_id=source_id
            )
        return row is not None
