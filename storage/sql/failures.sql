-- name: failures_of(recipient_id, most)
SELECT f.*, r.medium, coalesce(f.told_as, r.address) AS recipient
FROM failures AS f JOIN recipients AS r ON r.id = f.recipient_id
WHERE f.recipient_id = :recipient_id
ORDER BY f.occurred_at DESC, f.source, f.source_id LIMIT :most;

-- name: failure_of(recipient_id, source, source_id)^
SELECT f.*, r.medium, coalesce(f.told_as, r.address) AS recipient
FROM failures AS f JOIN recipients AS r ON r.id = f.recipient_id
WHERE f.recipient_id = :recipient_id AND f.source = :source AND f.source_id = :source_id;

-- name: failures_of_kind(tenant, medium, kind, since, until)
SELECT f.id, r.id, r.address, r.domain, r.last_success, c.state, c.weighed, c.run, r.gone_at
FROM case_hours AS wanted
CROSS JOIN recipients AS r ON r.id = wanted.recipient_id
CROSS JOIN cases AS c ON c.recipient_id = r.id
CROSS JOIN failures AS f ON f.recipient_id = r.id AND f.occurred_at / 3600000 = wanted.hour
WHERE wanted.tenant = :tenant AND wanted.medium = :medium
AND wanted.hour >= :since / 3600000 AND wanted.hour <= :until / 3600000
AND f.kind = :kind AND f.occurred_at >= :since AND f.occurred_at < :until;

-- name: failures_told(tenant, medium, source, told, kind)
-- `told`: JSON pairs of folded recipient and source id. CROSS JOIN: the few before the many.
SELECT f.id, r.id, r.address, r.domain, r.last_success, c.state, c.weighed, c.run, r.gone_at
FROM json_each(:told) AS wanted
CROSS JOIN recipients AS r ON r.tenant = :tenant AND r.medium = :medium
    AND r.folded = json_extract(wanted.value, '$[0]')
CROSS JOIN failures AS f ON f.recipient_id = r.id AND f.source = :source
    AND f.source_id = json_extract(wanted.value, '$[1]')
JOIN cases AS c ON c.recipient_id = r.id
WHERE f.kind = :kind;

-- name: failures_of_source(tenant, medium, source, kinds, since, most)
SELECT f.*, r.medium, coalesce(f.told_as, r.address) AS recipient
FROM case_hours AS wanted
CROSS JOIN recipients AS r ON r.id = wanted.recipient_id
CROSS JOIN failures AS f ON f.recipient_id = r.id AND f.occurred_at / 3600000 = wanted.hour
WHERE wanted.tenant = :tenant AND wanted.medium = :medium AND wanted.hour >= :since / 3600000
AND f.source = :source AND f.kind IN (SELECT value FROM json_each(:kinds))
AND f.occurred_at >= :since
ORDER BY f.occurred_at, f.id LIMIT :most;

-- name: set_kind*!
UPDATE failures SET kind = :kind, guessed = :guessed WHERE id = :id;

-- name: raws_told(tenant, source, told)
-- `told`: JSON triples of medium, folded recipient and source id. CROSS JOIN: the few first.
SELECT f.source_id, f.raw
FROM json_each(:told) AS wanted
CROSS JOIN recipients AS r ON r.tenant = :tenant
    AND r.medium = json_extract(wanted.value, '$[0]')
    AND r.folded = json_extract(wanted.value, '$[1]')
CROSS JOIN failures AS f ON f.recipient_id = r.id AND f.source = :source
    AND f.source_id = json_extract(wanted.value, '$[2]');
