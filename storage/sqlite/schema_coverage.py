"""The statements of the step that keeps coverage as stretches of time."""

from __future__ import annotations

from storage.lists import ListName

_LISTS = ", ".join(f"('{name}')" for name in ListName)

COVERAGE = (
    """
    CREATE TABLE stretches (
        tenant TEXT NOT NULL,
        source TEXT NOT NULL,
        part TEXT NOT NULL,
        lost INTEGER NOT NULL CHECK (lost IN (0, 1)),
        since INTEGER NOT NULL,
        until INTEGER NOT NULL CHECK (until > since),
        PRIMARY KEY (tenant, source, part, lost, since)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE mendings (
        id INTEGER PRIMARY KEY,
        tenant TEXT NOT NULL,
        source TEXT NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER NOT NULL,
        told_by TEXT NOT NULL,
        part TEXT NOT NULL,
        found INTEGER NOT NULL,
        at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX mendings_by_gap ON mendings (tenant, until)",
    "CREATE INDEX mendings_by_time ON mendings (tenant, at)",
    # Up to the last post at least; whose row speaks of a gap, proves nothing.
    """
    INSERT INTO stretches (tenant, source, part, lost, since, until)
    SELECT tenant, source, '', 0, since, until FROM coverage
    WHERE source <> 'sendgrid_lists' AND until > since AND trouble = ''
    """,
    # Its end moved only when every list had been read.
    f"""
    INSERT INTO stretches (tenant, source, part, lost, since, until)
    SELECT tenant, source, column1, 0, since, until FROM coverage, (VALUES {_LISTS})
    WHERE source = 'sendgrid_lists' AND until > since
    """,  # noqa: S608 - our own words
    "UPDATE coverage SET trouble = '' WHERE trouble = 'gap'",
)
