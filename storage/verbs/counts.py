"""Notifications per hour, medium and domain, counted as they come in; domains ever reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from storage.failures import BY_HOSTS_IDS, Failure, Kind, Medium, Source
from storage.rows import from_ms, to_ms
from storage.storable import listed
from storage.verbs.arrivals import HOUR, Arrived, Delivered
from storage.verbs.engine import Connection, Engine
from storage.views import Totals

# A delay is not decided, and the recipient's will is no failure.
_NOT_COUNTED = frozenset({Kind.DEFERRED, Kind.SPAM_REPORT, Kind.UNSUBSCRIBED})
_BUT, _BY_HOSTS_IDS = listed(sorted(_NOT_COUNTED)), listed(sorted(BY_HOSTS_IDS))
_DELIVERED, _REFUSED, _LISTED, _LOGGED = range(4)
# What these tell, the webhook mostly told too.
_APART: dict[str, int] = {Source.SENDGRID_LISTS: _LISTED, Source.SENDGRID_LOGS: _LOGGED}


def count_hours(
    connection: Connection,
    queries: Any,
    tenant: str,
    failed: Iterable[Arrived],
    delivered: Iterable[Delivered],
) -> None:
    """Add what is new. Lists and logs are counted apart: they mostly repeat an event."""
    hours: dict[tuple[int, Medium, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    reached: dict[tuple[Medium, str], int] = {}
    for success, known, at in delivered:
        if success.history:
            continue
        hours[at // HOUR, known.medium, known.domain][_DELIVERED] += 1
        where = known.medium, known.domain
        reached[where] = max(at, reached.get(where, at))
    counted = [one for one in failed if _counts(one.failure)]
    before = _counted_before(connection, queries, counted)
    for failure, known, at, row in counted:
        if row in before:
            continue
        column = _APART.get(failure.source, _REFUSED)
        hours[at // HOUR, known.medium, known.domain][column] += failure.times_seen
    queries.count_hours(
        connection,
        [
            (tenant, hour, str(medium), domain, *counts)
            for (hour, medium, domain), counts in hours.items()
        ],
    )
    queries.reach_domains(
        connection,
        [(tenant, str(medium), domain, at) for (medium, domain), at in reached.items() if domain],
    )


def _counts(failure: Failure) -> bool:
    return failure.kind not in _NOT_COUNTED and not failure.history


def _counted_before(
    connection: Connection, queries: Any, told: Iterable[Arrived]
) -> Collection[int]:
    """The rows of notifications that an earlier row has counted, whoever told of it.

    Where the host's own id names them: a refusal that relay and push both tell is one.
    """
    named = [one for one in told if one.failure.reference and one.failure.source in BY_HOSTS_IDS]
    if not named:
        return ()
    rows = queries.failures_named(
        connection,
        ids=listed(sorted({one.known.id for one in named})),
        references=listed(sorted({one.failure.reference for one in named})),
        sources=_BY_HOSTS_IDS,
        but=_BUT,
    )
    first = {(row[0], row[1]): row[2] for row in rows}
    return {one.row for one in named if first[one.known.id, one.failure.reference] < one.row}


class Counts(Engine):
    def totals(self, tenant: str, since: datetime, until: datetime) -> dict[Medium, Totals]:
        """Of the whole hours that the period touches. What lists, logs and events tell alike counts once."""
        with self._reading() as connection:
            rows = self._queries.totals_between(
                connection,
                tenant=tenant,
                since=to_ms(since) // HOUR,
                until=-(-to_ms(until) // HOUR),
            )
            return {
                Medium(row["medium"]): Totals(delivered=row["delivered"], failed=row["failed"])
                for row in rows
            }

    def delivered_to(
        self,
        tenant: str,
        medium: Medium,
        domains: Collection[str],
        since: datetime,
        until: datetime,
    ) -> dict[str, int]:
        hours = range(to_ms(since) // HOUR, -(-to_ms(until) // HOUR))
        with self._reading() as connection:
            rows = self._queries.delivered_between(
                connection,
                tenant=tenant,
                medium=medium,
                domains=listed(sorted(domains)),
                hours=listed(hours),
            )
            return {row["domain"]: row["delivered"] for row in rows if row["delivered"]}

    def domains_reached(
        self, tenant: str, medium: Medium, domains: Collection[str]
    ) -> dict[str, datetime]:
        with self._reading() as connection:
            rows = self._queries.domains_reached(
                connection, tenant=tenant, medium=medium, domains=listed(sorted(domains))
            )
            return {row["domain"]: from_ms(row["last_success"]) for row in rows}
