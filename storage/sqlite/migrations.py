"""The SQLite schema, forward only: every step is applied once, whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database, Migrations

from storage.sqlite import (
    schema,
    schema_aside,
    schema_corrections,
    schema_coverage,
    schema_folding,
    schema_imports,
    schema_inbox,
    schema_sources,
    schema_speed,
)
from storage.sqlite.connecting import busy
from storage.sqlite.soundness import refuse_when_moved
from storage.store import NewerSchemaError

MIGRATIONS = Migrations("notify-errors")

STEPS = {
    "0001_intake": schema.INTAKE,
    "0002_knowledge": schema.KNOWLEDGE,
    "0003_conversation": schema.CONVERSATION,
    "0004_rule_sets": schema.RULE_SETS,
    "0005_guesses": schema.GUESSES,
    "0006_domains": schema.DOMAINS,
    "0007_corrections": schema_corrections.CORRECTIONS,
    "0010_aside": schema_aside.ASIDE,
    "0011_coverage": schema_coverage.COVERAGE,
    "0012_sources": schema_sources.SOURCES,
    "0013_hosts": schema_imports.IMPORTS,
    # Hours and groups of three are made of recipients that are folded already.
    "0014_folding": schema_folding.FOLDING,
    "0015_speed": schema_speed.SPEED,
    "0015_speed_grams": schema_speed.GRAMS,
    "0015_speed_hours": schema_speed.HOURS,
    "0016_inbox": schema_inbox.INBOX,
}


def _step(statements: tuple[str, ...]) -> Callable[[Database], None]:
    def create(db: Database) -> None:
        for statement in statements:
            db.execute(statement)

    return create


def pending_in(path: Path) -> list[str]:
    """The names of the steps that a file lacks, in their order; nothing is changed.

    Raises what opening it would raise.
    """
    with busy(), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        refuse_when_moved(connection)
        database = Database(connection, execute_plugins=False)
        if not database.table_names():
            return list(STEPS)
        applied = applied_in(database)
    return [name for name in STEPS if name not in applied]


def applied_in(database: Database) -> set[str]:
    """The steps that a file has; raises NewerSchemaError if one of them is not ours."""
    applied = {done.name for done in MIGRATIONS.applied(database)}
    if unknown := applied - STEPS.keys():
        raise NewerSchemaError(f"written by a newer version (it has {min(unknown)})")
    return applied


for _name, _statements in STEPS.items():
    MIGRATIONS(name=_name)(_step(_statements))
