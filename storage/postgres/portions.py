"""Answers that may be longer than memory: fetched portion by portion while they are read."""

from __future__ import annotations

from itertools import count
from typing import Any

from psycopg import Connection, ServerCursor

from storage.postgres.rows import Row

_ROWS = 1000
_NUMBERS = count(1)


class Portions(ServerCursor[Row]):
    """A cursor of the server; set as a connection's `cursor_factory`, every query gets one."""

    def __init__(self, connection: Connection[Any], *, row_factory: Any) -> None:
        super().__init__(connection, f"portions_{next(_NUMBERS)}", row_factory=row_factory)
        self.itersize = _ROWS


def portion_by_portion(connection: Connection[Row]) -> None:
    """From now on, in a transaction. Whoever reads this way reads to the end: plan for that."""
    connection.execute("SET cursor_tuple_fraction = 1")
    connection.cursor_factory = Portions
