"""The PostgreSQL schema, forward only: every step is applied once, whole or not at all."""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.errors import FeatureNotSupported, InsufficientPrivilege, UndefinedFile

from storage.postgres.connecting import connect
from storage.postgres.locks import locked
from storage.postgres.mark import refuse_marked
from storage.postgres.schema import BASE
from storage.postgres.schema_inbox import INBOX
from storage.postgres.troubles import busy
from storage.store import NewerSchemaError, UnfitStoreError

STEPS: dict[str, tuple[str, ...]] = {
    "0001_base": BASE,
    "0002_inbox": INBOX,
}
_OLDEST = 13_00_00  # its owner may create pg_trgm
_STEPS_TABLE = """
    CREATE TABLE IF NOT EXISTS schema_steps (
        name TEXT PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
    )
"""
# Parts of addresses are found without reading everybody, where the extension can be had. An
# expression, or whole addresses would be looked for by their parts too, a thousand times slower.
_SEARCH = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """
    CREATE INDEX IF NOT EXISTS recipients_by_part ON recipients
    USING gin ((folded || '') COLLATE "C" gin_trgm_ops)
    """,
)


def bring_up_to_date(url: str, *, for_move: bool = False) -> None:
    """Raises as `migrate`; UnfitStoreError as well for what a move, and only a move, goes on with."""
    with busy(), connect(url) as connection:
        if not for_move:
            refuse_marked(connection)
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET lock_timeout = 0")
        migrate(connection)


def migrate(connection: Connection[Any]) -> None:
    """Bring the schema up to date; several processes may try at once.

    Raises NewerSchemaError where a newer version has been at work, UnfitStoreError where
    the database could not keep our texts.
    """
    _check(connection)
    with locked(connection, "schema"):
        connection.execute(_STEPS_TABLE)
        applied = _applied(connection)
        for name, statements in STEPS.items():
            if name not in applied:
                _apply(connection, name, statements)
        _searchable(connection)


def pending(url: str) -> list[str]:
    """The names of the steps that the database lacks, in their order; nothing is changed.

    Raises what opening it would raise.
    """
    with busy(), connect(url) as connection:
        refuse_marked(connection)
        _check(connection)
        there = connection.execute("SELECT to_regclass('schema_steps')").fetchone() != (None,)
        applied = _applied(connection) if there else set()
    return [name for name in STEPS if name not in applied]


def _applied(connection: Connection[Any]) -> set[str]:
    applied = {name for (name,) in connection.execute("SELECT name FROM schema_steps")}
    if unknown := applied - STEPS.keys():
        raise NewerSchemaError(f"written by a newer version (it has {min(unknown)})")
    return applied


def _check(connection: Connection[Any]) -> None:
    version = connection.info.server_version
    if version < _OLDEST:
        raise UnfitStoreError(f"has version {version // 10_000}; 13 or newer is needed")
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise UnfitStoreError(f"has the encoding {encoding}; make one with ENCODING 'UTF8'")


def _apply(connection: Connection[Any], name: str, statements: tuple[str, ...]) -> None:
    with connection.transaction():
        for statement in statements:
            connection.execute(statement)
        connection.execute("INSERT INTO schema_steps (name) VALUES (%s)", (name,))


def _searchable(connection: Connection[Any]) -> None:
    """At every opening: whoever installs the extension later need only start again."""
    if connection.execute("SELECT to_regclass('recipients_by_part')").fetchone() != (None,):
        return
    try:
        with connection.transaction():
            for statement in _SEARCH:
                connection.execute(statement)
    except (InsufficientPrivilege, UndefinedFile, FeatureNotSupported):
        return
