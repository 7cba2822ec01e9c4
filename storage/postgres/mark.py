"""The mark of a database that a move has begun to fill: until it is gone, nobody works there."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from storage.store import UnfitStoreError


def marked(connection: Connection[Any]) -> bool:
    return connection.execute("SELECT to_regclass('moving')").fetchone() != (None,)


def mark_of(connection: Connection[Any]) -> int | None:
    """The number of the move that has marked it."""
    row = connection.execute("SELECT * FROM moving").fetchone() if marked(connection) else None
    return row[0] if row else None


def set_mark(connection: Connection[Any], number: int) -> None:
    """In the place of one that another try has left."""
    connection.execute("DROP TABLE IF EXISTS moving")
    connection.execute("CREATE TABLE moving (number BIGINT NOT NULL)")
    connection.execute("INSERT INTO moving (number) VALUES (%s)", (number,))


def drop_mark(connection: Connection[Any]) -> None:
    connection.execute("DROP TABLE moving")


def refuse_marked(connection: Connection[Any]) -> None:
    """What is written there would be taken for copied rows, and a next try throws them away."""
    if marked(connection):
        raise UnfitStoreError(
            "is the target of a `notify-errors move` that has not ended; "
            "run that again, or name an empty database"
        )
