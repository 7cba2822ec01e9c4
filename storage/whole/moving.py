"""A SQLite store moved to PostgreSQL while intake goes on.

From the beginning every change of the file is noted in a table of its own by triggers.
All rows are copied from one moment, then what was noted since, again and again until
little is left. The last of it is copied under the file's lock, and both sides compared:
only then the file is marked as moved, and takes no writes any more. Broken off before
that, the file is as it was, and a next try begins anew. What a killed try leaves in the
file notes nothing once its lease has passed.

The database has a mark from the first row on, which keeps everybody else away; it goes
after the file is marked. So at no moment both take writes. Broken off between the two,
neither does, and a next try only compares once more and lets the database go.
"""

# ruff: noqa: S608 - names of our own tables and columns

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from storage.postgres.mark import drop_mark, mark_of, marked, set_mark
from storage.postgres.troubles import busy
from storage.sqlite.soundness import MOVED
from storage.store import StorageBusyError
from storage.whole.postgres_side import PostgresSide, postgres_side
from storage.whole.sides import Values, differing, in_chunks
from storage.whole.sqlite_side import SqliteSide, sqlite_side
from storage.whole.tables import TABLES, Table

# Told so: rows copied, of how many there were.
Tell = Callable[[int, int], object]
Changes = dict[Table, dict[Values, Values | None]]

_NOTED = "moving"
_LEASE = "moving_lease"
# Renewed while the move lives; notes that nobody will fetch must not grow for ever.
_LEASE_SECONDS = 1800
_RENEWED_EVERY_SECONDS = 60
# With so few left, nobody waits long for the last of them.
_FEW = 2000
_ROUNDS = 50
# The mark's number stands in the file too, in the 31 bits that SQLite has for an application's:
# no other database is taken for the one that everything was moved to.
_NUMBERS = 2**31 - 1
_HAPPENINGS = ("INSERT", "UPDATE", "DELETE")


class MoveError(Exception):
    """It did not come about; the text says why. The file is as it was, and goes on."""


class NotFreedError(Exception):
    """Everything is moved, and the file takes no more writes; the next try frees the database."""


@dataclass(frozen=True)
class Moved:
    """Rows copied from the first moment, and changes that were carried after them.

    With `before`, a try that was broken off at its very end had moved all of them.
    """

    rows: int
    changes: int
    before: bool = False


def was_moved(file: Path) -> bool:
    """It takes no writes any more, and no `open_store`."""
    if not file.exists():
        return False
    with sqlite_side(file) as side:
        return _pragma(side, "user_version") == MOVED


def move(file: Path, url: str, tell: Tell) -> Moved:
    """The target must be empty, or the rest of a try.

    Raises MoveError, StorageBusyError; NotFreedError where only a mark is left to drop.
    """
    with sqlite_side(file) as noting, postgres_side(url) as target:
        moved = _moved_before(noting, target) or _move(file, noting, target, tell)
        try:
            with busy():
                drop_mark(target.connection)
        except StorageBusyError as error:
            raise NotFreedError(
                f"everything is moved, but the database went away: {error}"
            ) from error
        return moved


def _moved_before(noting: SqliteSide, target: PostgresSide) -> Moved | None:
    """Neither takes writes; that they are equal is looked at all the same."""
    if _pragma(noting, "user_version") != MOVED:
        return None
    if mark_of(target.connection) != _pragma(noting, "application_id"):
        raise MoveError("everything was moved to another store; restart with its URL")
    _compare(noting, target)
    return Moved(sum(target.count(table) for table in TABLES), 0, before=True)


def _pragma(side: SqliteSide, name: str) -> int:
    return int(side.connection.execute(f"PRAGMA {name}").fetchone()[0])


def _move(file: Path, noting: SqliteSide, target: PostgresSide, tell: Tell) -> Moved:
    number = secrets.randbelow(_NUMBERS) + 1
    _begin(noting, target, number)
    try:
        _note_changes(noting)
        rows = _copy_all(file, target, _renewing(noting, tell))
        changes = _catch_up(noting, target)
        return Moved(rows, changes + _end(noting, target, number))
    except BaseException:
        # Where the file is held, why it was broken off says more than that: what stays
        # in it notes nothing once its lease has passed.
        with suppress(sqlite3.Error):
            _stop_noting(noting)
        raise


def _begin(noting: SqliteSide, target: PostgresSide, number: int) -> None:
    """An unfinished try is known by its mark; other rows are somebody's."""
    used = any(target.count(table) for table in TABLES if table.name != "facts")
    if used and not marked(target.connection):
        raise MoveError("the database has rows already; name an empty one")
    with target.connection.transaction():
        set_mark(target.connection, number)
        target.empty()
    _stop_noting(noting)


def _note_changes(noting: SqliteSide) -> None:
    do = noting.connection.execute
    do("BEGIN IMMEDIATE")
    do(f"CREATE TABLE {_NOTED} (number INTEGER PRIMARY KEY, name TEXT, key TEXT) STRICT")
    do(f"CREATE TABLE {_LEASE} (until INTEGER NOT NULL) STRICT")
    do(f"INSERT INTO {_LEASE} (until) VALUES (unixepoch() + ?)", [_LEASE_SECONDS])
    for table in TABLES:
        for happening in _HAPPENINGS:
            sides = {"INSERT": ("new",), "UPDATE": ("old", "new"), "DELETE": ("old",)}[happening]
            notes = " ".join(
                f"INSERT INTO {_NOTED} (name, key) VALUES ('{table.name}', "
                f"json_array({', '.join(f'{side}.{name}' for name in table.key)}));"
                for side in sides
            )
            do(
                f"CREATE TRIGGER {_NOTED}_{table.name}_{happening} "
                f"AFTER {happening} ON {table.name} "
                f"WHEN (SELECT until FROM {_LEASE}) > unixepoch() BEGIN {notes} END"
            )
    do("COMMIT")


def _renewing(noting: SqliteSide, tell: Tell) -> Tell:
    renewed = time.monotonic()

    def told(done: int, whole: int) -> None:
        nonlocal renewed
        if time.monotonic() >= renewed + _RENEWED_EVERY_SECONDS:
            _renew(noting)
            renewed = time.monotonic()
        tell(done, whole)

    return told


def _renew(noting: SqliteSide) -> None:
    """Raises MoveError where it had passed: changes since then were not noted."""
    renewed = noting.connection.execute(
        f"UPDATE {_LEASE} SET until = unixepoch() + ? WHERE until > unixepoch()", [_LEASE_SECONDS]
    )
    if not renewed.rowcount:
        raise MoveError("the move stood still for too long, or the clock was set; try again")


def _stop_noting(noting: SqliteSide) -> None:
    """Also what a try that was killed has left."""
    if noting.connection.in_transaction:
        noting.connection.execute("ROLLBACK")
    noting.connection.execute("BEGIN IMMEDIATE")
    _forget_notes(noting)
    noting.connection.execute("COMMIT")


def _forget_notes(noting: SqliteSide) -> None:
    for table in TABLES:
        for happening in _HAPPENINGS:
            noting.connection.execute(f"DROP TRIGGER IF EXISTS {_NOTED}_{table.name}_{happening}")
    for name in (_NOTED, _LEASE):
        noting.connection.execute(f"DROP TABLE IF EXISTS {name}")


def _copy_all(file: Path, target: PostgresSide, tell: Tell) -> int:
    done = 0
    with sqlite_side(file, one_moment=True) as source:
        count = sum(source.count(table) for table in TABLES)
        for table in TABLES:
            columns = source.columns(table)
            for chunk in in_chunks(source.rows(table, columns)):
                with target.connection.transaction():
                    target.fill(table, columns, chunk)
                done += len(chunk)
                tell(done, count)
    return done


def _catch_up(noting: SqliteSide, target: PostgresSide) -> int:
    """Round after round; each leaves what came in while it was carried."""
    carried = 0
    for _ in range(_ROUNDS):
        _renew(noting)
        carried += _round(noting, target)
        if _notes_left(noting) <= _FEW:
            return carried
    return carried


def _round(noting: SqliteSide, target: PostgresSide) -> int:
    # From one moment: or a parent may be gone already, and its children not noted as gone.
    noting.connection.execute("BEGIN")
    last = _last_note(noting)
    changes = _changes(noting, last)
    noting.connection.execute("COMMIT")
    carried = _carry(noting, target, changes)
    # Carried again it would come to the same: this need not be one with the other.
    noting.connection.execute(f"DELETE FROM {_NOTED} WHERE number <= ?", [last])
    return carried


def _last_note(noting: SqliteSide) -> int:
    row = noting.connection.execute(f"SELECT coalesce(max(number), 0) FROM {_NOTED}").fetchone()
    return int(row[0])


def _notes_left(noting: SqliteSide) -> int:
    row = noting.connection.execute(f"SELECT count(*) FROM {_NOTED}").fetchone()
    return int(row[0])


def _changes(noting: SqliteSide, last: int) -> Changes:
    """What was noted up to `last`, as it is now; None for what has left."""
    noted = _noted(noting, last)
    return {table: dict(_as_it_is(noting, table, noted.get(table.name, []))) for table in TABLES}


def _carry(noting: SqliteSide, target: PostgresSide, changes: Changes) -> int:
    """Children leave first, parents come first."""
    with target.connection.transaction():
        for table in reversed(TABLES):
            target.drop(table, [key for key, row in changes[table].items() if row is None])
        for table in TABLES:
            rows = [row for row in changes[table].values() if row is not None]
            target.put(table, noting.columns(table), rows)
    return sum(map(len, changes.values()))


def _noted(noting: SqliteSide, last: int) -> dict[str, list[Values]]:
    found: dict[str, list[Values]] = {}
    rows = noting.connection.execute(
        f"SELECT DISTINCT name, key FROM {_NOTED} WHERE number <= ?", [last]
    )
    for name, key in rows.fetchall():
        found.setdefault(name, []).append(tuple(json.loads(key)))
    return found


def _as_it_is(
    noting: SqliteSide, table: Table, keys: list[Values]
) -> Iterator[tuple[Values, Values | None]]:
    columns = noting.columns(table)
    places = [columns.index(name) for name in table.key]
    there = {
        tuple(row[place] for place in places): row for row in noting.rows_of(table, columns, keys)
    }
    for key in keys:
        yield key, there.get(key)


def _end(noting: SqliteSide, target: PostgresSide, number: int) -> int:
    """Nobody writes meanwhile; whoever wants to waits, or is asked to tell again."""
    noting.connection.execute("BEGIN IMMEDIATE")
    _renew(noting)
    carried = _carry(noting, target, _changes(noting, _last_note(noting)))
    _compare(noting, target)
    with target.connection.transaction():
        # On the disk with all that was written before it: then the file may let go.
        target.connection.execute("SET LOCAL synchronous_commit = on")
        target.count_on()
    _forget_notes(noting)
    noting.connection.execute(f"PRAGMA application_id = {number}")
    noting.connection.execute(f"PRAGMA user_version = {MOVED}")
    noting.connection.execute("COMMIT")
    return carried


def _compare(noting: SqliteSide, target: PostgresSide) -> None:
    different = list(differing(noting, target))
    if different:
        raise MoveError(f"both sides differ after all: {', '.join(different)}")
