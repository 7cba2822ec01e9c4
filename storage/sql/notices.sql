-- name: add_notice*!
INSERT INTO notices (tenant, id, place, topic, subject, due_at, state, ref, attempts)
VALUES (:tenant, :id, :place, :topic, :subject, :due_at, :state, :ref, :attempts)
ON CONFLICT (tenant, id) DO NOTHING;

-- name: notices_due(tenant, now, most)
SELECT * FROM notices WHERE tenant = :tenant AND state = 'waiting' AND due_at <= :now
ORDER BY due_at, id LIMIT :most;

-- name: notices_in(tenant, state)
SELECT * FROM notices WHERE tenant = :tenant AND state = :state ORDER BY due_at, id;

-- name: claim_notice(tenant, id)!
UPDATE notices SET state = 'claimed' WHERE tenant = :tenant AND id = :id AND state = 'waiting';

-- name: settle_notice(tenant, id, state, due_at, ref, attempts)!
UPDATE notices SET state = :state, due_at = :due_at, ref = :ref, attempts = :attempts
WHERE tenant = :tenant AND id = :id;
