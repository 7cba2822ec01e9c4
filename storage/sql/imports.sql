-- name: begin_import(tenant, id, name, state, begun_at, moved_at, new, repeated, people)!
INSERT INTO imports (tenant, id, name, state, begun_at, moved_at, new, repeated, people)
VALUES (:tenant, :id, :name, :state, :begun_at, :moved_at, :new, :repeated, :people);

-- name: touch_import(tenant, id, state, now)!
UPDATE imports SET moved_at = :now WHERE tenant = :tenant AND id = :id AND state = :state;

-- name: move_import(tenant, id, expected, state, now)!
UPDATE imports SET state = :state, moved_at = :now
WHERE tenant = :tenant AND id = :id AND state = :expected;

-- name: put_part(tenant, import_id, number, part)!
INSERT INTO import_parts (tenant, import_id, number, part)
VALUES (:tenant, :import_id, :number, :part);

-- name: next_part(tenant, import_id)^
SELECT number, part FROM import_parts
WHERE tenant = :tenant AND import_id = :import_id ORDER BY number LIMIT 1;

-- name: drop_part(tenant, import_id, number)!
DELETE FROM import_parts
WHERE tenant = :tenant AND import_id = :import_id AND number = :number;

-- name: count_part(tenant, id, now, new, repeated, people)!
UPDATE imports SET moved_at = :now, new = new + :new, repeated = repeated + :repeated,
    people = people + :people
WHERE tenant = :tenant AND id = :id;

-- name: drop_parts(tenant, import_id)!
DELETE FROM import_parts WHERE tenant = :tenant AND import_id = :import_id;

-- name: drop_import(tenant, id)!
DELETE FROM imports WHERE tenant = :tenant AND id = :id AND state <> 'whole';

-- name: imports(tenant, state)
SELECT * FROM imports WHERE tenant = :tenant AND state = :state ORDER BY begun_at, id;

-- name: one_import(tenant, id)^
SELECT * FROM imports WHERE tenant = :tenant AND id = :id;
