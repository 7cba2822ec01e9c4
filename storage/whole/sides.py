"""One store as rows, read or written; which engine it is does not show."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from storage.whole.tables import TABLES, Table

Values = tuple[Any, ...]
# Rows of one write, and so many keys of one question.
CHUNK = 5000


class Side(Protocol):
    """Raises StorageBusyError for trouble with the server or the file."""

    def columns(self, table: Table) -> tuple[str, ...]: ...
    def count(self, table: Table) -> int: ...
    def rows(self, table: Table, columns: Sequence[str]) -> Iterator[Values]:
        """All of them by their key, from one moment if the side was opened for that."""
        ...

    def fill(self, table: Table, columns: Sequence[str], rows: Iterable[Values]) -> int:
        """Insert them into an empty table; answers how many."""
        ...


@dataclass(frozen=True)
class Sum:
    """What a table holds: equal sums mean equal rows."""

    count: int
    digest: str


def sum_of(side: Side, table: Table, columns: Sequence[str]) -> Sum:
    """Over all values by their key, wherever they are kept."""
    digest, count = hashlib.sha256(), 0
    encode = msgspec.msgpack.Encoder().encode
    for row in side.rows(table, columns):
        digest.update(encode(row))
        count += 1
    return Sum(count, digest.hexdigest())


def differing(one: Side, other: Side) -> Iterator[str]:
    """The tables that do not hold the same, with what they hold."""
    for table in TABLES:
        columns = sorted(one.columns(table))
        mine, theirs = (sum_of(side, table, columns) for side in (one, other))
        if mine != theirs:
            yield f"{table.name} ({mine.count} and {theirs.count} rows)"


def in_chunks(rows: Iterable[Values], size: int = CHUNK) -> Iterator[list[Values]]:
    chunk: list[Values] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
