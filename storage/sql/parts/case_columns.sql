-- A case (c) with what its recipient (r) and the failure that caused it (f) add.
c.*, r.last_success, r.gone_at, coalesce(f.told_as, r.address) AS recipient,
    f.occurred_at AS caused_at, f.provider_text, f.guessed, f.status, f.tag, f.bot_id,
    f.source_id, f.kept_message, f.each_telling_counts, f.times_seen AS told_times
