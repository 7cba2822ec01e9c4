-- name: cover(tenant, source, since, until, trouble)!
INSERT INTO coverage (tenant, source, since, until, trouble)
VALUES (:tenant, :source, :since, :until, :trouble)
ON CONFLICT (tenant, source) DO UPDATE SET
    since = excluded.since, until = excluded.until, trouble = excluded.trouble;

-- name: coverage(tenant)
SELECT source, since, until, trouble FROM coverage WHERE tenant = :tenant ORDER BY source;
