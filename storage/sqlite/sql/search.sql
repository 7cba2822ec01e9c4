-- name: recipients_with_grams(tenant, medium, grams, text, most)
-- All of the groups may stand apart from each other, so the address is asked as well.
SELECT r.address, r.folded
FROM recipient_grams AS g CROSS JOIN recipients AS r ON r.id = g.rowid
WHERE g.recipient_grams MATCH :grams AND r.tenant = :tenant AND r.medium = :medium
AND instr(r.folded, :text) > 0
LIMIT :most;

-- name: recipients_not_indexed(tenant, medium, text, most)
-- The signs keep SQLite from the index that begins with tenant and medium: it holds everybody.
SELECT r.address, r.folded
FROM indexed_recipients AS done CROSS JOIN recipients AS r ON r.id > done.until
WHERE +r.tenant = :tenant AND +r.medium = :medium AND instr(r.folded, :text) > 0
LIMIT :most;

-- name: recipients_to_index()^
SELECT (SELECT coalesce(max(id), 0) FROM recipients) - until FROM indexed_recipients;

-- name: index_recipients()!
INSERT INTO recipient_grams (rowid, folded)
SELECT r.id, r.folded
FROM indexed_recipients AS done CROSS JOIN recipients AS r ON r.id > done.until
ORDER BY r.id;

-- name: indexed_recipients()!
UPDATE indexed_recipients SET until = (SELECT coalesce(max(id), 0) FROM recipients);

-- name: unindex_recipients*!
-- Without its content the index must be told what it held; those behind its end it never did.
INSERT INTO recipient_grams (recipient_grams, rowid, folded)
SELECT 'delete', ?, ? FROM indexed_recipients WHERE until >= ?;

-- name: index_ends()!
-- The highest numbers may be given again, to recipients that are not in it yet.
UPDATE indexed_recipients SET until = min(until, (SELECT coalesce(max(id), 0) FROM recipients));
