"""The statements of each step of the PostgreSQL schema, oldest first.

The tables and columns are those of `storage.sqlite.schema`, so that rows move from one
to the other as they are: times are milliseconds, truths are 0 or 1. Texts are compared
byte by byte, as SQLite does, whatever the database's own collation. Keys begin with what
tells rows apart: of a young table PostgreSQL believes that its tenant alone would do.
"""

from __future__ import annotations

from storage.postgres.schema_conversation import CONVERSATION
from storage.postgres.schema_knowledge import ASIDE, KNOWLEDGE

# SQL that both engines understand asks for lists as JSON, in SQLite's words.
_WORDS = (
    """
    CREATE FUNCTION json_each(listed text) RETURNS TABLE (value text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20
    AS $$ SELECT jsonb_array_elements_text(listed::jsonb) $$
    """,
    """
    CREATE FUNCTION json_extract(told text, path text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT jsonb_path_query_first(told::jsonb, path::jsonpath) #>> '{}' $$
    """,
)

_INTAKE = (
    """
    CREATE TABLE recipients (
        id BIGINT PRIMARY KEY,
        tenant TEXT COLLATE "C" NOT NULL,
        medium TEXT COLLATE "C" NOT NULL,
        folded TEXT COLLATE "C" NOT NULL,
        address TEXT COLLATE "C" NOT NULL,
        domain TEXT COLLATE "C" NOT NULL,
        last_success BIGINT,
        gone_at BIGINT,
        UNIQUE (folded, tenant, medium)
    )
    """,
    "CREATE SEQUENCE recipient_number OWNED BY recipients.id",
    "CREATE INDEX recipients_gone ON recipients (tenant, gone_at) WHERE gone_at IS NOT NULL",
    """
    CREATE TABLE failures (
        id BIGINT PRIMARY KEY,
        tenant TEXT COLLATE "C" NOT NULL,
        recipient_id BIGINT NOT NULL REFERENCES recipients (id),
        source TEXT COLLATE "C" NOT NULL,
        source_id TEXT COLLATE "C" NOT NULL,
        occurred_at BIGINT NOT NULL,
        kind TEXT COLLATE "C" NOT NULL,
        dropped_by TEXT COLLATE "C",
        cause TEXT COLLATE "C" NOT NULL,
        permanence TEXT COLLATE "C" NOT NULL,
        reference TEXT COLLATE "C" NOT NULL,
        times_seen BIGINT NOT NULL CHECK (times_seen > 0),
        history BIGINT NOT NULL CHECK (history IN (0, 1)),
        each_telling_counts BIGINT NOT NULL CHECK (each_telling_counts IN (0, 1)),
        told_at BIGINT NOT NULL,
        told_as TEXT COLLATE "C",
        confidence DOUBLE PRECISION NOT NULL,
        rule TEXT COLLATE "C" NOT NULL,
        rule_set TEXT COLLATE "C" NOT NULL,
        provider_text TEXT COLLATE "C" NOT NULL,
        smtp_code TEXT COLLATE "C" NOT NULL,
        status TEXT COLLATE "C" NOT NULL,
        tag TEXT COLLATE "C" NOT NULL,
        bot_id TEXT COLLATE "C" NOT NULL,
        raw TEXT COLLATE "C" NOT NULL,
        kept_message TEXT COLLATE "C" NOT NULL,
        guessed BIGINT NOT NULL CHECK (guessed IN (0, 1)),
        UNIQUE (recipient_id, source, source_id)
    )
    """,
    "CREATE SEQUENCE failure_number OWNED BY failures.id",
    """
    CREATE TABLE cases (
        recipient_id BIGINT PRIMARY KEY REFERENCES recipients (id),
        tenant TEXT COLLATE "C" NOT NULL,
        token TEXT COLLATE "C" NOT NULL,
        medium TEXT COLLATE "C" NOT NULL,
        state TEXT COLLATE "C" NOT NULL,
        kind TEXT COLLATE "C" NOT NULL,
        dropped_by TEXT COLLATE "C",
        cause TEXT COLLATE "C" NOT NULL,
        permanence TEXT COLLATE "C" NOT NULL,
        opened_at BIGINT NOT NULL,
        last_seen BIGINT NOT NULL,
        learnt_at BIGINT NOT NULL,
        known_at BIGINT NOT NULL,
        times_seen BIGINT NOT NULL CHECK (times_seen > 0),
        drops BIGINT NOT NULL,
        history BIGINT NOT NULL CHECK (history IN (0, 1)),
        weighed BIGINT NOT NULL,
        failure_id BIGINT NOT NULL,
        run TEXT COLLATE "C" NOT NULL
    )
    """,
    """
    CREATE TABLE case_hours (
        tenant TEXT COLLATE "C" NOT NULL,
        hour BIGINT NOT NULL,
        medium TEXT COLLATE "C" NOT NULL,
        recipient_id BIGINT NOT NULL,
        PRIMARY KEY (tenant, hour, medium, recipient_id)
    )
    """,
    """
    CREATE TABLE case_news (
        tenant TEXT COLLATE "C" NOT NULL,
        at BIGINT NOT NULL,
        recipient_id BIGINT NOT NULL,
        PRIMARY KEY (tenant, at, recipient_id)
    )
    """,
    """
    CREATE TABLE seen_successes (
        tenant TEXT COLLATE "C" NOT NULL,
        source TEXT COLLATE "C" NOT NULL,
        source_id TEXT COLLATE "C" NOT NULL,
        occurred_at BIGINT NOT NULL,
        told_at BIGINT NOT NULL,
        PRIMARY KEY (source_id, tenant, source)
    )
    """,
    "CREATE INDEX successes_by_time ON seen_successes (tenant, occurred_at)",
    """
    CREATE TABLE domains (
        tenant TEXT COLLATE "C" NOT NULL,
        medium TEXT COLLATE "C" NOT NULL,
        domain TEXT COLLATE "C" NOT NULL,
        last_success BIGINT NOT NULL,
        PRIMARY KEY (domain, tenant, medium)
    )
    """,
)

_HOURS = (
    """
    CREATE TABLE hourly (
        tenant TEXT COLLATE "C" NOT NULL,
        hour BIGINT NOT NULL,
        medium TEXT COLLATE "C" NOT NULL,
        domain TEXT COLLATE "C" NOT NULL,
        delivered BIGINT NOT NULL,
        refused BIGINT NOT NULL,
        listed BIGINT NOT NULL,
        logged BIGINT NOT NULL,
        PRIMARY KEY (tenant, hour, medium, domain)
    )
    """,
    """
    CREATE TABLE hours (
        tenant TEXT COLLATE "C" NOT NULL,
        hour BIGINT NOT NULL,
        medium TEXT COLLATE "C" NOT NULL,
        delivered BIGINT NOT NULL,
        failed BIGINT NOT NULL,
        PRIMARY KEY (tenant, hour, medium)
    )
    """,
    """
    CREATE FUNCTION hourly_begins() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO hours AS known (tenant, hour, medium, delivered, failed)
        SELECT tenant, hour, medium, sum(delivered), sum(greatest(refused, listed, logged))
        FROM begun GROUP BY tenant, hour, medium
        ON CONFLICT (tenant, hour, medium) DO UPDATE SET
            delivered = known.delivered + excluded.delivered,
            failed = known.failed + excluded.failed;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER hourly_begins AFTER INSERT ON hourly
    REFERENCING NEW TABLE AS begun FOR EACH STATEMENT EXECUTE FUNCTION hourly_begins()
    """,
    """
    CREATE FUNCTION hourly_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE hours AS known SET
            delivered = known.delivered + moved.delivered, failed = known.failed + moved.failed
        FROM (
            SELECT tenant, hour, medium, sum(delivered) AS delivered, sum(failed) AS failed
            FROM (
                SELECT tenant, hour, medium, delivered,
                    greatest(refused, listed, logged) AS failed FROM after
                UNION ALL SELECT tenant, hour, medium, -delivered,
                    -greatest(refused, listed, logged) FROM before
            ) AS both_sides GROUP BY tenant, hour, medium
        ) AS moved
        WHERE known.tenant = moved.tenant AND known.hour = moved.hour
        AND known.medium = moved.medium;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER hourly_goes_on AFTER UPDATE ON hourly
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION hourly_goes_on()
    """,
)

BASE = (*_WORDS, *_INTAKE, *_HOURS, *ASIDE, *KNOWLEDGE, *CONVERSATION)
