-- A case (known) that is there already, as its failures tell it now.
ON CONFLICT (recipient_id) DO UPDATE SET
    state = excluded.state, kind = excluded.kind, dropped_by = excluded.dropped_by,
    cause = excluded.cause, permanence = excluded.permanence, opened_at = excluded.opened_at,
    last_seen = excluded.last_seen, times_seen = excluded.times_seen, drops = excluded.drops,
    history = excluded.history, weighed = excluded.weighed, failure_id = excluded.failure_id,
    run = excluded.run,
    -- A second source that tells the same trouble teaches nothing.
    learnt_at = CASE
        WHEN excluded.learnt_at > known.learnt_at AND (
            excluded.times_seen + excluded.drops <> known.times_seen + known.drops
            OR excluded.last_seen > known.last_seen OR excluded.kind <> known.kind
        ) THEN excluded.learnt_at ELSE known.learnt_at END,
    -- A run that begins later than the known one is another run.
    known_at = CASE WHEN excluded.opened_at > known.opened_at
        THEN excluded.known_at ELSE known.known_at END
