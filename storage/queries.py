"""The SQL of `sql/*.sql` as functions: one namespace, one driver's way to bind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiosql

_FOLDER = Path(__file__).parent / "sql"


def load(driver: str) -> Any:
    """Every named query, called as `queries.name(connection, parameter=...)`."""
    return aiosql.from_path(_FOLDER, driver)
