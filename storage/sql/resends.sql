-- name: add_resend*!
INSERT INTO resends
    (tenant, id, request_id, kept_id, recipient, due_at, state, settled_at, detail)
VALUES
    (:tenant, :id, :request_id, :kept_id, :recipient, :due_at, :state, :settled_at, :detail)
ON CONFLICT (tenant, id) DO NOTHING;

-- name: resends_of(tenant, request_id)
SELECT * FROM resends WHERE tenant = :tenant AND request_id = :request_id ORDER BY due_at, id;

-- name: resends_due(tenant, now, most)
SELECT * FROM resends WHERE tenant = :tenant AND state = 'planned' AND due_at <= :now
ORDER BY due_at, id LIMIT :most;

-- name: resends_leaving(tenant)
SELECT * FROM resends WHERE tenant = :tenant AND state = 'sending' ORDER BY due_at, id;

-- name: resends_left(tenant, since, until)^
SELECT count(*) FROM resends
WHERE tenant = :tenant AND state IN ('sent', 'refused', 'unanswered')
AND settled_at > :since AND settled_at <= :until;

-- name: move_resend(tenant, id, expected, state, due_at, settled_at, detail)!
UPDATE resends SET
    state = :state, due_at = :due_at, settled_at = :settled_at, detail = :detail
WHERE tenant = :tenant AND id = :id AND state = :expected;
