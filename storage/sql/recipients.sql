-- name: recipient(tenant, medium, folded)^
SELECT id, address, last_success FROM recipients
WHERE tenant = :tenant AND medium = :medium AND folded = :folded;

-- name: recipients_between(tenant, medium, low, high, most)
SELECT address, folded FROM recipients
WHERE tenant = :tenant AND medium = :medium AND folded >= :low AND folded < :high
ORDER BY folded LIMIT :most;
