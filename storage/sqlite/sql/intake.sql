-- The hot path of SQLite: positional parameters, because naming costs as much as inserting.

-- name: recipient_numbers(count)
-- The next free ones.
WITH RECURSIVE numbers (number) AS (
    SELECT coalesce(max(id), 0) + 1 FROM recipients
    UNION ALL SELECT number + 1 FROM numbers LIMIT :count
)
SELECT number FROM numbers;

-- name: insert_recipients*!
INSERT INTO recipients (id, tenant, medium, folded, address, domain) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (tenant, medium, folded) DO NOTHING;

-- name: failure_numbers(count)
WITH RECURSIVE numbers (number) AS (
    SELECT coalesce(max(id), 0) + 1 FROM failures
    UNION ALL SELECT number + 1 FROM numbers LIMIT :count
)
SELECT number FROM numbers;

-- name: insert_failures*!
INSERT INTO failures
    (id, tenant, recipient_id, source, source_id, occurred_at, kind, dropped_by, cause, permanence,
     reference, times_seen, history, each_telling_counts, told_at, told_as, confidence, rule,
     rule_set, provider_text, smtp_code, status, tag, bot_id, raw, kept_message, guessed)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (recipient_id, source, source_id) DO NOTHING;

-- name: insert_successes*!
INSERT INTO seen_successes (tenant, source, source_id, occurred_at, told_at)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (tenant, source, source_id) DO NOTHING;

-- name: move_last_success*!
UPDATE recipients SET last_success = max(coalesce(last_success, 0), ?) WHERE id = ?;

-- name: reach_domains*!
INSERT INTO domains (tenant, medium, domain, last_success) VALUES (?, ?, ?, ?)
ON CONFLICT (tenant, medium, domain) DO UPDATE SET
    last_success = max(last_success, excluded.last_success);

-- name: count_hours*!
INSERT INTO hourly AS known (tenant, hour, medium, domain, delivered, refused, listed, logged)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
{hours_added};

-- name: put_cases*!
INSERT INTO cases AS known
    (recipient_id, tenant, token, medium, state, kind, dropped_by, cause, permanence, opened_at,
     last_seen, learnt_at, known_at, times_seen, drops, history, weighed, failure_id, run)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
{case_told_again};

-- name: put_case_hours*!
INSERT INTO case_hours (tenant, hour, medium, recipient_id) VALUES (?, ?, ?, ?)
ON CONFLICT (tenant, hour, medium, recipient_id) DO NOTHING;

-- name: put_case_news*!
INSERT INTO case_news (tenant, at, recipient_id) VALUES (?, ?, ?)
ON CONFLICT (tenant, at, recipient_id) DO NOTHING;
