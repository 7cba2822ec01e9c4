"""Puts what arrives into its rows: recipients, failures once, deliveries once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from storage.failures import (
    BY_HOSTS_IDS,
    Failure,
    Medium,
    Success,
    domain_of,
    fold_recipient,
    told_again,
)
from storage.rows import to_ms
from storage.storable import listed
from storage.verbs.engine import Connection
from storage.verbs.shapes import failure_columns, failure_of

HOUR = 3_600_000
_UNDELIVERED = ("open", "gone")
_HOST, _HOSTS = "host", tuple(sorted(map(str, BY_HOSTS_IDS)))


class Known(NamedTuple):
    """A recipient's row and what its case remembers; times in milliseconds."""

    id: int
    address: str
    medium: Medium
    domain: str
    new: bool = False  # made by this batch, so nothing else is known of it
    last_success: int | None = None
    open: bool = False  # has a case that no delivery has cleared
    weighed: int = 0
    run: str = ""
    gone_at: int | None = None


class Arrived(NamedTuple):
    """A failure and its row; `at` in milliseconds."""

    failure: Failure
    known: Known
    at: int
    row: int


class Delivered(NamedTuple):
    success: Success
    known: Known
    at: int


def know(
    connection: Connection, queries: Any, tenant: str, events: Sequence[Failure | Success]
) -> list[Known]:
    """The recipient of each event, in their order; strangers get a row."""
    keys = [(event.medium, fold_recipient(event.recipient)) for event in events]
    known: dict[tuple[Medium, str], Known] = {}
    for medium in dict.fromkeys(medium for medium, _ in keys):
        folded = listed(dict.fromkeys(text for one, text in keys if one is medium))
        for row in queries.recipients_known(
            connection, tenant=tenant, medium=medium, folded=folded
        ):
            known[medium, row[0]] = known_of(medium, *row[1:])
    new = dict.fromkeys(key for key in keys if key not in known)
    numbers = list(queries.recipient_numbers(connection, count=len(new)))
    told = dict(zip(reversed(keys), reversed(events), strict=True))  # the first one's spelling
    for (medium, folded), (number,) in zip(new, numbers, strict=True):
        address = told[medium, folded].recipient
        known[medium, folded] = Known(number, address, medium, domain_of(folded), new=True)
    strangers = [
        (one.id, tenant, medium.value, folded, one.address, one.domain)
        for (medium, folded), one in known.items()
        if one.new
    ]
    queries.insert_recipients(connection, strangers)
    return [known[key] for key in keys]


def know_again(
    connection: Connection,
    queries: Any,
    tenant: str,
    medium: Medium,
    folded: Sequence[str],
) -> dict[int, Known]:
    """By number: those of these recipients who are known and have a case."""
    rows = queries.recipients_known(connection, tenant=tenant, medium=medium, folded=listed(folded))
    return {row[1]: known_of(medium, *row[1:]) for row in rows if row[5]}


def known_of(
    medium: Medium,
    number: int,
    address: str,
    domain: str,
    last_success: int | None,
    state: str | None,
    weighed: int | None,
    run: str | None,
    gone_at: int | None,
) -> Known:
    return Known(
        number,
        address,
        medium,
        domain,
        False,
        last_success,
        state in _UNDELIVERED,
        weighed or 0,
        run or "",
        gone_at,
    )


def put_failures(
    connection: Connection,
    queries: Any,
    tenant: str,
    told: Iterable[tuple[Failure, Known]],
    told_at: int,
) -> tuple[list[Arrived], list[Arrived]]:
    """Insert what is not there yet. Answers the new ones, and those that count again."""
    told = list(told)
    numbers = list(queries.failure_numbers(connection, count=len(told)))
    arrived = [
        Arrived(failure, known, to_ms(failure.occurred_at), row)
        for (row,), (failure, known) in zip(numbers, told, strict=True)
    ]
    rows = [failure_row(tenant, told_at, *one) for one in arrived]
    if queries.insert_failures(connection, rows) == len(arrived):
        return arrived, []
    ids = listed([one.row for one in arrived])
    new = {row[0] for row in queries.failures_there(connection, ids=ids)}
    again = [one for one in arrived if one.row not in new and one.failure.each_telling_counts]
    for one in again:
        _tell_again(connection, queries, one)
    return [one for one in arrived if one.row in new], again


def failure_row(
    tenant: str, told_at: int, failure: Failure, known: Known, at: int, row: int
) -> tuple[object, ...]:
    # Plain text and numbers: sqlite3 takes half a microsecond to look behind an enum.
    reading = failure.reading
    return (
        row,
        tenant,
        known.id,
        str(failure.source),
        failure.source_id,
        at,
        str(failure.kind),
        failure.dropped_by and str(failure.dropped_by),
        str(reading.cause),
        str(reading.permanence),
        failure.reference,
        failure.times_seen,
        int(failure.history),
        int(failure.each_telling_counts),
        told_at,
        None if failure.recipient == known.address else failure.recipient,
        reading.confidence,
        reading.rule,
        reading.rule_set,
        failure.provider_text,
        failure.smtp_code,
        failure.status,
        failure.tag,
        failure.bot_id,
        failure.raw,
        failure.kept_message,
        int(failure.guessed),
    )


def _tell_again(connection: Connection, queries: Any, again: Arrived) -> None:
    key = {
        "recipient_id": again.known.id,
        "source": again.failure.source,
        "source_id": again.failure.source_id,
    }
    stored = failure_of(queries.failure_of(connection, **key))
    both = failure_columns(told_again(stored, again.failure), again.known.address)
    queries.update_failure(connection, **(both | key))


def _teller(success: Success) -> str:
    """All who tell by the host's ids are one."""
    if success.reference and success.source in BY_HOSTS_IDS:
        return _HOST
    return str(success.source)


def put_successes(
    connection: Connection,
    queries: Any,
    tenant: str,
    told: Iterable[tuple[Success, Known]],
    told_at: int,
) -> list[Delivered]:
    """Move the recipients' last success. Answers the deliveries not told before."""
    unseen: dict[tuple[str, str], Delivered] = {}
    for success, known in told:
        one = Delivered(success, known, to_ms(success.occurred_at))
        unseen.setdefault((_teller(success), success.source_id), one)
    for teller in {teller for teller, _ in unseen}:
        ids = listed([source_id for one, source_id in unseen if one == teller])
        for source in _HOSTS if teller is _HOST else (teller,):
            for row in queries.successes_known(connection, tenant=tenant, source=source, ids=ids):
                unseen.pop((teller, row[0]), None)
    new = list(unseen.values())
    queries.insert_successes(
        connection,
        [(tenant, str(one.success.source), one.success.source_id, one.at, told_at) for one in new],
    )
    queries.move_last_success(connection, [(one.at, one.known.id) for one in new])
    return new
