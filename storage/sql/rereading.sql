-- name: failures_after(tenant, after, but, most)
SELECT f.*, r.medium, coalesce(f.told_as, r.address) AS recipient
FROM failures AS f JOIN recipients AS r ON r.id = f.recipient_id
WHERE f.id > :after AND f.tenant = :tenant
AND f.rule_set <> 'forgotten'  -- without its words it would say nothing any more
AND f.rule_set NOT IN (SELECT value FROM json_each(:but))
ORDER BY f.id LIMIT :most;

-- name: reread_failure(id, kind, cause, permanence, confidence, rule, rule_set, was_kind, was_rule, was_rule_set, was_text)!
UPDATE failures SET
    kind = :kind, cause = :cause, permanence = :permanence, confidence = :confidence,
    rule = :rule, rule_set = :rule_set
WHERE id = :id AND kind = :was_kind AND rule = :was_rule AND rule_set = :was_rule_set
AND provider_text = :was_text;

-- name: recipients_of(ids)
SELECT DISTINCT r.medium, r.id, r.address, r.domain, r.last_success, c.state, c.weighed, c.run, r.gone_at
FROM json_each(:ids) AS wanted
CROSS JOIN failures AS f ON f.id = CAST(wanted.value AS BIGINT)
CROSS JOIN recipients AS r ON r.id = f.recipient_id
CROSS JOIN cases AS c ON c.recipient_id = r.id;
