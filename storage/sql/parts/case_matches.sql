-- What is asked of a case (c). The three lists are JSON, and an empty one asks for nothing in
-- particular. Whoever failed in the period belongs to it, whether they failed again after it
-- or not. A delay that ended in a delivery was no failure in the end.
c.last_seen >= :since AND c.learnt_at >= :learnt_since
AND ((c.last_seen < :until AND c.learnt_at < :learnt_until) OR EXISTS (
    SELECT 1 FROM failures AS one WHERE one.recipient_id = c.recipient_id
    AND one.occurred_at >= :since AND one.occurred_at < :until
    AND one.told_at >= :learnt_since AND one.told_at < :learnt_until
    AND (:fresh = 0 OR one.history = 0)
))
AND (:medium = '' OR c.medium = :medium)
AND (:state = '' OR c.state = :state)
AND (:kinds = '[]' OR c.kind IN (SELECT value FROM json_each(:kinds)))
AND (:dropped_by = '[]' OR c.dropped_by IN (SELECT value FROM json_each(:dropped_by)))
AND (:causes = '[]' OR c.cause IN (SELECT value FROM json_each(:causes)))
AND (:fresh = 0 OR c.history = 0)
AND NOT (c.kind = 'deferred' AND c.state = 'delivered')
