"""The store on PostgreSQL."""

from __future__ import annotations

from storage.postgres.engine import PostgresEngine
from storage.postgres.search import Search
from storage.verbs.all import Verbs


class PostgresStore(Verbs, Search, PostgresEngine):
    """Keeps `storage.store.Store` in one database."""
