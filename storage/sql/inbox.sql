-- name: put_in_inbox(tenant, source, told_at, size, body)!
INSERT INTO inbox (tenant, source, told_at, size, body)
VALUES (:tenant, :source, :told_at, :size, :body);

-- name: inbox_filled(tenant)^
SELECT count(*) AS count, CAST(coalesce(sum(size), 0) AS BIGINT) AS size, min(told_at) AS oldest
FROM inbox WHERE tenant = :tenant;

-- name: inbox_first(tenant, most)
SELECT number, source, told_at, body FROM inbox WHERE tenant = :tenant ORDER BY number LIMIT :most;

-- name: take_out_of_inbox(tenant, numbers)!
DELETE FROM inbox
WHERE tenant = :tenant AND number IN (SELECT CAST(value AS BIGINT) FROM json_each(:numbers));
