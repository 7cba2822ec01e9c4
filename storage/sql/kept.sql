-- name: kept_message(tenant, id)^
SELECT * FROM kept_messages WHERE tenant = :tenant AND id = :id;

-- name: kept_messages_of(tenant, ids)
SELECT * FROM kept_messages
WHERE tenant = :tenant AND id IN (SELECT value FROM json_each(:ids));

-- name: keep_message*!
INSERT INTO kept_messages
    (tenant, id, bot_id, target, recipient, body, kept_at, deadline, reference, resendable)
VALUES
    (:tenant, :id, :bot_id, :target, :recipient, :body, :kept_at, :deadline, :reference,
     :resendable)
ON CONFLICT (tenant, id) DO NOTHING;

-- name: forget_messages(tenant, before)!
DELETE FROM kept_messages
WHERE tenant = :tenant AND kept_at < :before AND NOT EXISTS (
    SELECT 1 FROM resends
    WHERE resends.tenant = kept_messages.tenant AND resends.kept_id = kept_messages.id
    AND resends.state IN ('planned', 'sending')
);

-- name: resendable_messages(tenant, medium, kinds, since, until, folded)
SELECT f.*, r.medium, coalesce(f.told_as, r.address) AS recipient
FROM case_hours AS wanted
CROSS JOIN recipients AS r ON r.id = wanted.recipient_id
CROSS JOIN failures AS f ON f.recipient_id = r.id AND f.occurred_at / 3600000 = wanted.hour
CROSS JOIN kept_messages AS k ON k.tenant = f.tenant AND k.id = f.kept_message
WHERE wanted.tenant = :tenant AND wanted.medium = :medium
AND wanted.hour >= :since / 3600000 AND wanted.hour <= :until / 3600000
AND f.occurred_at >= :since AND f.occurred_at < :until
AND f.kind IN (SELECT value FROM json_each(:kinds))
AND (:folded = '' OR r.folded = :folded)
AND k.resendable = 1
AND NOT EXISTS (SELECT 1 FROM resends AS s WHERE s.tenant = k.tenant AND s.kept_id = k.id)
ORDER BY k.deadline, f.occurred_at, r.folded, f.source_id;
