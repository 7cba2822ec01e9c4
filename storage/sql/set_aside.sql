-- name: put_aside*!
INSERT INTO set_aside (tenant, source, body, reason, told_at)
VALUES (:tenant, :source, :body, :reason, :told_at);

-- name: elements_set_aside(tenant, most)
SELECT source, body, reason, told_at FROM set_aside WHERE tenant = :tenant
ORDER BY id DESC LIMIT :most;
