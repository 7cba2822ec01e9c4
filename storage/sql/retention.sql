-- name: recipients_after(tenant, after, most)
SELECT id FROM recipients WHERE id > :after AND tenant = :tenant ORDER BY id LIMIT :most;

-- name: drop_old_cases(ids, before)!
DELETE FROM cases
WHERE recipient_id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids))
AND last_seen < :before AND learnt_at < :before;

-- name: drop_old_failures(ids, before)!
-- A case that is alive keeps the whole of its run: told again, it must be the same story.
DELETE FROM failures
WHERE recipient_id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids))
AND occurred_at < :before AND told_at < :before
AND NOT EXISTS (
    SELECT 1 FROM cases AS c WHERE c.recipient_id = failures.recipient_id
    AND (failures.occurred_at >= c.opened_at OR failures.id = c.failure_id)
);

-- name: drop_old_texts(ids, before)!
-- What they meant stays; `forgotten` keeps it from being read again.
UPDATE failures SET provider_text = '', raw = '', rule_set = 'forgotten'
WHERE recipient_id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids))
AND occurred_at < :before AND told_at < :before AND rule_set <> 'forgotten';

-- name: recipients_of_nothing(ids, before)
SELECT r.id, r.folded FROM recipients AS r
WHERE r.id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids))
AND coalesce(r.last_success, 0) < :before AND coalesce(r.gone_at, 0) < :before
AND NOT EXISTS (SELECT 1 FROM failures AS f WHERE f.recipient_id = r.id)
AND NOT EXISTS (SELECT 1 FROM cases AS c WHERE c.recipient_id = r.id);

-- name: drop_recipients(ids)!
DELETE FROM recipients WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids));

-- name: drop_old_hourly(tenant, hour, most)!
DELETE FROM hourly WHERE (tenant, hour, medium, domain) IN (
    SELECT tenant, hour, medium, domain FROM hourly
    WHERE tenant = :tenant AND hour < :hour ORDER BY hour LIMIT :most
);

-- name: drop_old_hours(tenant, hour)!
DELETE FROM hours WHERE tenant = :tenant AND hour < :hour;

-- name: drop_old_case_hours(tenant, hour, most)!
-- A case that is alive is found by its hours.
DELETE FROM case_hours WHERE (tenant, hour, medium, recipient_id) IN (
    SELECT tenant, hour, medium, recipient_id FROM case_hours AS old
    WHERE tenant = :tenant AND hour < :hour
    AND NOT EXISTS (SELECT 1 FROM cases AS c WHERE c.recipient_id = old.recipient_id)
    ORDER BY hour LIMIT :most
);

-- name: drop_old_case_news(tenant, before, most)!
DELETE FROM case_news WHERE (tenant, at, recipient_id) IN (
    SELECT tenant, at, recipient_id FROM case_news
    WHERE tenant = :tenant AND at < :before ORDER BY at LIMIT :most
);

-- name: quarantined_before(tenant, before, most)
SELECT number FROM quarantine
WHERE tenant = :tenant AND told_at < :before ORDER BY number LIMIT :most;
