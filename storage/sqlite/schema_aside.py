"""The statements of the step that brings the quarantine and the tallies."""

from __future__ import annotations

# AUTOINCREMENT: an operator's number never comes to mean another element.
ASIDE = (
    """
    CREATE TABLE quarantine (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        tenant TEXT NOT NULL,
        source TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        kept INTEGER NOT NULL,
        size INTEGER NOT NULL,
        whole INTEGER NOT NULL CHECK (whole IN (0, 1)),
        times INTEGER NOT NULL,
        told_at INTEGER NOT NULL,
        reason TEXT NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX quarantine_once ON quarantine (tenant, source, fingerprint)",
    "CREATE INDEX quarantine_by_age ON quarantine (tenant, number, kept)",
    # Until now a body was cut at 64 KiB without a word: it was longer by a byte at least.
    """
    INSERT INTO quarantine
        (number, tenant, source, fingerprint, kept, size, whole, times, told_at, reason, body)
    SELECT id, tenant, source, 'from before ' || id, length(CAST(body AS BLOB)),
        length(CAST(body AS BLOB)) + (length(CAST(body AS BLOB)) > 65532),
        0, 1, told_at, reason, CAST(body AS BLOB)
    FROM set_aside ORDER BY id
    """,
    """
    CREATE TABLE tallies (
        tenant TEXT NOT NULL,
        source TEXT NOT NULL,
        elements INTEGER NOT NULL,
        new INTEGER NOT NULL,
        repeated INTEGER NOT NULL,
        set_aside INTEGER NOT NULL,
        ignored INTEGER NOT NULL,
        lost INTEGER NOT NULL,
        PRIMARY KEY (tenant, source)
    ) STRICT
    """,
    """
    INSERT INTO tallies (tenant, source, elements, new, repeated, set_aside, ignored, lost)
    SELECT tenant, source, count(*), 0, 0, count(*), 0, 0 FROM set_aside GROUP BY tenant, source
    """,
    "DROP TABLE set_aside",
)
