-- name: recipient(tenant, medium, folded)^
SELECT id, address, last_success FROM recipients
WHERE tenant = :tenant AND medium = :medium AND folded = :folded;

-- name: recipients_containing(tenant, medium, pattern, most)
SELECT address, folded FROM recipients
WHERE tenant = :tenant AND medium = :medium AND folded LIKE :pattern ESCAPE '\'
ORDER BY folded LIMIT :most;

-- name: recipients_between(tenant, medium, low, high, most)
SELECT address, folded FROM recipients
WHERE tenant = :tenant AND medium = :medium AND folded >= :low AND folded < :high
ORDER BY folded LIMIT :most;
