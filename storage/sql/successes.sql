-- name: success_seen(tenant, source, source_id)^
SELECT 1 FROM seen_successes
WHERE tenant = :tenant AND source = :source AND source_id = :source_id;

-- name: successes_after(tenant, source, since)^
SELECT count(*) FROM seen_successes
WHERE tenant = :tenant AND occurred_at >= :since AND source = :source;

-- name: success_after(tenant, source, since)^
SELECT max(occurred_at) FROM seen_successes
WHERE tenant = :tenant AND occurred_at >= :since AND source = :source;

-- name: forget_successes(tenant, before)!
-- The first condition finds the rows by their index; the second spares late news.
DELETE FROM seen_successes
WHERE tenant = :tenant AND occurred_at < :before AND told_at < :before;
