"""The statements of the step that brings imported files."""

from __future__ import annotations

IMPORTS = (
    """
    CREATE TABLE imports (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('reading', 'whole', 'done')),
        begun_at INTEGER NOT NULL,
        moved_at INTEGER NOT NULL,
        new INTEGER NOT NULL,
        repeated INTEGER NOT NULL,
        people INTEGER NOT NULL,
        PRIMARY KEY (tenant, id)
    ) STRICT
    """,
    # A part is long: beside its rowid, so that the index holds keys alone.
    """
    CREATE TABLE import_parts (
        tenant TEXT NOT NULL,
        import_id TEXT NOT NULL,
        number INTEGER NOT NULL,
        part TEXT NOT NULL,
        UNIQUE (tenant, import_id, number)
    ) STRICT
    """,
)
