-- name: tell_quarantined_again(tenant, source, fingerprint)!
UPDATE quarantine SET times = times + 1
WHERE tenant = :tenant AND source = :source AND fingerprint = :fingerprint;

-- name: put_in_quarantine(tenant, source, fingerprint, kept, size, whole, told_at, reason, body)!
INSERT INTO quarantine
    (tenant, source, fingerprint, kept, size, whole, times, told_at, reason, body)
VALUES (:tenant, :source, :fingerprint, :kept, :size, :whole, 1, :told_at, :reason, :body);

-- name: quarantine_filled(tenant)^
SELECT count(*) AS count, CAST(coalesce(sum(kept), 0) AS BIGINT) AS kept FROM quarantine WHERE tenant = :tenant;

-- name: quarantine_by_age(tenant)
SELECT number, kept FROM quarantine WHERE tenant = :tenant ORDER BY number;

-- name: release_quarantined(tenant, number)^
DELETE FROM quarantine WHERE tenant = :tenant AND number = :number RETURNING source;

-- name: quarantined_after(tenant, after, most)
SELECT number, told_at, source, reason, body, size, times, whole FROM quarantine
WHERE tenant = :tenant AND number > :after ORDER BY number LIMIT :most;

-- name: add_tally(tenant, source, elements, new, repeated, set_aside, ignored, lost)!
INSERT INTO tallies (tenant, source, elements, new, repeated, set_aside, ignored, lost)
VALUES (:tenant, :source, :elements, :new, :repeated, :set_aside, :ignored, :lost)
ON CONFLICT (tenant, source) DO UPDATE SET
    elements = tallies.elements + excluded.elements,
    new = tallies.new + excluded.new,
    repeated = tallies.repeated + excluded.repeated,
    set_aside = tallies.set_aside + excluded.set_aside,
    ignored = tallies.ignored + excluded.ignored,
    lost = tallies.lost + excluded.lost;

-- name: tallies(tenant)
SELECT source, elements, new, repeated, set_aside, ignored, lost FROM tallies
WHERE tenant = :tenant ORDER BY source;
