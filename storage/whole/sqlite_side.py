"""All rows of a SQLite file. Names come from our own table list, never from outside."""

# ruff: noqa: S608 - names of our own tables and columns

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from storage.sqlite.connecting import busy, connect
from storage.whole.sides import Values
from storage.whole.tables import Table

_FETCHED = 2000


class SqliteSide:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        connection.row_factory = None

    def columns(self, table: Table) -> tuple[str, ...]:
        rows = self.connection.execute(f"PRAGMA table_info({table.name})")
        return tuple(row[1] for row in rows)

    def count(self, table: Table) -> int:
        row = self.connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()
        return int(row[0])

    def rows(self, table: Table, columns: Sequence[str]) -> Iterator[Values]:
        cursor = self.connection.execute(
            f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY {', '.join(table.key)}"
        )
        while rows := cursor.fetchmany(_FETCHED):
            yield from rows

    def rows_of(self, table: Table, columns: Sequence[str], keys: Sequence[Values]) -> list[Values]:
        asked = (
            f"SELECT {', '.join(columns)} FROM {table.name} "
            f"WHERE {' AND '.join(f'{name} = ?' for name in table.key)}"
        )
        found = (self.connection.execute(asked, key).fetchone() for key in keys)
        return [row for row in found if row]

    def fill(self, table: Table, columns: Sequence[str], rows: Iterable[Values]) -> int:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        return self.connection.executemany(
            f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows
        ).rowcount

    def index(self) -> None:
        """Parts of addresses, which are derived."""
        self.connection.execute("BEGIN")
        self.connection.execute(
            "INSERT INTO recipient_grams (rowid, folded) SELECT id, folded FROM recipients"
        )
        self.connection.execute(
            "UPDATE indexed_recipients SET until = (SELECT coalesce(max(id), 0) FROM recipients)"
        )
        self.connection.execute("COMMIT")


@contextmanager
def sqlite_side(path: Path, *, one_moment: bool = False) -> Iterator[SqliteSide]:
    """With `one_moment`, whatever others write meanwhile is not seen; they are not kept waiting."""
    with busy():
        connection = connect(path)
        try:
            if one_moment:
                connection.execute("BEGIN")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield SqliteSide(connection)
        finally:
            connection.close()
