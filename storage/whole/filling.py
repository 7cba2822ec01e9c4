"""A database filled with all rows of a SQLite file, at once or not at all."""

from __future__ import annotations

from pathlib import Path

from storage.whole.backing_up import BackupError, Tell
from storage.whole.postgres_side import postgres_side
from storage.whole.sides import differing, in_chunks
from storage.whole.sqlite_side import sqlite_side
from storage.whole.tables import TABLES


def fill(file: Path, url: str, tell: Tell) -> None:
    """What was there leaves with the same commit. Raises BackupError if both sides differ then."""
    done = 0
    with sqlite_side(file, one_moment=True) as source, postgres_side(url) as target:
        count = sum(source.count(table) for table in TABLES)
        with target.connection.transaction():
            target.empty()
            for table in TABLES:
                columns = source.columns(table)
                for chunk in in_chunks(source.rows(table, columns)):
                    target.fill(table, columns, chunk)
                    done += len(chunk)
                    tell(done, count)
            target.count_on()
            different = list(differing(source, target))
            if different:
                raise BackupError(f"both sides differ after all: {', '.join(different)}")
