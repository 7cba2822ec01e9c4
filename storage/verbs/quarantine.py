"""What could not be understood: put apart once, within bounds, and taken out when it was read."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storage.failures import Batch, Recorded, SetAside, Source
from storage.quarantine import LONGEST, MOST, MOST_BYTES, Filled, Quarantined, Tally
from storage.rows import columns, maybe_time, value_of
from storage.verbs.engine import Connection, Engine

_LONGEST_REASON = 300


class Quarantine(Engine):
    def quarantined(self, tenant: str, after: int, most: int) -> list[Quarantined]:
        with self._reading() as connection:
            rows = self._queries.quarantined_after(
                connection, tenant=tenant, after=after, most=most
            )
            return [value_of(Quarantined, row) for row in rows]

    def quarantine_filled(self, tenant: str) -> Filled:
        with self._reading() as connection:
            row = self._queries.quarantine_filled(connection, tenant=tenant)
            oldest = list(
                self._queries.quarantined_after(connection, tenant=tenant, after=0, most=1)
            )
        since = maybe_time(oldest[0]["told_at"]) if oldest else None
        return Filled(count=row["count"], kept=row["kept"], oldest=since)

    def tallies(self, tenant: str) -> list[Tally]:
        with self._reading() as connection:
            return [
                value_of(Tally, row) for row in self._queries.tallies(connection, tenant=tenant)
            ]


@dataclass(frozen=True, kw_only=True)
class PutAside:
    """Elements that lie there now, that lay there before, and that had to make room."""

    new: int = 0
    again: int = 0
    pushed_out: int = 0


def put_aside(
    connection: Connection,
    queries: Any,
    tenant: str,
    elements: Sequence[SetAside],
    told_at: int,
) -> PutAside:
    if not elements:
        return PutAside()
    new = 0
    for element in elements:
        key = {
            "tenant": tenant,
            "source": str(element.source),
            "fingerprint": hashlib.sha256(element.body).hexdigest(),
        }
        if not queries.tell_quarantined_again(connection, **key):
            queries.put_in_quarantine(connection, **key, **_columns(element), told_at=told_at)
            new += 1
    pushed_out = _make_room(connection, queries, tenant) if new else 0
    return PutAside(new=new, again=len(elements) - new, pushed_out=pushed_out)


def _columns(element: SetAside) -> dict[str, object]:
    body = element.body[:LONGEST]
    return {
        "kept": len(body),
        "size": len(element.body),
        "whole": int(element.whole),
        "reason": element.reason.encode(errors="replace").decode()[:_LONGEST_REASON],
        "body": body,
    }


def _make_room(connection: Connection, queries: Any, tenant: str) -> int:
    """Push the oldest out until both bounds hold; answers how many."""
    count, kept = queries.quarantine_filled(connection, tenant=tenant)
    leaving = []
    for number, size in queries.quarantine_by_age(connection, tenant=tenant):
        if count <= MOST and kept <= MOST_BYTES:
            break
        leaving.append(number)
        count, kept = count - 1, kept - size
    sources = Counter(release(connection, queries, tenant, number) for number in leaving)
    for source, gone in sources.items():
        if source:
            tally = Tally(source=source, set_aside=-gone, lost=gone)
            queries.add_tally(connection, tenant=tenant, **columns(tally))
    return len(leaving)


def release(connection: Connection, queries: Any, tenant: str, number: int) -> Source | None:
    """Take it out; None where it is not there (any more)."""
    row = queries.release_quarantined(connection, tenant=tenant, number=number)
    return Source(row["source"]) if row else None


def count_told(
    connection: Connection, queries: Any, tenant: str, batch: Batch, recorded: Recorded
) -> None:
    """Add to the sums. What is read again was told before, as one that was set aside."""
    source = batch.told_by
    if source is None:
        return
    before = 1 if batch.retried else 0
    tally = Tally(
        source=source,
        elements=batch.elements - before,
        new=recorded.new,
        repeated=recorded.repeated,
        set_aside=recorded.set_aside - before,
        ignored=recorded.ignored,
    )
    queries.add_tally(connection, tenant=tenant, **columns(tally))
