"""The statements of the step that brings corrections and the audit."""

from __future__ import annotations

CORRECTIONS = (
    """
    CREATE TABLE corrections (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        wording TEXT NOT NULL,
        words TEXT NOT NULL,
        cause TEXT NOT NULL,
        permanence TEXT NOT NULL,
        why TEXT NOT NULL,
        author TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN
            ('applying', 'applied', 'undoing', 'undone', 'replaced')),
        cursor INTEGER NOT NULL,
        relabelled INTEGER NOT NULL,
        undone_by TEXT NOT NULL,
        undone_at INTEGER,
        PRIMARY KEY (tenant, id)
    ) STRICT
    """,
    """
    CREATE UNIQUE INDEX corrections_standing ON corrections (tenant, wording)
        WHERE state IN ('applying', 'applied')
    """,
    "CREATE INDEX corrections_by_state ON corrections (tenant, state)",
    """
    CREATE TABLE wordings (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        words TEXT NOT NULL,
        kept_at INTEGER NOT NULL,
        PRIMARY KEY (tenant, id)
    ) STRICT, WITHOUT ROWID
    """,
    # AUTOINCREMENT: a number is never given twice, so a lost last row would show.
    """
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        tenant TEXT NOT NULL,
        at INTEGER NOT NULL,
        who TEXT NOT NULL,
        act TEXT NOT NULL,
        about TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX audit_of_tenant ON audit (tenant, number)",
    """
    CREATE TRIGGER audit_keeps_its_rows BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END
    """,
    """
    CREATE TRIGGER audit_keeps_its_words BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END
    """,
)
