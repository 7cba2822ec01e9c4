-- name: add_request(tenant, id, action, medium, subject, subject_folded, asked_by, asked_at, asked_from, answers, joined, state, decided_by, decided_at, reason, outcome, outcome_at, outcome_detail, attempts, retry_at, card, watched_until, verdict, version)!
INSERT INTO requests
    (tenant, id, action, medium, subject, subject_folded, asked_by, asked_at, asked_from,
     answers, joined, state, decided_by, decided_at, reason, outcome, outcome_at,
     outcome_detail, attempts, retry_at, card, watched_until, verdict, version)
VALUES
    (:tenant, :id, :action, :medium, :subject, :subject_folded, :asked_by, :asked_at, :asked_from,
     :answers, :joined, :state, :decided_by, :decided_at, :reason, :outcome, :outcome_at,
     :outcome_detail, :attempts, :retry_at, :card, :watched_until, :verdict, :version);

-- name: request(tenant, id)^
SELECT * FROM requests WHERE tenant = :tenant AND id = :id;

-- name: request_under_way(tenant, action, subject_folded)^
SELECT * FROM requests
WHERE tenant = :tenant AND action = :action AND subject_folded = :subject_folded
AND state IN ('open', 'approved', 'carrying');

-- name: requests_in(tenant, states, most)
SELECT * FROM requests
WHERE tenant = :tenant AND state IN (SELECT value FROM json_each(:states))
ORDER BY asked_at, id LIMIT :most;

-- name: requests_about(tenant, action, subject_folded)
SELECT * FROM requests
WHERE tenant = :tenant AND subject_folded = :subject_folded AND action = :action
ORDER BY asked_at DESC, id DESC;

-- name: requests_watched(tenant)
SELECT * FROM requests
WHERE tenant = :tenant AND verdict = '' AND watched_until IS NOT NULL
ORDER BY watched_until, id;

-- name: move_request(tenant, id, expected, version, answers, joined, state, decided_by, decided_at, reason, outcome, outcome_at, outcome_detail, attempts, retry_at, card, watched_until, verdict)!
UPDATE requests SET
    answers = :answers, joined = :joined, state = :state, decided_by = :decided_by,
    decided_at = :decided_at, reason = :reason, outcome = :outcome, outcome_at = :outcome_at,
    outcome_detail = :outcome_detail, attempts = :attempts, retry_at = :retry_at, card = :card,
    watched_until = :watched_until, verdict = :verdict, version = version + 1
WHERE tenant = :tenant AND id = :id AND state = :expected AND version = :version;
