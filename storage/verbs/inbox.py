"""Posts that wait to be read: put in with one brief write, taken out by the write they end in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from storage.failures import Source
from storage.inbox import MOST, MOST_BYTES, Inbox, Post
from storage.rows import maybe_time, to_ms, value_of
from storage.storable import listed
from storage.store import StorageBusyError
from storage.verbs.engine import Connection
from storage.verbs.together import Together, Write


class Inboxes(Together):
    def put_in_inbox(self, tenant: str, source: Source, body: bytes, now: datetime) -> bool:
        told = {"tenant": tenant, "source": str(source), "told_at": to_ms(now)}

        def put(connection: Connection) -> bool:
            count, size, _ = self._queries.inbox_filled(connection, tenant=tenant)
            if count >= MOST or size + len(body) > MOST_BYTES:
                return False
            self._queries.put_in_inbox(connection, **told, size=len(body), body=body)
            return True

        return self._written(Write(tenant, 1, put, brief=True))

    def inbox(self, tenant: str) -> Inbox:
        with self._reading() as connection:
            row = self._queries.inbox_filled(connection, tenant=tenant)
        return Inbox(count=row["count"], size=row["size"], oldest=maybe_time(row["oldest"]))

    def first_in_inbox(self, tenant: str, most: int) -> list[Post]:
        with self._reading() as connection:
            rows = self._queries.inbox_first(connection, tenant=tenant, most=most)
            return [value_of(Post, row) for row in rows]


def take_out(connection: Connection, queries: Any, tenant: str, numbers: Sequence[int]) -> None:
    """Raises StorageBusyError where one of them has been read meanwhile: its events are stored."""
    taken = queries.take_out_of_inbox(connection, tenant=tenant, numbers=listed(numbers))
    if taken != len(numbers):
        raise StorageBusyError("another process reads the inbox too")
