"""The statements for what people asked, decided and were told."""

from __future__ import annotations

CONVERSATION = (
    """
    CREATE TABLE requests (
        tenant TEXT COLLATE "C" NOT NULL,
        id TEXT COLLATE "C" NOT NULL,
        action TEXT COLLATE "C" NOT NULL,
        medium TEXT COLLATE "C" NOT NULL,
        subject TEXT COLLATE "C" NOT NULL,
        subject_folded TEXT COLLATE "C" NOT NULL,
        asked_by TEXT COLLATE "C" NOT NULL,
        asked_at BIGINT NOT NULL,
        asked_from TEXT COLLATE "C" NOT NULL,
        answers TEXT COLLATE "C" NOT NULL,
        joined TEXT COLLATE "C" NOT NULL,
        state TEXT COLLATE "C" NOT NULL CHECK (state IN
            ('open', 'approved', 'declined', 'expired', 'withdrawn', 'carrying', 'done')),
        decided_by TEXT COLLATE "C" NOT NULL,
        decided_at BIGINT,
        reason TEXT COLLATE "C" NOT NULL,
        outcome TEXT COLLATE "C",
        outcome_at BIGINT,
        outcome_detail TEXT COLLATE "C" NOT NULL,
        attempts BIGINT NOT NULL,
        retry_at BIGINT,
        card TEXT COLLATE "C" NOT NULL,
        watched_until BIGINT,
        verdict TEXT COLLATE "C" NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (tenant, id)
    )
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
        tenant TEXT COLLATE "C" NOT NULL,
        id TEXT COLLATE "C" NOT NULL,
        request_id TEXT COLLATE "C" NOT NULL,
        kept_id TEXT COLLATE "C" NOT NULL,
        recipient TEXT COLLATE "C" NOT NULL,
        due_at BIGINT NOT NULL,
        state TEXT COLLATE "C" NOT NULL CHECK (state IN
            ('planned', 'sending', 'sent', 'refused', 'unanswered', 'dropped')),
        settled_at BIGINT,
        detail TEXT COLLATE "C" NOT NULL,
        PRIMARY KEY (tenant, id)
    )
    """,
    "CREATE INDEX resends_by_request ON resends (tenant, request_id)",
    "CREATE INDEX resends_by_kept_message ON resends (tenant, kept_id)",
    "CREATE INDEX resends_by_state ON resends (tenant, state, due_at)",
    """
    CREATE TABLE postings (
        tenant TEXT COLLATE "C" NOT NULL,
        channel TEXT COLLATE "C" NOT NULL,
        day TEXT COLLATE "C" NOT NULL,
        since BIGINT NOT NULL,
        until BIGINT NOT NULL,
        state TEXT COLLATE "C" NOT NULL CHECK (state IN
            ('waiting', 'claimed', 'posted', 'unanswered', 'refused')),
        claimed_at BIGINT NOT NULL,
        ref TEXT COLLATE "C" NOT NULL,
        late BIGINT NOT NULL CHECK (late IN (0, 1)),
        PRIMARY KEY (tenant, channel, day)
    )
    """,
    """
    CREATE TABLE notices (
        tenant TEXT COLLATE "C" NOT NULL,
        id TEXT COLLATE "C" NOT NULL,
        place TEXT COLLATE "C" NOT NULL,
        topic TEXT COLLATE "C" NOT NULL,
        subject TEXT COLLATE "C" NOT NULL,
        due_at BIGINT NOT NULL,
        state TEXT COLLATE "C" NOT NULL CHECK (state IN
            ('waiting', 'claimed', 'posted', 'unanswered', 'refused')),
        ref TEXT COLLATE "C" NOT NULL,
        attempts BIGINT NOT NULL,
        PRIMARY KEY (tenant, id)
    )
    """,
    "CREATE INDEX notices_by_state ON notices (tenant, state, due_at)",
    """
    CREATE TABLE drafts (
        tenant TEXT COLLATE "C" NOT NULL,
        person TEXT COLLATE "C" NOT NULL,
        draft TEXT COLLATE "C" NOT NULL,
        put_at BIGINT NOT NULL,
        PRIMARY KEY (tenant, person)
    )
    """,
    """
    CREATE TABLE corrections (
        tenant TEXT COLLATE "C" NOT NULL,
        id TEXT COLLATE "C" NOT NULL,
        wording TEXT COLLATE "C" NOT NULL,
        words TEXT COLLATE "C" NOT NULL,
        cause TEXT COLLATE "C" NOT NULL,
        permanence TEXT COLLATE "C" NOT NULL,
        why TEXT COLLATE "C" NOT NULL,
        author TEXT COLLATE "C" NOT NULL,
        made_at BIGINT NOT NULL,
        state TEXT COLLATE "C" NOT NULL CHECK (state IN
            ('applying', 'applied', 'undoing', 'undone', 'replaced')),
        cursor BIGINT NOT NULL,
        relabelled BIGINT NOT NULL,
        undone_by TEXT COLLATE "C" NOT NULL,
        undone_at BIGINT,
        PRIMARY KEY (tenant, id)
    )
    """,
    """
    CREATE UNIQUE INDEX corrections_standing ON corrections (tenant, wording)
        WHERE state IN ('applying', 'applied')
    """,
    "CREATE INDEX corrections_by_state ON corrections (tenant, state)",
    """
    CREATE TABLE wordings (
        tenant TEXT COLLATE "C" NOT NULL,
        id TEXT COLLATE "C" NOT NULL,
        words TEXT COLLATE "C" NOT NULL,
        kept_at BIGINT NOT NULL,
        PRIMARY KEY (tenant, id)
    )
    """,
    """
    CREATE TABLE audit (
        number BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        tenant TEXT COLLATE "C" NOT NULL,
        at BIGINT NOT NULL,
        who TEXT COLLATE "C" NOT NULL,
        act TEXT COLLATE "C" NOT NULL,
        about TEXT COLLATE "C" NOT NULL
    )
    """,
    "CREATE INDEX audit_of_tenant ON audit (tenant, number)",
    """
    CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit is only added to'; END $$
    """,
    """
    CREATE TRIGGER audit_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()
    """,
)
