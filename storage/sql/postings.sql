-- name: claim_posting(tenant, channel, day, since, until, state, claimed_at, ref, late)!
INSERT INTO postings (tenant, channel, day, since, until, state, claimed_at, ref, late)
VALUES (:tenant, :channel, :day, :since, :until, :state, :claimed_at, :ref, :late)
ON CONFLICT (tenant, channel, day) DO UPDATE SET
    since = excluded.since, until = excluded.until, state = excluded.state,
    claimed_at = excluded.claimed_at, ref = excluded.ref, late = excluded.late
WHERE postings.state = 'waiting';

-- name: settle_posting(tenant, channel, day, state, ref)!
UPDATE postings SET state = :state, ref = :ref
WHERE tenant = :tenant AND channel = :channel AND day = :day;

-- name: reopen_posting(tenant, channel, day)!
UPDATE postings SET state = 'waiting'
WHERE tenant = :tenant AND channel = :channel AND day = :day AND state = 'unanswered';

-- name: last_posting(tenant, channel)^
SELECT * FROM postings WHERE tenant = :tenant AND channel = :channel
ORDER BY day DESC LIMIT 1;

-- name: covered_until(tenant, channel)^
SELECT max(until) FROM postings
WHERE tenant = :tenant AND channel = :channel AND state = 'posted';

-- name: postings_in(tenant, state)
SELECT * FROM postings WHERE tenant = :tenant AND state = :state ORDER BY day, channel;
