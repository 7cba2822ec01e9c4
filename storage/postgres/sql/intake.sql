-- How PostgreSQL inserts: out of what was copied into a table of the connection's own.

-- name: recipient_numbers(count)
SELECT nextval('recipient_number') FROM generate_series(1, :count);

-- name: failure_numbers(count)
SELECT nextval('failure_number') FROM generate_series(1, :count);

-- name: insert_recipients()!
INSERT INTO recipients (id, tenant, medium, folded, address, domain)
SELECT id, tenant, medium, folded, address, domain FROM arriving_recipients
ON CONFLICT (tenant, medium, folded) DO NOTHING;

-- name: insert_failures()!
INSERT INTO failures
    (id, tenant, recipient_id, source, source_id, occurred_at, kind, dropped_by, cause, permanence,
     reference, times_seen, history, each_telling_counts, told_at, told_as, confidence, rule,
     rule_set, provider_text, smtp_code, status, tag, bot_id, raw, kept_message, guessed)
SELECT id, tenant, recipient_id, source, source_id, occurred_at, kind, dropped_by, cause, permanence,
     reference, times_seen, history, each_telling_counts, told_at, told_as, confidence, rule,
     rule_set, provider_text, smtp_code, status, tag, bot_id, raw, kept_message, guessed
FROM arriving_failures ORDER BY id
ON CONFLICT (recipient_id, source, source_id) DO NOTHING;

-- name: insert_successes()!
INSERT INTO seen_successes (tenant, source, source_id, occurred_at, told_at)
SELECT tenant, source, source_id, occurred_at, told_at FROM arriving_successes
ON CONFLICT (tenant, source, source_id) DO NOTHING;

-- name: move_last_success()!
UPDATE recipients AS r SET last_success = greatest(r.last_success, newest.at)
FROM (SELECT id, max(at) AS at FROM arriving_last_success GROUP BY id) AS newest
WHERE r.id = newest.id;

-- name: reach_domains()!
INSERT INTO domains AS known (tenant, medium, domain, last_success)
SELECT tenant, medium, domain, last_success FROM arriving_domains
ON CONFLICT (tenant, medium, domain) DO UPDATE SET
    last_success = greatest(known.last_success, excluded.last_success);

-- name: count_hours()!
INSERT INTO hourly AS known (tenant, hour, medium, domain, delivered, refused, listed, logged)
SELECT tenant, hour, medium, domain, delivered, refused, listed, logged FROM arriving_hours
{hours_added};

-- name: put_cases()!
INSERT INTO cases AS known
    (recipient_id, tenant, token, medium, state, kind, dropped_by, cause, permanence, opened_at,
     last_seen, learnt_at, known_at, times_seen, drops, history, weighed, failure_id, run)
SELECT recipient_id, tenant, token, medium, state, kind, dropped_by, cause, permanence, opened_at,
     last_seen, learnt_at, known_at, times_seen, drops, history, weighed, failure_id, run
FROM arriving_cases
{case_told_again};

-- name: put_case_hours()!
INSERT INTO case_hours (tenant, hour, medium, recipient_id)
SELECT tenant, hour, medium, recipient_id FROM arriving_case_hours
ON CONFLICT (tenant, hour, medium, recipient_id) DO NOTHING;

-- name: put_case_news()!
INSERT INTO case_news (tenant, at, recipient_id)
SELECT tenant, at, recipient_id FROM arriving_case_news
ON CONFLICT (tenant, at, recipient_id) DO NOTHING;
