"""A store with a past: made inside SQLite, in minutes where telling it would take an hour."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bench.posts import DAYS, FAMILIES, NOW
from bot.wiring import TENANT
from storage.rows import to_ms
from storage.sqlite.store import SqliteStore

_PEOPLE_OF_TEN_ROWS = 4
_SAID = (
    "550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table "
    "(in reply to RCPT TO; mx3.shop7.example.co.jp, id 0a1b2c3d4e5)"
)
_RAW = (
    '{"email":"","timestamp":1790000000,"sg_event_id":"MTIzNDU2Nzg5MDEyMzQ1Njc4",'
    '"sg_message_id":"Ab12Cd34Ef56Gh78Ij90Kl.recvd-6f7c-1-6AB0-1.0",'
    '"smtp-id":"<Ab12Cd34Ef56Gh78Ij90Kl@geopod-ismtpd-7>","ip":"192.0.2.10","tls":1,'
    '"category":["reminder"],"event":"bounce","type":"bounce","status":"5.1.1","reason":"",'
    '"bounce_classification":"Technical Failure"}'
)
_PRAGMAS = (
    "journal_mode = OFF", "synchronous = OFF", "cache_size = -4000000", "foreign_keys = OFF",
)  # fmt: skip

# Addresses and domains as `bench.posts` makes them.
_RECIPIENTS = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :people),
d(i, host) AS (SELECT i, 'shop' || (i * 7919 % 400) || '.example.' ||
    CASE i % 4 WHEN 0 THEN 'co.jp' WHEN 1 THEN 'jp' WHEN 2 THEN 'com' ELSE 'ne.jp' END FROM n)
INSERT INTO recipients (id, tenant, medium, folded, address, domain)
SELECT i + 1, :tenant, 'email', 'user' || i || '.' || family.value || '@' || host,
    'user' || i || '.' || family.value || '@' || host, host
FROM d CROSS JOIN json_each(:families) AS family ON family.key = i % 8
"""
_FAILURES = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
INSERT INTO failures
    (id, tenant, recipient_id, source, source_id, occurred_at, kind, cause, permanence, reference,
     times_seen, history, each_telling_counts, told_at, confidence, rule, provider_text, smtp_code,
     status, tag, bot_id, raw, kept_message, rule_set, guessed)
SELECT i + 1, :tenant, CASE WHEN i < :people THEN i ELSE abs(random()) % :people END + 1,
    'sendgrid_events', lower(hex(randomblob(20))), :now - :span + i * (:span / :rows),
    CASE i % 3 WHEN 0 THEN 'soft_bounce' ELSE 'hard_bounce' END,
    CASE i % 5 WHEN 0 THEN 'mailbox_full' WHEN 1 THEN 'policy_blocked' ELSE 'user_unknown' END,
    CASE i % 5 WHEN 0 THEN 'soft' ELSE 'hard' END, hex(randomblob(11)), 1, 0, 0,
    :now - :span + i * (:span / :rows), 0.9, 'user_unknown', :said, '550', '5.1.1', 'reminder', '',
    :raw || :said, '', 'bench', 0
FROM n
"""
# In no order, so that pages are as full as they come to be.
_CASES = """
INSERT INTO cases
    (recipient_id, tenant, token, medium, state, kind, cause, permanence, opened_at, last_seen,
     learnt_at, known_at, times_seen, drops, history, weighed, failure_id, run)
SELECT f.recipient_id, :tenant, lower(hex(randomblob(8))), 'email', 'open', f.kind, f.cause,
    f.permanence, min(f.occurred_at), max(f.occurred_at), max(f.occurred_at), min(f.occurred_at),
    count(*), 0, 0, count(*), max(f.id),
    '[' || group_concat(json_array(f.occurred_at, 1, f.source, f.source_id, f.kind, f.dropped_by,
        f.cause, f.permanence, f.reference, 1, 0, f.id)) || ']'
FROM failures AS f INDEXED BY sqlite_autoindex_failures_1
GROUP BY f.recipient_id ORDER BY f.recipient_id * 40503 % 65536
"""
_COUNTS = (
    """
    INSERT INTO hourly (tenant, hour, medium, domain, delivered, refused, listed)
    SELECT :tenant, f.occurred_at / 3600000, 'email', r.domain, 0, count(*), 0
    FROM failures AS f JOIN recipients AS r ON r.id = f.recipient_id GROUP BY 2, 4
    """,
    """
    INSERT INTO case_hours (tenant, hour, medium, recipient_id)
    SELECT DISTINCT :tenant, occurred_at / 3600000, 'email', recipient_id
    FROM failures ORDER BY 2, 4
    """,
    """
    INSERT INTO case_news (tenant, at, recipient_id)
    SELECT :tenant, learnt_at, recipient_id FROM cases ORDER BY 2, 3
    """,
    "INSERT INTO recipient_grams (rowid, folded) SELECT id, folded FROM recipients ORDER BY id",
    "UPDATE indexed_recipients SET until = (SELECT max(id) FROM recipients)",
)


def recipients_of(rows: int) -> int:
    return rows * _PEOPLE_OF_TEN_ROWS // 10


def fill(path: Path, rows: int) -> Path:
    """A file of today's schema with so many failures of the last ninety days."""
    SqliteStore(path).close()
    if not rows:
        return path
    values = {
        "rows": rows, "people": recipients_of(rows), "now": to_ms(NOW), "span": DAYS * 86_400_000,
        "tenant": TENANT, "said": _SAID, "raw": _RAW, "families": FAMILIES,
    }  # fmt: skip
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for pragma in _PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN")
        for statement in (_RECIPIENTS, _FAILURES, _CASES, *_COUNTS):
            db.execute(statement, values)
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL")
    return path
