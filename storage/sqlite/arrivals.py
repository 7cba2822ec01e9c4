"""Puts what arrives into its rows: recipients, failures once, deliveries once."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from storage.failures import Failure, Medium, Success, domain_of, fold_recipient, told_again
from storage.rows import to_ms
from storage.sqlite.shapes import failure_columns, failure_of

Key = tuple[Medium, str]


class Known(NamedTuple):
    """A recipient's row. `new`: made by this batch, so nothing else is known of it."""

    id: int
    address: str
    medium: Medium
    domain: str
    new: bool


class Arrived(NamedTuple):
    """A failure in its row. `row` is 0 where it was there already and is counted again."""

    failure: Failure
    known: Known
    row: int


def know(
    connection: sqlite3.Connection, queries: Any, tenant: str, events: Iterable[Failure | Success]
) -> dict[Key, Known]:
    """The recipients of these events, new ones included."""
    told = {key_of(event): event.recipient for event in events}
    by_medium: dict[Medium, list[str]] = defaultdict(list)
    for medium, folded in told:
        by_medium[medium].append(folded)
    known = {
        (medium, row["folded"]): Known(
            row["id"], row["address"], medium, domain_of(row["folded"]), new=False
        )
        for medium, folded in by_medium.items()
        for row in queries.recipients_known(
            connection, tenant=tenant, medium=medium, folded=json.dumps(folded)
        )
    }
    first = queries.last_recipient_id(connection)[0] + 1
    strangers = [key for key in told if key not in known]
    for number, (medium, folded) in enumerate(strangers, first):
        known[medium, folded] = Known(
            number, told[medium, folded], medium, domain_of(folded), new=True
        )
    queries.insert_recipients(
        connection,
        [
            (one.id, tenant, one.medium, folded, one.address, one.domain)
            for (_, folded), one in known.items()
            if one.new
        ],
    )
    return known


def key_of(event: Failure | Success) -> Key:
    return event.medium, fold_recipient(event.recipient)


def put_failures(
    connection: sqlite3.Connection,
    queries: Any,
    tenant: str,
    failures: Sequence[Failure],
    known: dict[Key, Known],
    told_at: int,
) -> tuple[list[Arrived], list[Arrived]]:
    """Insert what is not there yet. Answers the new ones, and those that count again."""
    last = queries.last_failure_id(connection)[0]
    arrived = [
        Arrived(failure, known[key_of(failure)], row)
        for row, failure in enumerate(failures, last + 1)
    ]
    inserted = queries.insert_failures(
        connection, [_failure_row(tenant, one, told_at) for one in arrived]
    )
    if inserted == len(arrived):
        return arrived, []
    rows = {row["id"] for row in queries.failure_ids_after(connection, last=last)}
    again = [one for one in arrived if one.row not in rows and one.failure.each_telling_counts]
    for one in again:
        _tell_again(connection, queries, one)
    return [one for one in arrived if one.row in rows], again


def _failure_row(tenant: str, arrived: Arrived, told_at: int) -> tuple[object, ...]:
    failure, known, row = arrived
    reading = failure.reading
    return (
        row,
        tenant,
        known.id,
        failure.source,
        failure.source_id,
        to_ms(failure.occurred_at),
        told_at,
        None if failure.recipient == known.address else failure.recipient,
        failure.kind,
        failure.dropped_by,
        reading.cause,
        reading.permanence,
        reading.confidence,
        reading.rule,
        failure.provider_text,
        failure.smtp_code,
        failure.status,
        failure.reference,
        failure.tag,
        failure.bot_id,
        failure.raw,
        failure.history,
        failure.each_telling_counts,
        failure.kept_message,
        failure.times_seen,
    )


def _tell_again(connection: sqlite3.Connection, queries: Any, again: Arrived) -> None:
    key = {
        "recipient_id": again.known.id,
        "source": again.failure.source,
        "source_id": again.failure.source_id,
    }
    stored = failure_of(queries.failure_of(connection, **key))
    both = failure_columns(told_again(stored, again.failure), again.known.address)
    queries.update_failure(connection, **(both | key))


def put_successes(
    connection: sqlite3.Connection,
    queries: Any,
    tenant: str,
    successes: Sequence[Success],
    known: dict[Key, Known],
    told_at: int,
) -> list[tuple[Success, Known]]:
    """Move the recipients' last success; answers the deliveries not told before."""
    unseen = {(one.source, one.source_id): one for one in reversed(successes)}
    for source in {source for source, _ in unseen}:
        ids = json.dumps([source_id for origin, source_id in unseen if origin is source])
        for row in queries.successes_known(connection, tenant=tenant, source=source, ids=ids):
            del unseen[source, row["source_id"]]
    queries.insert_successes(
        connection,
        [
            (tenant, one.source, one.source_id, to_ms(one.occurred_at), told_at)
            for one in unseen.values()
        ],
    )
    new = [(one, known[key_of(one)]) for one in unseen.values()]
    queries.move_last_success(
        connection, [(to_ms(one.occurred_at), recipient.id) for one, recipient in new]
    )
    return new
