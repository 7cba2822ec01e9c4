"""Connections to one SQLite file: one writer under a lock, one reader per thread."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlite_utils import Database

from storage.health import Health
from storage.queries import load
from storage.sqlite.checkpoints import LONGEST_LOG, Checkpoints
from storage.sqlite.connecting import BUSY_SECONDS, busy, connect, transaction
from storage.sqlite.migrations import MIGRATIONS, STEPS, applied_in
from storage.sqlite.soundness import all_there, health, identity, refuse_when_moved, same_file
from storage.sqlite.trying import bring_up_to_date, try_on_copy
from storage.store import StorageBusyError, StorageDamagedError
from storage.turns import turn
from storage.verbs.engine import Engine

WRITER_TURN_SECONDS = 10.0
_AGAIN_SECONDS = 0.02

# Measured: a larger cache and checkpoints beside the writer double a burst's speed.
_WRITER_PRAGMAS = (
    f"PRAGMA wal_autocheckpoint = {LONGEST_LOG}",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -64000",
)


class SqliteEngine(Engine):
    """The file, its writer and its readers."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._path = path
        self._queries = load("sqlite3")
        self._turn = threading.Lock()
        self._own = threading.local()
        self._readers: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._opening = threading.Lock()
        self._closed = False
        self._damage = ""  # stays until a restart: no damage mends itself
        with busy():
            self._writer = _connect_writer(path)
            self._opened = identity(path)
            self._checkpoints = Checkpoints(connect(path))

    def close(self) -> None:
        with self._turn, self._opening:
            self._closed = True
            self._checkpoints.close()
            self._writer.close()
            for _, reader in self._readers:
                reader.close()
            self._readers.clear()

    def ready(self) -> None:
        if self._damage:
            raise StorageDamagedError(self._damage)
        with self._turn_taken(), self._committing(frozenset()) as connection:
            self._queries.write_something(connection)

    def health(self) -> Health:
        with busy():
            return health(self._path, max(STEPS))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._busy():
            self._refuse_when_closed()
            reader = getattr(self._own, "reader", None)
            if reader is None:
                reader = self._own.reader = self._new_reader()
            yield reader

    @contextmanager
    def _writing(self, tenant: str) -> Iterator[sqlite3.Connection]:
        with self._turn_taken(), self._committing(frozenset({tenant})) as connection:
            yield connection

    def _turn_taken(self) -> AbstractContextManager[None]:
        """The only one who writes; another may hold it for so long."""
        return turn(self._turn, WRITER_TURN_SECONDS, "another write is taking too long")

    @contextmanager
    def _committing(
        self, _tenants: frozenset[str], *, synced: bool = True
    ) -> Iterator[sqlite3.Connection]:
        """The file has one writer, so all of them are kept from writing."""
        self._refuse_when_closed()
        same_file(self._path, self._opened)
        with self._busy(), transaction(self._writer, synced=synced):
            refuse_when_moved(self._writer)
            yield self._writer
        self._checkpoints.committed()
        # Kept where nobody will find it is not kept: whoever told us tells again.
        same_file(self._path, self._opened)

    @contextmanager
    def _busy(self) -> Iterator[None]:
        try:
            with busy():
                yield
        except StorageDamagedError as error:
            self._damage = str(error)
            raise

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StorageBusyError("the store is closed")

    @contextmanager
    def _lasting_reader(self) -> Iterator[sqlite3.Connection]:
        with self._busy():
            self._refuse_when_closed()
            reader = self._new_reader()
            try:
                reader.execute("BEGIN")
                yield reader
            finally:
                self._end(reader)

    def _new_reader(self) -> sqlite3.Connection:
        # SQLite would make an empty file where there is none.
        same_file(self._path, self._opened)
        reader = connect(self._path)
        reader.execute("PRAGMA query_only = ON")
        with self._opening:
            self._close_orphans()
            self._readers.append((threading.current_thread(), reader))
        return reader

    def _end(self, reader: sqlite3.Connection) -> None:
        with self._opening:
            reader.close()
            self._readers = [kept for kept in self._readers if kept[1] is not reader]

    def _close_orphans(self) -> None:
        """Threads come and go; their connections must not pile up."""
        for thread, reader in self._readers:
            if not thread.is_alive():
                reader.close()
        self._readers = [(thread, reader) for thread, reader in self._readers if thread.is_alive()]


def _connect_writer(path: Path) -> sqlite3.Connection:
    # The file holds personal data: nobody else's eyes, whatever the umask says.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    all_there(path)
    connection = connect(path)
    try:
        for pragma in _WRITER_PRAGMAS:
            connection.execute(pragma)
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the schema up to date; several processes may try at once."""
    database = Database(connection, execute_plugins=False)
    if not database.table_names():
        connection.execute("PRAGMA page_size = 8192")
    _keep_a_log(connection)
    refuse_when_moved(connection)
    applied = applied_in(database)
    if MIGRATIONS.pending(database):
        if applied:
            try_on_copy(path)
        with transaction(connection):
            bring_up_to_date(connection)


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """SQLite waits for no lock when it changes this: two that open a file at once would meet."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(_AGAIN_SECONDS)
        else:
            return
