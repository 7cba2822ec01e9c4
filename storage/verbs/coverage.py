"""How far each source was read: its last word, its stretches of time, what gaps yielded later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage.coverage import Coverage, Mending, Stretch
from storage.rows import columns, from_ms, to_ms, value_of
from storage.spans import Span, union
from storage.verbs.engine import Connection, Engine


class Coverages(Engine):
    def cover(self, tenant: str, coverage: Coverage) -> None:
        with self._writing(tenant) as connection:
            self._queries.cover(connection, tenant=tenant, **columns(coverage))

    def coverage(self, tenant: str) -> list[Coverage]:
        with self._reading() as connection:
            return [
                value_of(Coverage, row) for row in self._queries.coverage(connection, tenant=tenant)
            ]

    def keep_stretches(
        self,
        tenant: str,
        stretches: Sequence[Stretch],
        mendings: Sequence[Mending] = (),
        *,
        nothing_after: datetime,
    ) -> None:
        with self._writing(tenant) as connection:
            for one in stretches:
                self._cut(connection, tenant, one, nothing_after)
                self._join(connection, tenant, one)
            self._queries.add_mending(
                connection, [columns(one) | {"tenant": tenant} for one in mendings]
            )

    def _cut(self, connection: Connection, tenant: str, one: Stretch, moment: datetime) -> None:
        claimed = {"tenant": tenant, "source": str(one.source), "part": one.part}
        self._queries.drop_stretches_after(connection, **claimed, moment=to_ms(moment))
        self._queries.cut_stretches_at(connection, **claimed, moment=to_ms(moment))

    def _join(self, connection: Connection, tenant: str, one: Stretch) -> None:
        """Where it touches others, they become one row."""
        told = columns(one) | {"tenant": tenant}
        near = [
            Span(from_ms(row["since"]), from_ms(row["until"]))
            for row in self._queries.stretches_near(connection, **told)
        ]
        self._queries.drop_stretch(connection, [told | {"since": to_ms(x.since)} for x in near])
        # Rounded to the millisecond, which may leave nothing of it.
        told_span = Span(from_ms(to_ms(one.since)), from_ms(to_ms(one.until)))
        self._queries.add_stretch(
            connection,
            [
                told | {"since": to_ms(x.since), "until": to_ms(x.until)}
                for x in union([*near, told_span])
            ],
        )

    def stretches(self, tenant: str, since: datetime, until: datetime) -> list[Stretch]:
        period = {"tenant": tenant, "since": to_ms(since), "until": to_ms(until)}
        with self._reading() as connection:
            rows = self._queries.stretches_between(connection, **period)
            return [value_of(Stretch, row) for row in rows]

    def mendings(
        self, tenant: str, since: datetime, until: datetime, *, learnt: bool = False
    ) -> list[Mending]:
        period = {"tenant": tenant, "since": to_ms(since), "until": to_ms(until)}
        asked = self._queries.mendings_learnt if learnt else self._queries.mendings_of_gaps
        with self._reading() as connection:
            return [value_of(Mending, row) for row in asked(connection, **period)]

    def forget_coverage(self, tenant: str, before: datetime) -> None:
        old = {"tenant": tenant, "before": to_ms(before)}
        with self._writing(tenant) as connection:
            self._queries.forget_stretches(connection, **old)
            self._queries.forget_mendings(connection, **old)
