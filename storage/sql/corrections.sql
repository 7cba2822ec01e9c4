-- name: keep_wording(tenant, id, words, kept_at)!
INSERT INTO wordings (tenant, id, words, kept_at) VALUES (:tenant, :id, :words, :kept_at)
ON CONFLICT (tenant, id) DO UPDATE SET kept_at = excluded.kept_at;

-- name: wording(tenant, id)^
SELECT id, words FROM wordings WHERE tenant = :tenant AND id = :id;

-- name: forget_wordings(tenant, before)!
DELETE FROM wordings WHERE tenant = :tenant AND kept_at < :before;

-- name: add_correction(tenant, id, wording, words, cause, permanence, why, author, made_at, state, cursor, relabelled, undone_by, undone_at)!
INSERT INTO corrections
    (tenant, id, wording, words, cause, permanence, why, author, made_at, state, cursor,
     relabelled, undone_by, undone_at)
VALUES
    (:tenant, :id, :wording, :words, :cause, :permanence, :why, :author, :made_at, :state, :cursor,
     :relabelled, :undone_by, :undone_at);

-- name: correction(tenant, id)^
SELECT * FROM corrections WHERE tenant = :tenant AND id = :id;

-- name: correction_standing(tenant, wording)^
SELECT * FROM corrections
WHERE tenant = :tenant AND wording = :wording AND state IN ('applying', 'applied');

-- name: standing_corrections(tenant)
SELECT id FROM corrections WHERE tenant = :tenant AND state IN ('applying', 'applied');

-- name: corrections_of(tenant, wordings)
SELECT c.* FROM json_each(:wordings) AS wanted
CROSS JOIN corrections AS c ON c.tenant = :tenant AND c.wording = wanted.value
AND c.state IN ('applying', 'applied');

-- name: corrections_in(tenant, states)
SELECT * FROM corrections
WHERE tenant = :tenant AND state IN (SELECT value FROM json_each(:states))
ORDER BY made_at DESC, id DESC;

-- name: replace_correction(tenant, id)!
UPDATE corrections SET state = 'replaced' WHERE tenant = :tenant AND id = :id;

-- name: move_correction(tenant, id, expected, seen, state, cursor, relabelled, undone_by, undone_at)!
UPDATE corrections SET
    state = :state, cursor = :cursor, relabelled = :relabelled, undone_by = :undone_by,
    undone_at = :undone_at
WHERE tenant = :tenant AND id = :id AND state = :expected AND cursor = :seen;

-- name: add_act*!
INSERT INTO audit (tenant, at, who, act, about) VALUES (:tenant, :at, :who, :act, :about);

-- name: acts(tenant, most)
SELECT at, who, act, about FROM audit WHERE tenant = :tenant ORDER BY number DESC LIMIT :most;
