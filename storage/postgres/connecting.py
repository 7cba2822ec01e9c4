"""Connections to a PostgreSQL database: bounded in time, and set alike."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from storage.postgres.rows import Row, adapt, row_maker
from storage.store import UnfitStoreError

# A server that cannot be reached is told after so long, and one that has gone away too.
_CONNECT_SECONDS = 5
CONNECTION: dict[str, Any] = {
    "connect_timeout": _CONNECT_SECONDS,
    "application_name": "notify-errors",
    "client_encoding": "utf8",
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
# Set after connecting, since poolers in between refuse what they do not know.
_SETTINGS = (
    "SET lock_timeout = '10s'",
    "SET statement_timeout = '60s'",
    "SET idle_in_transaction_session_timeout = '60s'",
    "SET timezone = 'UTC'",
    # The server's own look-out for us: by its default a machine of ours that died without a
    # word keeps its sessions, and the lock of the one server, for more than two hours.
    "SET tcp_keepalives_idle = 20",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
    "SET tcp_user_timeout = 20000",
    # Our statements name the few before the many; what a young table tells of itself misleads.
    "SET join_collapse_limit = 1",
    # Each takes milliseconds; to compile one first takes tens of them.
    "SET jit = off",
)


def connect(url: str) -> Connection[Row]:
    """In autocommit mode; raises psycopg.OperationalError, UnfitStoreError for no URL at all."""
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # Its own text repeats the URL, which may hold a password.
        raise UnfitStoreError(
            "is not named by this URL; see its form in the documentation"
        ) from None
    connection = psycopg.connect(url, autocommit=True, row_factory=row_maker, **CONNECTION)
    configure(connection)
    return connection


def configure(connection: Connection[Row]) -> None:
    adapt(connection)
    for setting in _SETTINGS:
        connection.execute(setting)
