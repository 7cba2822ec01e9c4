-- name: put_person(tenant, id, name, email, no_address, line_works_id, tag, id_folded, name_folded, email_folded, line_works_folded)!
INSERT INTO people
    (tenant, id, name, email, no_address, line_works_id, tag,
     id_folded, name_folded, email_folded, line_works_folded)
VALUES
    (:tenant, :id, :name, :email, :no_address, :line_works_id, :tag,
     :id_folded, :name_folded, :email_folded, :line_works_folded)
ON CONFLICT (tenant, id) DO UPDATE SET
    name = excluded.name, email = excluded.email, no_address = excluded.no_address,
    line_works_id = excluded.line_works_id, tag = excluded.tag,
    name_folded = excluded.name_folded, email_folded = excluded.email_folded,
    line_works_folded = excluded.line_works_folded
WHERE (people.name, people.email, people.no_address, people.line_works_id, people.tag)
    <> (excluded.name, excluded.email, excluded.no_address, excluded.line_works_id, excluded.tag);

-- name: person_by_email(tenant, folded)^
SELECT * FROM people WHERE tenant = :tenant AND email_folded = :folded ORDER BY id LIMIT 1;

-- name: person_by_line_works_id(tenant, folded)^
SELECT * FROM people WHERE tenant = :tenant AND line_works_folded = :folded ORDER BY id LIMIT 1;

-- name: people_like(tenant, folded, name, pattern, name_pattern, most)
SELECT * FROM people
WHERE tenant = :tenant AND (
    id_folded LIKE :pattern ESCAPE '\'
    OR email_folded LIKE :pattern ESCAPE '\'
    OR line_works_folded LIKE :pattern ESCAPE '\'
    OR name_folded LIKE :name_pattern ESCAPE '\'
)
ORDER BY
    CASE WHEN :folded IN (id_folded, email_folded, line_works_folded) THEN 0
         WHEN name_folded = :name THEN 1 ELSE 2 END,
    name_folded, id
LIMIT :most;
