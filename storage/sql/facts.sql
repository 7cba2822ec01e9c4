-- name: fact(tenant, name)^
SELECT value FROM facts WHERE tenant = :tenant AND name = :name;

-- name: put_fact(tenant, name, value)!
INSERT INTO facts (tenant, name, value) VALUES (:tenant, :name, :value)
ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value;

-- name: draft(tenant, person)^
SELECT draft FROM drafts WHERE tenant = :tenant AND person = :person;

-- name: put_draft(tenant, person, draft, put_at)!
INSERT INTO drafts (tenant, person, draft, put_at) VALUES (:tenant, :person, :draft, :put_at)
ON CONFLICT (tenant, person) DO UPDATE SET draft = excluded.draft, put_at = excluded.put_at;

-- name: drop_draft(tenant, person)!
DELETE FROM drafts WHERE tenant = :tenant AND person = :person;

-- name: write_something()!
-- No tenant's: a write of nothing, or of what is there already, would reach no disk.
INSERT INTO facts (tenant, name, value) VALUES ('', 'ready', '1')
ON CONFLICT (tenant, name) DO UPDATE SET value = CAST(CAST(facts.value AS BIGINT) + 1 AS TEXT);
