"""Forgetting in time, portion by portion, so that an intake never waits long behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from storage.quarantine import Tally
from storage.retention import Forgotten, Horizon
from storage.rows import columns, to_ms
from storage.storable import listed
from storage.verbs.arrivals import HOUR
from storage.verbs.engine import Connection, Engine
from storage.verbs.quarantine import release


class Retention(Engine):
    def forget_recipients(self, tenant: str, horizon: Horizon, after: int, most: int) -> Forgotten:
        with self._writing(tenant) as connection:
            rows = self._queries.recipients_after(connection, tenant=tenant, after=after, most=most)
            numbers = [row[0] for row in rows]
            ids = listed(numbers)
            texts = 0
            if horizon.texts:
                texts = self._queries.drop_old_texts(
                    connection, ids=ids, before=to_ms(horizon.texts)
                )
            dropped = self._forget(connection, ids, horizon.failures) if horizon.failures else {}
        reached = numbers[-1] if len(numbers) == most else None
        return Forgotten(reached=reached, texts=texts, **dropped)

    def _forget(self, connection: Connection, ids: str, horizon: datetime) -> dict[str, int]:
        old = {"ids": ids, "before": to_ms(horizon)}
        cases = self._queries.drop_old_cases(connection, **old)
        failures = self._queries.drop_old_failures(connection, **old)
        empty = list(self._queries.recipients_of_nothing(connection, **old))
        self._queries.drop_recipients(connection, ids=listed([row[0] for row in empty]))
        self._unfindable(connection, [(row[0], row[1]) for row in empty])
        return {"cases": cases, "failures": failures, "recipients": len(empty)}

    def forget_hours(self, tenant: str, horizon: Horizon, most: int) -> Forgotten:
        if horizon.failures is None:
            return Forgotten()
        before = to_ms(horizon.failures)
        old: dict[str, Any] = {"tenant": tenant, "hour": before // HOUR}
        with self._writing(tenant) as connection:
            dropped = (
                self._queries.drop_old_hourly(connection, **old, most=most),
                self._queries.drop_old_hours(connection, **old),
                self._queries.drop_old_case_hours(connection, **old, most=most),
                self._queries.drop_old_case_news(
                    connection, tenant=tenant, before=before, most=most
                ),
            )
        return Forgotten(hours=sum(dropped))

    def forget_quarantined(self, tenant: str, horizon: Horizon, most: int) -> Forgotten:
        if horizon.quarantine is None:
            return Forgotten()
        with self._writing(tenant) as connection:
            rows = self._queries.quarantined_before(
                connection, tenant=tenant, before=to_ms(horizon.quarantine), most=most
            )
            dropped = self._lose(connection, tenant, [row[0] for row in rows])
        return Forgotten(quarantined=dropped)

    def drop_quarantined(self, tenant: str, number: int) -> bool:
        with self._writing(tenant) as connection:
            return bool(self._lose(connection, tenant, [number]))

    def _lose(self, connection: Connection, tenant: str, numbers: Iterable[int]) -> int:
        left = (release(connection, self._queries, tenant, number) for number in numbers)
        sources = Counter(source for source in left if source)
        for source, gone in sources.items():
            tally = Tally(source=source, set_aside=-gone, lost=gone)
            self._queries.add_tally(connection, tenant=tenant, **columns(tally))
        return sources.total()
