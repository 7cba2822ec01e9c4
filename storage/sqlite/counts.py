"""Notifications per hour, medium and domain, counted as they come in."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from storage.failures import Kind, Medium, Source
from storage.rows import to_ms
from storage.sqlite.arrivals import Arrived, Delivered
from storage.sqlite.engine import Engine
from storage.store import Totals

_HOUR = 3_600_000
# A delay is not decided, and the recipient's will is no failure.
_NOT_COUNTED = frozenset({Kind.DEFERRED, Kind.SPAM_REPORT, Kind.UNSUBSCRIBED})
_LISTS = Source.SENDGRID_LISTS.value
_DELIVERED, _REFUSED, _LISTED = range(3)


def count_hours(
    connection: sqlite3.Connection,
    queries: Any,
    tenant: str,
    failed: Iterable[Arrived],
    delivered: Iterable[Delivered],
) -> None:
    """Add what is new. List entries are counted apart: they mostly repeat an event."""
    hours: dict[tuple[int, Medium, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for _, known, at in delivered:
        hours[at // _HOUR, known.medium, known.domain][_DELIVERED] += 1
    for failure, known, at, _ in failed:
        if failure.kind in _NOT_COUNTED or failure.history:
            continue
        column = _LISTED if failure.source == _LISTS else _REFUSED
        hours[at // _HOUR, known.medium, known.domain][column] += failure.times_seen
    queries.count_hours(
        connection,
        [
            (tenant, hour, str(medium), domain, *counts)
            for (hour, medium, domain), counts in hours.items()
        ],
    )


class Counts(Engine):
    def totals(self, tenant: str, since: datetime, until: datetime) -> dict[Medium, Totals]:
        """Of the whole hours that the period touches. What a list and an event tell counts once."""
        with self._reading() as connection:
            rows = self._queries.totals_between(
                connection,
                tenant=tenant,
                since=to_ms(since) // _HOUR,
                until=-(-to_ms(until) // _HOUR),
            )
            return {
                Medium(row["medium"]): Totals(delivered=row["delivered"], failed=row["failed"])
                for row in rows
            }
