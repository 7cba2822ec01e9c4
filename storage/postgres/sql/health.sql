-- name: database()^
SELECT pg_database_size(current_database()) AS size,
    to_regclass('recipients_by_part') IS NOT NULL AS indexed;
