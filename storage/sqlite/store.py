"""The store on SQLite."""

from __future__ import annotations

from storage.sqlite.engine import SqliteEngine
from storage.sqlite.search import Search
from storage.verbs.all import Verbs


class SqliteStore(Verbs, Search, SqliteEngine):
    """Keeps `storage.store.Store` in one file."""
