"""The statements of the steps that make intake and look-ups fast; why is in docs/layout.md.

An index over a case's times would have an old entry taken out, somewhere in the file,
with every failure. Both tables are only ever added to, at their end: they name more
than they need, and the case itself has the last word.
"""

from __future__ import annotations

# Who failed in which hour, and of whom something was learnt when.
SPEED = (
    """
    CREATE TABLE case_hours (
        tenant TEXT NOT NULL,
        hour INTEGER NOT NULL,
        medium TEXT NOT NULL,
        recipient_id INTEGER NOT NULL,
        PRIMARY KEY (tenant, hour, medium, recipient_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO case_hours (tenant, hour, medium, recipient_id)
    SELECT DISTINCT f.tenant, f.occurred_at / 3600000, r.medium, f.recipient_id
    FROM failures AS f JOIN recipients AS r ON r.id = f.recipient_id ORDER BY 1, 2, 3, 4
    """,
    """
    CREATE TABLE case_news (
        tenant TEXT NOT NULL,
        at INTEGER NOT NULL,
        recipient_id INTEGER NOT NULL,
        PRIMARY KEY (tenant, at, recipient_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO case_news (tenant, at, recipient_id)
    SELECT tenant, told_at, recipient_id FROM failures
    UNION SELECT tenant, learnt_at, recipient_id FROM cases
    """,
    "DROP INDEX cases_by_time",
    "DROP INDEX cases_by_learning",
)

# Parts of addresses, found by their groups of three characters. Nothing but the groups is
# kept: the recipients themselves are the content. `indexed_recipients` says how far it goes.
# Sizes are kept although nobody ranks by them: without, no dump of the file could pass it.
GRAMS = (
    """
    CREATE VIRTUAL TABLE recipient_grams USING fts5 (
        folded, content = '', detail = 'none', tokenize = 'trigram'
    )
    """,
    "INSERT INTO recipient_grams (rowid, folded) SELECT id, folded FROM recipients ORDER BY id",
    "CREATE TABLE indexed_recipients (until INTEGER NOT NULL) STRICT",
    "INSERT INTO indexed_recipients (until) SELECT coalesce(max(id), 0) FROM recipients",
)

# A month of hours by domain is a quarter of a million rows; without domains it is hundreds.
# What a list and an event tell counts once for each domain, so both are kept up together.
HOURS = (
    """
    CREATE TABLE hours (
        tenant TEXT NOT NULL,
        hour INTEGER NOT NULL,
        medium TEXT NOT NULL,
        delivered INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        PRIMARY KEY (tenant, hour, medium)
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO hours (tenant, hour, medium, delivered, failed)
    SELECT tenant, hour, medium, sum(delivered), sum(max(refused, listed, logged))
    FROM hourly GROUP BY tenant, hour, medium
    """,
    """
    CREATE TRIGGER hourly_begins AFTER INSERT ON hourly BEGIN
        INSERT INTO hours (tenant, hour, medium, delivered, failed)
        VALUES (new.tenant, new.hour, new.medium, new.delivered, max(new.refused, new.listed, new.logged))
        ON CONFLICT (tenant, hour, medium) DO UPDATE SET
            delivered = delivered + excluded.delivered, failed = failed + excluded.failed;
    END
    """,
    """
    CREATE TRIGGER hourly_goes_on AFTER UPDATE ON hourly BEGIN
        UPDATE hours SET
            delivered = delivered + new.delivered - old.delivered,
            failed = failed + max(new.refused, new.listed, new.logged) - max(old.refused, old.listed, old.logged)
        WHERE tenant = new.tenant AND hour = new.hour AND medium = new.medium;
    END
    """,
)
