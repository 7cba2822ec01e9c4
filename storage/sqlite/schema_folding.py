"""The statements of the step that folds stored recipients anew, and the functions they call.

Spellings that were two recipients become one: the failures of the second are the
first's, told as they were, and `retell_merged` tells the cases of both again.
"""

from __future__ import annotations

import sqlite3

from storage.failures import Medium, domain_of, fold_recipient
from storage.queries import load
from storage.verbs.arrivals import known_of
from storage.verbs.retelling import put_stories, stories_of

FOLDING = (
    """
    CREATE TEMP TABLE refolded AS
    SELECT id, tenant, medium, address, fold_recipient(address) AS folded
    FROM recipients WHERE folded <> fold_recipient(address)
    """,
    "CREATE INDEX temp.refolded_by_address ON refolded (tenant, medium, folded)",
    """
    CREATE TEMP TABLE merged AS
    SELECT * FROM (
        SELECT one.id AS old, one.tenant, one.address, coalesce(
            (SELECT r.id FROM recipients AS r WHERE r.tenant = one.tenant
                AND r.medium = one.medium AND r.folded = one.folded),
            (SELECT min(r.id) FROM refolded AS r WHERE r.tenant = one.tenant
                AND r.medium = one.medium AND r.folded = one.folded)
        ) AS kept
        FROM refolded AS one
    ) WHERE old <> kept
    """,
    "CREATE INDEX temp.merged_by_old ON merged (old)",
    """
    UPDATE OR IGNORE failures SET
        told_as = coalesce(told_as, (SELECT address FROM merged WHERE old = recipient_id)),
        recipient_id = (SELECT kept FROM merged WHERE old = recipient_id)
    WHERE recipient_id IN (SELECT old FROM merged)
    """,
    """
    UPDATE OR IGNORE cases SET
        recipient_id = (SELECT kept FROM merged WHERE old = recipient_id)
    WHERE recipient_id IN (SELECT old FROM merged)
    """,
    "DELETE FROM cases WHERE recipient_id IN (SELECT old FROM merged)",
    # What one source told of both spellings under one fingerprint was one failure.
    "DELETE FROM failures WHERE recipient_id IN (SELECT old FROM merged)",
    """
    UPDATE recipients SET last_success = both.newest, gone_at = both.gone_at
    FROM (
        SELECT m.kept, max(r.last_success) AS newest, max(r.gone_at) AS gone_at
        FROM merged AS m JOIN recipients AS r ON r.id IN (m.kept, m.old) GROUP BY m.kept
    ) AS both WHERE recipients.id = both.kept
    """,
    "DELETE FROM recipients WHERE id IN (SELECT old FROM merged)",
    """
    UPDATE recipients SET folded = one.folded, domain = domain_of(one.folded)
    FROM refolded AS one WHERE recipients.id = one.id
    """,
    """
    INSERT INTO hourly (tenant, hour, medium, domain, delivered, refused, listed, logged)
    SELECT tenant, hour, medium, domain_of('@' || domain), delivered, refused, listed, logged
    FROM hourly WHERE domain <> domain_of('@' || domain)
    ON CONFLICT (tenant, hour, medium, domain) DO UPDATE SET
        delivered = delivered + excluded.delivered,
        refused = refused + excluded.refused,
        listed = listed + excluded.listed,
        logged = logged + excluded.logged
    """,
    "DELETE FROM hourly WHERE domain <> domain_of('@' || domain)",
    """
    INSERT INTO domains (tenant, medium, domain, last_success)
    SELECT tenant, medium, domain_of('@' || domain), last_success
    FROM domains WHERE domain <> domain_of('@' || domain)
    ON CONFLICT (tenant, medium, domain) DO UPDATE SET
        last_success = max(last_success, excluded.last_success)
    """,
    "DELETE FROM domains WHERE domain <> domain_of('@' || domain)",
    """
    UPDATE people SET id_folded = fold_recipient(id), email_folded = fold_recipient(email),
        line_works_folded = fold_recipient(line_works_id)
    """,
    "UPDATE list_entries SET folded = fold_recipient(address)",
    # Only a reading's time, and the lists are asked again.
    "DELETE FROM address_readings WHERE folded <> fold_recipient(folded)",
    # Two open wishes about one address: the second stays findable by its own spelling.
    "UPDATE OR IGNORE requests SET subject_folded = fold_recipient(subject)",
)

_KEPT = """
    SELECT r.tenant, r.medium, r.id, r.address, r.domain, r.last_success, c.state, c.weighed, c.run, r.gone_at
    FROM recipients AS r JOIN cases AS c ON c.recipient_id = r.id
    WHERE r.id IN (SELECT kept FROM merged)
"""


def teach(connection: sqlite3.Connection) -> None:
    """Give the statements their functions."""
    for function in (fold_recipient, domain_of):
        connection.create_function(function.__name__, 1, function, deterministic=True)


def retell_merged(connection: sqlite3.Connection) -> None:
    """In the transaction of the step, with the present rules: the cases of merged recipients."""
    queries = load("sqlite3")
    if not connection.execute("SELECT 1 FROM sqlite_temp_master WHERE name = 'merged'").fetchone():
        return
    for tenant, medium, *row in connection.execute(_KEPT).fetchall():
        known = known_of(Medium(medium), *row)
        stories = stories_of(connection, queries, [known])
        put_stories(connection, queries, tenant, 0, {known.id: known}, stories)
    for table in ("merged", "refolded"):
        connection.execute(f"DROP TABLE temp.{table}")
