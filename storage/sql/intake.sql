-- What intake asks; how it inserts is each engine's own.

-- name: recipients_known(tenant, medium, folded)
SELECT r.folded, r.id, r.address, r.domain, r.last_success, c.state, c.weighed, c.run, r.gone_at
FROM recipients AS r LEFT JOIN cases AS c ON c.recipient_id = r.id
WHERE r.tenant = :tenant AND r.medium = :medium
AND r.folded IN (SELECT value FROM json_each(:folded));

-- name: update_failure(recipient_id, source, source_id, occurred_at, told_as, kind, guessed, dropped_by, cause, permanence, confidence, rule, rule_set, provider_text, smtp_code, status, reference, tag, bot_id, raw, history, kept_message, times_seen)!
UPDATE failures SET
    occurred_at = :occurred_at, told_as = :told_as, kind = :kind, guessed = :guessed, dropped_by = :dropped_by,
    cause = :cause, permanence = :permanence, confidence = :confidence, rule = :rule, rule_set = :rule_set,
    provider_text = :provider_text, smtp_code = :smtp_code, status = :status,
    reference = :reference, tag = :tag, bot_id = :bot_id, raw = :raw, history = :history,
    kept_message = :kept_message, times_seen = :times_seen
WHERE recipient_id = :recipient_id AND source = :source AND source_id = :source_id;

-- name: successes_known(tenant, source, ids)
SELECT source_id FROM seen_successes
WHERE tenant = :tenant AND source = :source
AND source_id IN (SELECT value FROM json_each(:ids));

-- name: failures_named(ids, references, sources, but)
-- The first row of each of these notifications. CROSS JOIN: the few before the many.
SELECT f.recipient_id, f.reference, min(f.id)
FROM json_each(:ids) AS wanted
CROSS JOIN failures AS f ON f.recipient_id = CAST(wanted.value AS BIGINT)
WHERE f.source IN (SELECT value FROM json_each(:sources))
AND f.reference IN (SELECT value FROM json_each(:references))
AND f.kind NOT IN (SELECT value FROM json_each(:but)) AND f.history = 0
GROUP BY f.recipient_id, f.reference;

-- name: last_failure_id()^
SELECT coalesce(max(id), 0) FROM failures;

-- name: failures_there(ids)
SELECT id FROM failures WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids));

-- name: tellings_newest(recipient_id, most)
SELECT r.id, r.last_success, r.gone_at, f.occurred_at,
    CASE f.kind WHEN 'deferred' THEN 0 WHEN 'dropped' THEN 2 ELSE 1 END AS in_a_second,
    f.source, f.source_id, f.kind, f.dropped_by, f.cause, f.permanence, f.reference,
    f.times_seen, f.history, f.id
FROM recipients AS r JOIN failures AS f ON f.recipient_id = r.id
WHERE r.id = :recipient_id
ORDER BY f.occurred_at DESC, in_a_second DESC, f.source DESC, f.source_id DESC
LIMIT :most;

-- name: tellings_standing(ids)
-- What a delivery has not cleared. CROSS JOIN keeps the order: the few before the many.
SELECT r.id, r.last_success, r.gone_at, f.occurred_at,
    CASE f.kind WHEN 'deferred' THEN 0 WHEN 'dropped' THEN 2 ELSE 1 END,
    f.source, f.source_id, f.kind, f.dropped_by, f.cause, f.permanence, f.reference,
    f.times_seen, f.history, f.id
FROM json_each(:ids) AS wanted
CROSS JOIN recipients AS r ON r.id = CAST(wanted.value AS BIGINT)
CROSS JOIN failures AS f ON f.recipient_id = r.id
WHERE f.occurred_at >= coalesce(r.last_success, f.occurred_at);
