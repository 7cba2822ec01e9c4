"""How values go to PostgreSQL, and how rows come back: as SQLite's do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from psycopg import Connection, Cursor
from psycopg.adapt import Dumper
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper

from storage.storable import storable


class Row(tuple[Any, ...]):
    """Answers to numbers and to the names of its columns."""

    __slots__ = ()
    names: dict[str, int]

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.names[key] if isinstance(key, str) else key)


def row_maker(cursor: Cursor[Any]) -> Callable[[Sequence[Any]], Row]:
    """Psycopg's row factory: a kind of rows for each shape of answer."""
    columns = [column.name for column in cursor.description or ()]
    numbers = {name: number for number, name in enumerate(columns)}
    return type("Row", (Row,), {"__slots__": (), "names": numbers})


class _Text(StrDumper):
    """Whatever comes without a query of ours, such as rows that move here from a file."""

    def dump(self, obj: str) -> Any:
        return super().dump(storable(obj))


def adapt(connection: Connection[Any]) -> None:
    """Whole numbers are large from the start, or a product of two small ones would not fit."""
    dumpers: dict[type, type[Dumper]] = {int: Int8Dumper, str: _Text}
    for kind, dumper in dumpers.items():
        connection.adapters.register_dumper(kind, dumper)
