-- name: add_entry*!
INSERT INTO list_entries (tenant, name, folded, address, created, reason, status)
VALUES (:tenant, :name, :folded, :address, :created, :reason, :status);

-- name: drop_entries_of*!
DELETE FROM list_entries WHERE tenant = :tenant AND name = :name AND folded = :folded;

-- name: entries_of(tenant, folded)
SELECT name, address, created, reason, status FROM list_entries
WHERE tenant = :tenant AND folded = :folded ORDER BY name, created, reason, id;

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
