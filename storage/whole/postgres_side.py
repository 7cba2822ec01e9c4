"""All rows of a PostgreSQL database. Names come from our own table list, never from outside."""

# ruff: noqa: S608 - names of our own tables and columns

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, IsolationLevel

from storage.postgres.connecting import connect
from storage.postgres.troubles import busy
from storage.whole.sides import Values
from storage.whole.tables import TABLES, Table

_FETCHED = 2000


class PostgresSide:
    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection

    def _do(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        return self.connection.execute(sql, parameters)

    def columns(self, table: Table) -> tuple[str, ...]:
        rows = self._do(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = %s ORDER BY ordinal_position",
            [table.name],
        )
        return tuple(row[0] for row in rows)

    def count(self, table: Table) -> int:
        return int(self._do(f"SELECT count(*) FROM {table.name}").fetchone()[0])

    def rows(self, table: Table, columns: Sequence[str]) -> Iterator[Values]:
        with self.connection.transaction(), self.connection.cursor(f"all_{table.name}") as cursor:
            cursor.itersize = _FETCHED
            cursor.execute(
                f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY {', '.join(table.key)}"
            )
            for row in cursor:
                yield tuple(row)

    def put(self, table: Table, columns: Sequence[str], rows: Iterable[Values]) -> int:
        names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
        rest = [name for name in columns if name not in table.key]
        sets = ", ".join(f"{name} = excluded.{name}" for name in rest)
        conflict = f"DO UPDATE SET {sets}" if rest else "DO NOTHING"
        keys = ", ".join(table.key)
        with self.connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table.name} ({names}) VALUES ({marks}) "
                f"ON CONFLICT ({keys}) {conflict}",
                list(rows),
            )
            return cursor.rowcount

    def fill(self, table: Table, columns: Sequence[str], rows: Iterable[Values]) -> int:
        """COPY, the fastest way in."""
        count = 0
        sql = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
        with self.connection.cursor() as cursor, cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        return count

    def drop(self, table: Table, keys: Sequence[Values]) -> None:
        where = " AND ".join(f"{name} = %s" for name in table.key)
        with self.connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {table.name} WHERE {where}", list(keys))

    def empty(self) -> None:
        """Of everything, in the transaction that it is called in; the audit lets go this once."""
        names = ", ".join([*(table.name for table in TABLES), "hours"])
        self._do("ALTER TABLE audit DISABLE TRIGGER audit_stays")
        self._do(f"TRUNCATE {names}")
        self._do("ALTER TABLE audit ENABLE TRIGGER audit_stays")

    def count_on(self) -> None:
        """No number that is there is given again."""
        for table in TABLES:
            if table.counter:
                self._do(
                    f"SELECT setval('{table.counter}', "
                    f"(SELECT coalesce(max({table.key[0]}), 0) + 1 FROM {table.name}), false)"
                )


@contextmanager
def postgres_side(url: str, *, one_moment: bool = False) -> Iterator[PostgresSide]:
    """With `one_moment`, whatever others write meanwhile is not seen."""
    with busy(), connect(url) as connection:
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(f"SET {limit} = 0")
        if not one_moment:
            yield PostgresSide(connection)
            return
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            yield PostgresSide(connection)
