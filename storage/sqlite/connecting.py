"""Connections to a SQLite file, their transactions, and what their trouble is called."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.store import StorageBusyError, StorageDamagedError

# Another program may hold the file this long; then the caller is told to come again.
BUSY_SECONDS = 5.0

# With FULL a commit is on the disk before anybody is told of it. With NORMAL it outlives
# the process alone: a power cut takes the last moments, and never half a transaction.
_SYNCED, _NOT_SYNCED = "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"

_PRAGMAS = (
    _SYNCED,
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
)

# https://www.sqlite.org/rescode.html: nothing of these is a fault of the statement.
_TROUBLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_PERM,
    }
)
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode. It is used by one thread, but may be closed by another."""
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, *, synced: bool = True) -> Iterator[None]:
    # Inside of a transaction it could not be changed.
    connection.execute(_SYNCED if synced else _NOT_SYNCED)
    # IMMEDIATE: a transaction that reads first and writes later could not be
    # given the lock any more, whatever the busy time-out.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def busy() -> Iterator[None]:
    """Trouble with file or lock becomes StorageBusyError; a wrong statement stays what it is."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGE:
            raise StorageDamagedError(str(error)) from error
        if code in _TROUBLE:
            raise StorageBusyError(str(error)) from error
        raise
    except OSError as error:
        raise StorageBusyError(f"{error.filename}: {error.strerror}") from error
