-- name: cover(tenant, source, since, until, trouble)!
INSERT INTO coverage (tenant, source, since, until, trouble)
VALUES (:tenant, :source, :since, :until, :trouble)
ON CONFLICT (tenant, source) DO UPDATE SET
    since = excluded.since, until = excluded.until, trouble = excluded.trouble;

-- name: coverage(tenant)
SELECT source, since, until, trouble FROM coverage WHERE tenant = :tenant ORDER BY source;

-- name: stretches_near(tenant, source, part, lost, since, until)
SELECT since, until FROM stretches
WHERE tenant = :tenant AND source = :source AND part = :part AND lost = :lost
    AND since <= :until AND until >= :since;

-- name: drop_stretch*!
DELETE FROM stretches
WHERE tenant = :tenant AND source = :source AND part = :part AND lost = :lost AND since = :since;

-- name: add_stretch*!
INSERT INTO stretches (tenant, source, part, lost, since, until)
VALUES (:tenant, :source, :part, :lost, :since, :until);

-- name: drop_stretches_after(tenant, source, part, moment)!
DELETE FROM stretches
WHERE tenant = :tenant AND source = :source AND part = :part AND lost = 0 AND since >= :moment;

-- name: cut_stretches_at(tenant, source, part, moment)!
UPDATE stretches SET until = :moment
WHERE tenant = :tenant AND source = :source AND part = :part AND lost = 0 AND until > :moment;

-- name: stretches_between(tenant, since, until)
-- With the neighbours on both sides: where a gap begins and ends may lie outside.
SELECT source, part, lost, since, until FROM stretches AS one
WHERE tenant = :tenant
    AND since >= coalesce(
        (SELECT max(since) FROM stretches AS before
         WHERE before.tenant = one.tenant AND before.source = one.source
             AND before.part = one.part AND before.lost = one.lost AND before.since <= :since),
        0)
    AND since <= coalesce(
        (SELECT min(since) FROM stretches AS after
         WHERE after.tenant = one.tenant AND after.source = one.source
             AND after.part = one.part AND after.lost = one.lost AND after.since >= :until),
        :until)
ORDER BY source, part, lost, since;

-- name: forget_stretches(tenant, before)!
DELETE FROM stretches WHERE tenant = :tenant AND until < :before;

-- name: add_mending*!
INSERT INTO mendings (tenant, source, since, until, told_by, part, found, at)
VALUES (:tenant, :source, :since, :until, :told_by, :part, :found, :at);

-- name: mendings_of_gaps(tenant, since, until)
SELECT source, since, until, told_by, part, found, at FROM mendings
WHERE tenant = :tenant AND until > :since AND since < :until ORDER BY at, id;

-- name: mendings_learnt(tenant, since, until)
SELECT source, since, until, told_by, part, found, at FROM mendings
WHERE tenant = :tenant AND at >= :since AND at < :until ORDER BY at, id;

-- name: forget_mendings(tenant, before)!
DELETE FROM mendings WHERE tenant = :tenant AND at < :before;
