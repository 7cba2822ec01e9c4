-- Counts of an hour (known) that has some already.
ON CONFLICT (tenant, hour, medium, domain) DO UPDATE SET
    delivered = known.delivered + excluded.delivered,
    refused = known.refused + excluded.refused,
    listed = known.listed + excluded.listed,
    logged = known.logged + excluded.logged
