"""The one way in: a batch becomes rows, moved cases and counted hours, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from storage.failures import Batch, Failure, Recorded, Source, Success
from storage.rows import columns, maybe_time, to_ms
from storage.storable import listed, storable, storable_value
from storage.verbs.arrivals import know, put_failures, put_successes
from storage.verbs.counts import count_hours
from storage.verbs.engine import Connection
from storage.verbs.inbox import take_out
from storage.verbs.quarantine import count_told, put_aside, release
from storage.verbs.retelling import retell
from storage.verbs.together import Together, Write


def _storable(batch: Batch) -> Batch:
    return replace(
        batch,
        failures=tuple(map(storable_value, batch.failures)),
        successes=tuple(map(storable_value, batch.successes)),
    )


# The fact that `draw_line` leaves for whoever records.
_LINE = "told_from"


class Intake(Together):
    def draw_line(self, tenant: str, at: datetime) -> None:
        with self._writing(tenant) as connection:
            self._queries.put_fact(connection, tenant=tenant, name=_LINE, value=f"{to_ms(at)}")

    def record(self, tenant: str, batch: Batch, now: datetime) -> Recorded:
        events = sum(map(len, (batch.failures, batch.successes, batch.set_aside)))
        told = _storable(batch)
        record = partial(self._record, tenant=tenant, batch=told, told_at=to_ms(now))
        # What comes from the inbox lies there still if a power cut takes this.
        return self._written(Write(tenant, events, record, synced=not batch.posts))

    def _record(self, connection: Connection, tenant: str, batch: Batch, told_at: int) -> Recorded:
        events: tuple[Failure | Success, ...] = (*batch.failures, *batch.successes)
        here = (connection, self._queries, tenant)
        told_at = max(told_at, self._line(connection, tenant))
        if batch.retried and not release(*here, batch.retried):
            return Recorded()
        if batch.posts and not batch.more:
            take_out(*here, batch.posts)
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

    def _line(self, connection: Connection, tenant: str) -> int:
        row = self._queries.fact(connection, tenant=tenant, name=_LINE)
        return int(row["value"]) if row else 0

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

    def remember(self, tenant: str, source: Source, ids: Sequence[str], now: datetime) -> None:
        if not ids:
            return
        at = to_ms(now)
        with self._writing(tenant) as connection:
            self._queries.insert_successes(
                connection, [(tenant, str(source), storable(one), at, at) for one in ids]
            )

    def remembered(self, tenant: str, source: Source, ids: Sequence[str]) -> frozenset[str]:
        with self._reading() as connection:
            rows = self._queries.successes_known(
                connection, tenant=tenant, source=source, ids=listed(ids)
            )
            return frozenset(row[0] for row in rows)
