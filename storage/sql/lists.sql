-- name: add_entry*!
INSERT INTO list_entries (tenant, name, folded, address, created, reason, status, met_at)
VALUES (:tenant, :name, :folded, :address, :created, :reason, :status, :met_at);

-- name: drop_entries_of*!
DELETE FROM list_entries WHERE tenant = :tenant AND name = :name AND folded = :folded;

-- name: entries_of(tenant, folded)
SELECT name, address, created, reason, status FROM list_entries
WHERE tenant = :tenant AND folded = :folded ORDER BY name, created NULLS FIRST, reason, id;

-- name: list_read(tenant, name, read_at)!
INSERT INTO list_readings (tenant, name, read_at) VALUES (:tenant, :name, :read_at)
ON CONFLICT (tenant, name) DO UPDATE SET read_at = excluded.read_at;

-- name: address_read(tenant, folded, name, read_at)!
INSERT INTO address_readings (tenant, folded, name, read_at)
VALUES (:tenant, :folded, :name, :read_at)
ON CONFLICT (tenant, folded, name) DO UPDATE SET read_at = excluded.read_at;

-- name: addresses_read_after(tenant, name, read_at)
SELECT folded FROM address_readings
WHERE tenant = :tenant AND name = :name AND read_at > :read_at;

-- name: forget_address_readings(tenant, name, read_at)!
DELETE FROM address_readings WHERE tenant = :tenant AND name = :name AND read_at <= :read_at;

-- name: readings_of(tenant, folded)
SELECT name, max(read_at) AS read_at FROM (
    SELECT name, read_at FROM list_readings WHERE tenant = :tenant
    UNION ALL
    SELECT name, read_at FROM address_readings WHERE tenant = :tenant AND folded = :folded
) AS readings GROUP BY name;

-- name: entries_counted(tenant, name)^
SELECT count(*) FROM list_entries WHERE tenant = :tenant AND name = :name;

-- name: entries_missed(tenant, name, before)^
SELECT count(*) FROM list_entries
WHERE tenant = :tenant AND name = :name AND met_at < :before;

-- name: addresses_missed(tenant, name, before, most)
-- In the order of `entries_by_meeting`, so that no portion sorts the whole list.
SELECT DISTINCT met_at, folded FROM list_entries
WHERE tenant = :tenant AND name = :name AND met_at < :before
ORDER BY met_at, folded LIMIT :most;

-- name: still_listed(tenant, folded, names)
-- Who of these stands on one of the lists all the same.
SELECT DISTINCT folded FROM list_entries
WHERE tenant = :tenant AND folded IN (SELECT value FROM json_each(:folded))
AND name IN (SELECT value FROM json_each(:names));

-- name: set_gone*!
UPDATE recipients SET gone_at = CASE WHEN gone_at > :at THEN gone_at ELSE :at END
WHERE tenant = :tenant AND medium = :medium AND folded = :folded;

-- name: gone_between(tenant, since, until, but, most)
SELECT {case_columns}
FROM recipients AS r
JOIN cases AS c ON c.recipient_id = r.id
JOIN failures AS f ON f.id = c.failure_id
WHERE r.tenant = :tenant AND r.gone_at >= :since AND r.gone_at < :until AND c.state = 'gone'
AND c.kind NOT IN (SELECT value FROM json_each(:but))
AND coalesce(c.dropped_by, '') NOT IN (SELECT value FROM json_each(:but))
ORDER BY r.gone_at DESC, r.folded LIMIT :most;

-- name: gone_counted(tenant, since, until, but)^
SELECT count(*) FROM recipients AS r JOIN cases AS c ON c.recipient_id = r.id
WHERE r.tenant = :tenant AND r.gone_at >= :since AND r.gone_at < :until AND c.state = 'gone'
AND c.kind NOT IN (SELECT value FROM json_each(:but))
AND coalesce(c.dropped_by, '') NOT IN (SELECT value FROM json_each(:but));
