"""The SQL of both engines as functions: one namespace, one driver's way to bind."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import aiosql

from storage.storable import storable_row

_HERE = Path(__file__).parent
_SHARED = _HERE / "sql"
_PARTS = _SHARED / "parts"
_OWN = {"sqlite3": _HERE / "sqlite" / "sql", "psycopg": _HERE / "postgres" / "sql"}
_PART = re.compile(r"\{(\w+)\}")
# What is written for SQLite and said otherwise to PostgreSQL. SQLite keeps the order of tables
# that are joined so; and a list is looked up in an index only where it is an array.
_SAID: dict[str, tuple[tuple[str, str], ...]] = {
    "sqlite3": (),
    "psycopg": (
        (r"CROSS JOIN", "JOIN"),
        (r"NOT IN \((SELECT [^()]+ FROM json_each\(:\w+\))\)", r"<> ALL (ARRAY(\1))"),
        (r"IN \((SELECT [^()]+ FROM json_each\(:\w+\))\)", r"= ANY (ARRAY(\1))"),
        (
            r"IN \((SELECT CAST\(value AS BIGINT\) FROM json_each\(:\w+\))\)",
            r"= ANY (ARRAY(\1))",
        ),
    ),
}


def load(driver: str) -> Any:
    """Every named query, called as `queries.name(connection, parameter=...)`.

    Those that both engines understand alike, and those that each has in its own words.
    `{part}` in them is what several say alike.
    """
    files = [*sorted(_SHARED.glob("*.sql")), *sorted(_OWN[driver].glob("*.sql"))]
    sql = "\n".join(file.read_text(encoding="utf-8") for file in files)
    parts = {file.stem: file.read_text(encoding="utf-8").rstrip() for file in _PARTS.iterdir()}
    sql = _PART.sub(lambda found: parts[found[1]], sql)
    for written, said in _SAID[driver]:
        sql = re.sub(written, said, sql)
    loaded = aiosql.from_str(sql, driver)
    for name in loaded.available_queries:
        setattr(loaded, name, _told_storable(getattr(loaded, name)))
    return loaded


def _told_storable(query: Callable[..., Any]) -> Callable[..., Any]:
    """What comes by its name; rows without names are `storage.verbs.intake`'s, which is in a hurry."""

    @wraps(query)
    def called(connection: Any, *rows: Any, **named: Any) -> Any:
        if rows and rows[0] and isinstance(rows[0], list) and isinstance(rows[0][0], dict):
            rows = ([storable_row(row) for row in rows[0]],)
        return query(connection, *rows, **storable_row(named))

    return called
