"""The SQL of both engines as functions: one namespace, one driver's way to bind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiosql

_HERE = Path(__file__).parent
_SHARED = _HERE / "sql"
_OWN = {"sqlite3": _HERE / "sqlite" / "sql", "psycopg": _HERE / "postgres" / "sql"}


def load(driver: str) -> Any:
    """Every named query, called as `queries.name(connection, parameter=...)`.

    Those that both engines understand alike, and those that each has in its own words.
    """
    queries = aiosql.from_path(_SHARED, driver)
    of_engine = aiosql.from_path(_OWN[driver], driver)
    for name in of_engine.available_queries:
        queries.add_query(name, getattr(of_engine, name))
    return queries
