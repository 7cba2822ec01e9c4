-- name: recipients_containing(tenant, medium, pattern, most)
-- Found by groups of three characters where pg_trgm is there; otherwise everybody is read.
SELECT address, folded FROM recipients
WHERE tenant = :tenant AND medium = :medium AND (folded || '') LIKE :pattern ESCAPE '\'
LIMIT :most;
