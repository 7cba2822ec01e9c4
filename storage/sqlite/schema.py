"""The statements of each step of the SQLite schema, oldest first.

Vocabularies that grow (kinds, causes, sources) carry no CHECK: SQLite would have
to rewrite millions of rows for a new word. States of small tables do.
"""

from __future__ import annotations

# What moves a case stands in front: SQLite reads a row from its beginning.
# The unique key of a failure starts with its recipient, so that it also serves
# every look-up of a recipient's failures: one index to maintain, not two.
# A case remembers the tellings of its run: the next one need not read them from
# their rows, which lie all over the file.
INTAKE = (
    """
    CREATE TABLE recipients (
        id INTEGER PRIMARY KEY,
        tenant TEXT NOT NULL,
        medium TEXT NOT NULL,
        folded TEXT NOT NULL,
        address TEXT NOT NULL,
        domain TEXT NOT NULL,
        last_success INTEGER,
        UNIQUE (tenant, medium, folded)
    ) STRICT
    """,
    """
    CREATE TABLE failures (
        id INTEGER PRIMARY KEY,
        tenant TEXT NOT NULL,
        recipient_id INTEGER NOT NULL REFERENCES recipients (id),
        source TEXT NOT NULL,
        source_id TEXT NOT NULL,
        occurred_at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        dropped_by TEXT,
        cause TEXT NOT NULL,
        permanence TEXT NOT NULL,
        reference TEXT NOT NULL,
        times_seen INTEGER NOT NULL CHECK (times_seen > 0),
        history INTEGER NOT NULL CHECK (history IN (0, 1)),
        each_telling_counts INTEGER NOT NULL CHECK (each_telling_counts IN (0, 1)),
        told_at INTEGER NOT NULL,
        told_as TEXT,
        confidence REAL NOT NULL,
        rule TEXT NOT NULL,
        provider_text TEXT NOT NULL,
        smtp_code TEXT NOT NULL,
        status TEXT NOT NULL,
        tag TEXT NOT NULL,
        bot_id TEXT NOT NULL,
        raw TEXT NOT NULL,
        kept_message TEXT NOT NULL,
        UNIQUE (recipient_id, source, source_id)
    ) STRICT
    """,
    """
    CREATE TABLE cases (
        recipient_id INTEGER PRIMARY KEY REFERENCES recipients (id),
        tenant TEXT NOT NULL,
        token TEXT NOT NULL,
        medium TEXT NOT NULL,
        state TEXT NOT NULL,
        kind TEXT NOT NULL,
        dropped_by TEXT,
        cause TEXT NOT NULL,
        permanence TEXT NOT NULL,
        opened_at INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        learnt_at INTEGER NOT NULL,
        known_at INTEGER NOT NULL,
        times_seen INTEGER NOT NULL CHECK (times_seen > 0),
        drops INTEGER NOT NULL,
        history INTEGER NOT NULL CHECK (history IN (0, 1)),
        weighed INTEGER NOT NULL,
        failure_id INTEGER NOT NULL,
        run TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX cases_by_time ON cases (tenant, last_seen)",
    "CREATE INDEX cases_by_learning ON cases (tenant, learnt_at)",
    """
    CREATE TABLE seen_successes (
        tenant TEXT NOT NULL,
        source TEXT NOT NULL,
        source_id TEXT NOT NULL,
        occurred_at INTEGER NOT NULL,
        told_at INTEGER NOT NULL,
        PRIMARY KEY (tenant, source, source_id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX successes_by_time ON seen_successes (tenant, occurred_at)",
    """
    CREATE TABLE hourly (
        tenant TEXT NOT NULL,
        hour INTEGER NOT NULL,
        medium TEXT NOT NULL,
        domain TEXT NOT NULL,
        delivered INTEGER NOT NULL,
        refused INTEGER NOT NULL,
        listed INTEGER NOT NULL,
        PRIMARY KEY (tenant, hour, medium, domain)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE kept_messages (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        bot_id TEXT NOT NULL,
        target TEXT NOT NULL,
        recipient TEXT NOT NULL,
        body BLOB NOT NULL,
        kept_at INTEGER NOT NULL,
        deadline INTEGER NOT NULL,
        reference TEXT NOT NULL,
        resendable INTEGER NOT NULL CHECK (resendable IN (0, 1)),
        PRIMARY KEY (tenant, id)
    ) STRICT
    """,
    "CREATE INDEX kept_by_time ON kept_messages (tenant, kept_at)",
    """
    CREATE TABLE set_aside (
        id INTEGER PRIMARY KEY,
        tenant TEXT NOT NULL,
        source TEXT NOT NULL,
        body TEXT NOT NULL,
        reason TEXT NOT NULL,
        told_at INTEGER NOT NULL
    ) STRICT
    """,
)

KNOWLEDGE = (
    """
    CREATE TABLE people (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        email TEXT NOT NULL,
        no_address INTEGER NOT NULL CHECK (no_address IN (0, 1)),
        line_works_id TEXT NOT NULL,
        tag TEXT NOT NULL,
        id_folded TEXT NOT NULL,
        name_folded TEXT NOT NULL,
        email_folded TEXT NOT NULL,
        line_works_folded TEXT NOT NULL,
        PRIMARY KEY (tenant, id)
    ) STRICT
    """,
    "CREATE INDEX people_by_email ON people (tenant, email_folded, id)",
    """
    CREATE INDEX people_by_line_works_id ON people (tenant, line_works_folded, id)
    """,
    """
    CREATE TABLE list_entries (
        id INTEGER PRIMARY KEY,
        tenant TEXT NOT NULL,
        name TEXT NOT NULL,
        folded TEXT NOT NULL,
        address TEXT NOT NULL,
        created INTEGER,
        reason TEXT NOT NULL,
        status TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX entries_by_address ON list_entries (tenant, folded, name)",
    """
    CREATE TABLE list_readings (
        tenant TEXT NOT NULL,
        name TEXT NOT NULL,
        read_at INTEGER NOT NULL,
        PRIMARY KEY (tenant, name)
    ) STRICT
    """,
    """
    CREATE TABLE address_readings (
        tenant TEXT NOT NULL,
        folded TEXT NOT NULL,
        name TEXT NOT NULL,
        read_at INTEGER NOT NULL,
        PRIMARY KEY (tenant, folded, name)
    ) STRICT
    """,
    """
    CREATE TABLE coverage (
        tenant TEXT NOT NULL,
        source TEXT NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER,
        trouble TEXT NOT NULL,
        PRIMARY KEY (tenant, source)
    ) STRICT
    """,
    """
    CREATE TABLE facts (
        tenant TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (tenant, name)
    ) STRICT
    """,
)

CONVERSATION = (
    """
    CREATE TABLE requests (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        action TEXT NOT NULL,
        medium TEXT NOT NULL,
        subject TEXT NOT NULL,
        subject_folded TEXT NOT NULL,
        asked_by TEXT NOT NULL,
        asked_at INTEGER NOT NULL,
        asked_from TEXT NOT NULL,
        answers TEXT NOT NULL,
        joined TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN
            ('open', 'approved', 'declined', 'expired', 'withdrawn', 'carrying', 'done')),
        decided_by TEXT NOT NULL,
        decided_at INTEGER,
        reason TEXT NOT NULL,
        outcome TEXT,
        outcome_at INTEGER,
        outcome_detail TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        retry_at INTEGER,
        card TEXT NOT NULL,
        watched_until INTEGER,
        verdict TEXT NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (tenant, id)
    ) STRICT
    """,
    """
    CREATE UNIQUE INDEX requests_under_way ON requests (tenant, action, subject_folded)
        WHERE state IN ('open', 'approved', 'carrying')
    """,
    "CREATE INDEX requests_by_subject ON requests (tenant, subject_folded)",
    "CREATE INDEX requests_by_state ON requests (tenant, state, asked_at)",
    """
    CREATE INDEX requests_watched ON requests (tenant, watched_until)
        WHERE verdict = '' AND watched_until IS NOT NULL
    """,
    """
    CREATE TABLE resends (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        request_id TEXT NOT NULL,
        kept_id TEXT NOT NULL,
        recipient TEXT NOT NULL,
        due_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN
            ('planned', 'sending', 'sent', 'refused', 'unanswered', 'dropped')),
        settled_at INTEGER,
        detail TEXT NOT NULL,
        PRIMARY KEY (tenant, id)
    ) STRICT
    """,
    "CREATE INDEX resends_by_request ON resends (tenant, request_id)",
    "CREATE INDEX resends_by_kept_message ON resends (tenant, kept_id)",
    "CREATE INDEX resends_by_state ON resends (tenant, state, due_at)",
    """
    CREATE TABLE postings (
        tenant TEXT NOT NULL,
        channel TEXT NOT NULL,
        day TEXT NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN
            ('waiting', 'claimed', 'posted', 'unanswered', 'refused')),
        claimed_at INTEGER NOT NULL,
        ref TEXT NOT NULL,
        late INTEGER NOT NULL CHECK (late IN (0, 1)),
        PRIMARY KEY (tenant, channel, day)
    ) STRICT
    """,
    """
    CREATE TABLE notices (
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        place TEXT NOT NULL,
        topic TEXT NOT NULL,
        subject TEXT NOT NULL,
        due_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN
            ('waiting', 'claimed', 'posted', 'unanswered', 'refused')),
        ref TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        PRIMARY KEY (tenant, id)
    ) STRICT
    """,
    "CREATE INDEX notices_by_state ON notices (tenant, state, due_at)",
    """
    CREATE TABLE drafts (
        tenant TEXT NOT NULL,
        person TEXT NOT NULL,
        draft TEXT NOT NULL,
        put_at INTEGER NOT NULL,
        PRIMARY KEY (tenant, person)
    ) STRICT
    """,
)

# Readings from before this step name no rules, and are read again with the present ones.
RULE_SETS = ("ALTER TABLE failures ADD COLUMN rule_set TEXT NOT NULL DEFAULT ''",)

# What the relay had stored before this step says so in the vendor's fields.
GUESSES = (
    "ALTER TABLE failures ADD COLUMN guessed INTEGER NOT NULL DEFAULT 0 CHECK (guessed IN (0, 1))",
    """
    UPDATE failures SET guessed = 1
    WHERE source = 'lineworks_relay' AND kind <> 'unclassified'
    AND raw LIKE '%"evidence": "guessed"%'
    """,
)

# Who was ever reached, by domain: recipients are too many to be asked for that.
DOMAINS = (
    """
    CREATE TABLE domains (
        tenant TEXT NOT NULL,
        medium TEXT NOT NULL,
        domain TEXT NOT NULL,
        last_success INTEGER NOT NULL,
        PRIMARY KEY (tenant, medium, domain)
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO domains (tenant, medium, domain, last_success)
    SELECT tenant, medium, domain, max(last_success) FROM recipients
    WHERE last_success IS NOT NULL AND domain <> '' GROUP BY tenant, medium, domain
    """,
)
