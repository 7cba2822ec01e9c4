"""The statements of the step that brings who left the lists, and what the logs tell."""

from __future__ import annotations

SOURCES = (
    # When a walk over the list met the entry last; those of before are met by the next one.
    "ALTER TABLE list_entries ADD COLUMN met_at INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX entries_by_meeting ON list_entries (tenant, name, met_at, folded)",
    "ALTER TABLE recipients ADD COLUMN gone_at INTEGER",
    """
    CREATE INDEX recipients_gone ON recipients (tenant, gone_at) WHERE gone_at IS NOT NULL
    """,
    "ALTER TABLE hourly ADD COLUMN logged INTEGER NOT NULL DEFAULT 0",
)
