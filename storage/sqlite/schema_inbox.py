"""The statements of the step that brings the inbox."""

from __future__ import annotations

# AUTOINCREMENT: whoever read a number may take it out later, and must mean the same post.
INBOX = (
    """
    CREATE TABLE inbox (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        tenant TEXT NOT NULL,
        source TEXT NOT NULL,
        told_at INTEGER NOT NULL,
        size INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    # How full it is, asked with each post that is put in, is read from here alone.
    "CREATE INDEX inbox_by_age ON inbox (tenant, number, told_at, size)",
)
