"""New steps of the schema, tried on a copy before they touch the file that people work with."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from storage.sqlite.connecting import connect, transaction
from storage.sqlite.migrations import MIGRATIONS
from storage.sqlite.schema_folding import retell_merged, teach
from storage.sqlite.soundness import log_of
from storage.store import StorageBusyError

# The copy, and what its steps write into its log.
_ROOM = 2


class StepFailedError(StorageBusyError):
    """A step did not work on a copy: the file is as it was, and this version cannot use it."""


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """All steps that are pending, in the transaction of whoever calls."""
    teach(connection)
    MIGRATIONS.apply(Database(connection, execute_plugins=False))
    retell_merged(connection)


def try_on_copy(path: Path) -> None:
    """Raises StepFailedError with what went wrong and where the copy is, or without room for one."""
    copy = path.with_name(f"{path.name}.trying-{os.getpid()}")
    needed = _ROOM * (path.stat().st_size + _size(log_of(path)))
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise StepFailedError(
            f"{path} gets a new schema, tried on a copy first: make {needed} bytes of room, {free} are free"
        )
    _forget(copy)
    with closing(connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        copy.chmod(0o600)
        source.backup(target)
    with closing(connect(copy)) as connection:
        _try(connection, path, copy)
    _forget(copy)


def _try(connection: sqlite3.Connection, path: Path, copy: Path) -> None:
    try:
        with transaction(connection):
            bring_up_to_date(connection)
        [told] = connection.execute("PRAGMA integrity_check(1)").fetchone()
        dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    except Exception as error:
        raise StepFailedError(
            f"a new schema did not work on a copy ({error}); {path} is as it was, the copy is {copy}"
        ) from error
    if told != "ok" or dangling:
        raise StepFailedError(
            f"a new schema damaged a copy ({told}); {path} is as it was, the copy is {copy}"
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _forget(copy: Path) -> None:
    for name in ("", "-wal", "-shm", "-journal"):
        copy.with_name(f"{copy.name}{name}").unlink(missing_ok=True)
