"""The past read again: a walk over the failures, and new readings with the cases they move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from storage.failures import Failure, Medium
from storage.rereading import Reread
from storage.rows import Column, columns
from storage.storable import listed
from storage.verbs.arrivals import known_of
from storage.verbs.engine import Connection, Engine
from storage.verbs.retelling import put_stories, stories_of
from storage.verbs.shapes import failure_of


class Rereading(Engine):
    def last_failure(self) -> int:
        with self._reading() as connection:
            return int(self._queries.last_failure_id(connection)[0])

    def failures_after(
        self, tenant: str, after: int, most: int, but: Sequence[str] = ()
    ) -> list[tuple[int, Failure]]:
        with self._reading() as connection:
            rows = self._queries.failures_after(
                connection, tenant=tenant, after=after, but=listed(but), most=most
            )
            return [(row["id"], failure_of(row)) for row in rows]

    def reread(self, tenant: str, rereads: Sequence[Reread]) -> int:
        with self._writing(tenant) as connection:
            return keep(connection, self._queries, tenant, rereads)


def keep(connection: Connection, queries: Any, tenant: str, rereads: Sequence[Reread]) -> int:
    """Update the rows that are still as they were looked at, and tell their cases again."""
    kept = [one for one in rereads if queries.reread_failure(connection, **_columns(one))]
    moved = listed([one.number for one in kept if one.moves])
    known = {
        row["id"]: known_of(Medium(row["medium"]), *tuple(row)[1:])
        for row in queries.recipients_of(connection, ids=moved)
    }
    # Nothing was learnt: what was known is called otherwise.
    stories = stories_of(connection, queries, known.values())
    put_stories(connection, queries, tenant, 0, known, stories)
    return len(kept)


def _columns(one: Reread) -> dict[str, Column]:
    before = one.failure
    return columns(one.reading) | {
        "id": one.number,
        "kind": str(one.kind),
        "was_kind": str(before.kind),
        "was_rule": before.reading.rule,
        "was_rule_set": before.reading.rule_set,
        "was_text": before.provider_text,
    }
