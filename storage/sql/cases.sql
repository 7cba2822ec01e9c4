-- name: case_of(recipient_id)^
SELECT {case_columns}
FROM cases AS c
JOIN recipients AS r ON r.id = c.recipient_id
JOIN failures AS f ON f.id = c.failure_id
WHERE c.recipient_id = :recipient_id;

-- name: cases_of_hour(tenant, hour, since, until, learnt_since, learnt_until, medium, kinds, dropped_by, causes, state, fresh, most)
-- Those last seen in that hour.
SELECT {case_columns}
FROM case_hours AS wanted
CROSS JOIN cases AS c ON c.recipient_id = wanted.recipient_id
JOIN recipients AS r ON r.id = c.recipient_id
JOIN failures AS f ON f.id = c.failure_id
WHERE wanted.tenant = :tenant AND wanted.hour = :hour
AND c.last_seen >= :hour * 3600000 AND c.last_seen < (:hour + 1) * 3600000
AND {case_matches}
ORDER BY c.last_seen DESC, c.medium, r.folded
LIMIT :most;

-- name: hour_before(tenant, hour)^
SELECT max(hour) FROM case_hours WHERE tenant = :tenant AND hour < :hour;

-- name: cases_learnt(tenant, since, until, learnt_since, learnt_until, medium, kinds, dropped_by, causes, state, fresh, most)
SELECT {case_columns}
FROM (
    SELECT DISTINCT recipient_id FROM case_news
    WHERE tenant = :tenant AND at >= :learnt_since AND at < :learnt_until
) AS wanted
CROSS JOIN cases AS c ON c.recipient_id = wanted.recipient_id
JOIN recipients AS r ON r.id = c.recipient_id
JOIN failures AS f ON f.id = c.failure_id
WHERE {case_matches}
ORDER BY c.last_seen DESC, c.medium, r.folded
LIMIT :most;

-- name: groups_where(tenant, learnt, opened_since, known_since, since, until, learnt_since, learnt_until, medium, kinds, dropped_by, causes, state, fresh)
SELECT c.medium, c.kind, c.dropped_by, c.cause, count(*) AS count,
    count(*) FILTER (WHERE c.opened_at >= :opened_since AND c.known_at >= :known_since
        AND c.opened_at < :until AND c.known_at < :learnt_until) AS new,
    min(c.opened_at) AS oldest, max(c.last_seen) AS newest
FROM (
    {touched_recipients}
) AS wanted
CROSS JOIN cases AS c ON c.recipient_id = wanted.recipient_id
WHERE {case_matches}
GROUP BY c.medium, c.kind, c.dropped_by, c.cause
ORDER BY count DESC, c.medium, c.kind, coalesce(c.dropped_by, ''), c.cause;

-- name: alike_where(tenant, learnt, since, until, learnt_since, learnt_until, medium, kinds, dropped_by, causes, state, fresh, began, days_end, most)
-- A case is counted on the day of the failure that caused it: drops may echo that for weeks.
-- Told once, it need not be asked for that moment.
SELECT largest.*, f.provider_text AS example
FROM (
    SELECT medium, kind, dropped_by, cause, domain, (:days_end - 1 - at) / 86400000 AS days_ago,
        count(*) AS count, count(CASE WHEN last_success < at THEN 1 END) AS reached,
        min(at) AS first_at, max(at) AS last_at, max(failure_id) AS example_id
    FROM (
        SELECT c.medium, c.kind, c.dropped_by, c.cause, c.failure_id, r.domain, r.last_success,
            CASE WHEN c.opened_at = c.last_seen THEN c.last_seen ELSE
                (SELECT told.occurred_at FROM failures AS told WHERE told.id = c.failure_id)
            END AS at
        FROM (
            {touched_recipients}
        ) AS wanted
        CROSS JOIN cases AS c ON c.recipient_id = wanted.recipient_id
        JOIN recipients AS r ON r.id = c.recipient_id
        WHERE {case_matches}
    ) AS told
    WHERE at >= :began AND at < :days_end
    GROUP BY medium, kind, dropped_by, cause, domain, days_ago
    ORDER BY count DESC, medium, kind, coalesce(dropped_by, ''), cause, domain, days_ago
    LIMIT :most
) AS largest
JOIN failures AS f ON f.id = largest.example_id
ORDER BY largest.count DESC, largest.medium, largest.kind, coalesce(largest.dropped_by, ''),
    largest.cause, largest.domain, largest.days_ago;

-- name: totals_between(tenant, since, until)
SELECT medium, CAST(sum(delivered) AS BIGINT) AS delivered, CAST(sum(failed) AS BIGINT) AS failed
FROM hours WHERE tenant = :tenant AND hour >= :since AND hour < :until
GROUP BY medium;

-- name: delivered_between(tenant, medium, domains, hours)
-- Hour by hour and domain by domain, so that the others of those hours are not read.
SELECT h.domain, CAST(sum(h.delivered) AS BIGINT) AS delivered
FROM hourly AS h
WHERE h.tenant = :tenant AND h.hour IN (SELECT CAST(value AS BIGINT) FROM json_each(:hours))
AND h.medium = :medium AND h.domain IN (SELECT value FROM json_each(:domains))
GROUP BY h.domain;

-- name: domains_reached(tenant, medium, domains)
SELECT domain, last_success FROM domains
WHERE tenant = :tenant AND medium = :medium
AND domain IN (SELECT value FROM json_each(:domains));

-- name: case_ids_of(tenant, medium, folded)
SELECT r.folded, c.recipient_id, c.token
FROM cases AS c JOIN recipients AS r ON r.id = c.recipient_id
WHERE r.tenant = :tenant AND r.medium = :medium
AND r.folded IN (SELECT value FROM json_each(:folded));

-- name: case_token(tenant, recipient_id)^
SELECT token FROM cases WHERE recipient_id = :recipient_id AND tenant = :tenant;
