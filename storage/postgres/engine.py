"""Connections to one PostgreSQL database: one that writes, and a pool of those that read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from psycopg import Connection, IsolationLevel
from psycopg_pool import ConnectionPool

from storage.health import Health
from storage.postgres.arriving import copying, make_room, take_a_page
from storage.postgres.connecting import CONNECTION, configure, connect
from storage.postgres.locks import lock_tenants
from storage.postgres.migrations import STEPS, bring_up_to_date
from storage.postgres.portions import portion_by_portion
from storage.postgres.rows import Row, row_maker
from storage.postgres.troubles import busy
from storage.queries import load
from storage.store import StorageBusyError
from storage.turns import turn
from storage.verbs.engine import Engine

WRITER_TURN_SECONDS = 10.0
_POOL_SECONDS = 5.0
_MOST_READERS = 12
# Whoever writes looks a few up by their keys, however small a table seems.
_BY_KEYS = (
    "SET enable_seqscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
)
# What is answered as stored must survive the server's death, whatever the database says.
_DURABLE = """
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'
"""


class PostgresEngine(Engine):
    """The database that a URL names; its schema is brought up to date."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._url = url
        self._queries = load("psycopg")
        copying(self._queries)
        self._turn = threading.Lock()
        self._own = threading.local()
        self._closed = False
        with busy():
            bring_up_to_date(url)
            self._writer = _connect_writer(url)
            self._readers = _pool(url)

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self._writer.close()
        self._readers.close()

    def ready(self) -> None:
        with self._turn_taken(), self._committing(frozenset()) as connection:
            self._queries.write_something(connection)
            take_a_page(connection)

    def health(self) -> Health:
        with self._reading() as connection:
            row = self._queries.database(connection)
        return Health(
            schema=max(STEPS), size=row["size"], behind=0, free=None, search_indexed=row["indexed"]
        )

    @contextmanager
    def _reading(self) -> Iterator[Connection[Row]]:
        """A thread that asks inside of its own asking gets the same one: none waits for itself."""
        inside: Connection[Row] | None = getattr(self._own, "reader", None)
        if inside is not None:
            yield inside
            return
        self._refuse_when_closed()
        with busy(), self._readers.connection() as connection:
            self._own.reader = connection
            try:
                yield connection
            finally:
                self._own.reader = None

    @contextmanager
    def _lasting_reader(self) -> Iterator[Connection[Row]]:
        self._refuse_when_closed()
        with busy(), connect(self._url) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.execute("SET statement_timeout = 0")
            connection.execute("SET idle_in_transaction_session_timeout = 0")
            portion_by_portion(connection)
            with connection.transaction():
                yield connection

    @contextmanager
    def _writing(self, tenant: str) -> Iterator[Connection[Row]]:
        with self._turn_taken(), self._committing(frozenset({tenant})) as connection:
            yield connection

    def _turn_taken(self) -> AbstractContextManager[None]:
        return turn(self._turn, WRITER_TURN_SECONDS, "another write is taking too long")

    @contextmanager
    def _committing(
        self, _tenants: frozenset[str], *, synced: bool = True
    ) -> Iterator[Connection[Row]]:
        """A commit whose answer was lost counts as none: whoever told us tells again."""
        self._refuse_when_closed()
        with busy():
            connection = self._connected_writer()
            with connection.transaction():
                if not synced:
                    connection.execute("SET LOCAL synchronous_commit = off")
                lock_tenants(connection, _tenants)
                yield connection

    def _connected_writer(self) -> Connection[Row]:
        """Of whoever has the turn; one that was lost is replaced."""
        if self._writer.closed:
            self._writer = _connect_writer(self._url)
        return self._writer

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StorageBusyError("the store is closed")


def _connect_writer(url: str) -> Connection[Row]:
    connection = connect(url)
    try:
        for setting in (*_BY_KEYS, _DURABLE):
            connection.execute(setting)
        make_room(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _pool(url: str) -> ConnectionPool[Connection[Row]]:
    pool: ConnectionPool[Any] = ConnectionPool(
        url,
        kwargs={"autocommit": True, "row_factory": row_maker, **CONNECTION},
        configure=_configure_reader,
        check=ConnectionPool.check_connection,
        min_size=1,
        max_size=_MOST_READERS,
        timeout=_POOL_SECONDS,
        reconnect_timeout=_POOL_SECONDS,
        name="readers",
        open=True,
    )
    return pool


def _configure_reader(connection: Connection[Row]) -> None:
    configure(connection)
    connection.execute("SET default_transaction_read_only = on")
