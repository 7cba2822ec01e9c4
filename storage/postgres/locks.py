"""Advisory locks by name: https://www.postgresql.org/docs/current/explicit-locking.html, 13.3.5."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection


def number_of(name: str) -> int:
    """The same in every process; 64 bits, of which our names fill next to nothing."""
    digest = hashlib.sha256(f"notify-errors/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@contextmanager
def locked(connection: Connection[Any], name: str) -> Iterator[None]:
    """Wait for it, hold it across transactions, let go; a lost connection lets go by itself."""
    number = number_of(name)
    connection.execute("SELECT pg_advisory_lock(%s)", (number,))
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute("SELECT pg_advisory_unlock(%s)", (number,))


def lock_tenants(connection: Connection[Any], tenants: frozenset[str]) -> None:
    """Until the transaction ends nobody else writes of these; in one order, or two would wait."""
    for number in sorted(number_of(f"tenant/{tenant}") for tenant in tenants):
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (number,))


def try_lock(connection: Connection[Any], name: str, *, shared: bool = False) -> bool:
    """Take it for as long as the connection lives; false where another has it.

    Those who share it keep only the others away.
    """
    ask = "SELECT pg_try_advisory_lock_shared(%s)" if shared else "SELECT pg_try_advisory_lock(%s)"
    taken = connection.execute(ask, (number_of(name),)).fetchone()
    return bool(taken and taken[0])
