"""What was told to whom: notices kept with what made them true, and the ledger of digests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from storage.digests import Notice, Posting, PostState
from storage.rows import columns, maybe_time, to_ms, value_of
from storage.verbs.engine import Connection, Engine


def add_notices(
    connection: Connection, queries: Any, tenant: str, notices: Sequence[Notice]
) -> None:
    """Notices whose id is known already are left as they are."""
    queries.add_notice(connection, [columns(one) | {"tenant": tenant} for one in notices])


class Notices(Engine):
    def notify(self, tenant: str, notices: Sequence[Notice]) -> None:
        """Once each: an id that is known already is left as it is."""
        with self._writing(tenant) as connection:
            add_notices(connection, self._queries, tenant, notices)

    def due_notices(self, tenant: str, now: datetime, limit: int) -> list[Notice]:
        with self._reading() as connection:
            rows = self._queries.notices_due(connection, tenant=tenant, now=to_ms(now), most=limit)
            return [value_of(Notice, row) for row in rows]

    def claimed_notices(self, tenant: str) -> list[Notice]:
        with self._reading() as connection:
            rows = self._queries.notices_in(connection, tenant=tenant, state=PostState.CLAIMED)
            return [value_of(Notice, row) for row in rows]

    def unanswered_notices(self, tenant: str) -> int:
        """How many left without an answer, so that nobody knows whether they arrived."""
        with self._reading() as connection:
            rows = self._queries.notices_in(connection, tenant=tenant, state=PostState.UNANSWERED)
            return len(list(rows))

    def claim_notice(self, tenant: str, notice_id: str) -> bool:
        with self._writing(tenant) as connection:
            claimed = self._queries.claim_notice(connection, tenant=tenant, id=notice_id)
        return bool(claimed)

    def settle_notice(self, tenant: str, notice: Notice) -> None:
        """Keep state, time, reference and attempts as the notice says."""
        with self._writing(tenant) as connection:
            self._queries.settle_notice(connection, tenant=tenant, **columns(notice))


class Postings(Engine):
    def claim_posting(self, tenant: str, posting: Posting) -> bool:
        with self._writing(tenant) as connection:
            claimed = self._queries.claim_posting(connection, tenant=tenant, **columns(posting))
        return bool(claimed)

    def settle_posting(
        self, tenant: str, channel: str, day: date, state: PostState, ref: str
    ) -> None:
        with self._writing(tenant) as connection:
            self._queries.settle_posting(
                connection,
                tenant=tenant,
                channel=channel,
                day=day.isoformat(),
                state=state,
                ref=ref,
            )

    def reopen_posting(self, tenant: str, channel: str, day: date) -> bool:
        with self._writing(tenant) as connection:
            reopened = self._queries.reopen_posting(
                connection, tenant=tenant, channel=channel, day=day.isoformat()
            )
        return bool(reopened)

    def last_posting(self, tenant: str, channel: str) -> Posting | None:
        """The one of the latest day, whatever became of it."""
        with self._reading() as connection:
            row = self._queries.last_posting(connection, tenant=tenant, channel=channel)
        return value_of(Posting, row) if row else None

    def covered_until(self, tenant: str, channel: str) -> datetime | None:
        with self._reading() as connection:
            row = self._queries.covered_until(connection, tenant=tenant, channel=channel)
        return maybe_time(row[0])

    def postings(self, tenant: str, state: PostState) -> list[Posting]:
        with self._reading() as connection:
            rows = self._queries.postings_in(connection, tenant=tenant, state=state)
            return [value_of(Posting, row) for row in rows]
