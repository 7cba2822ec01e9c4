-- Who may match: by the hours of their failures, or by when we learnt of them.
SELECT recipient_id FROM case_hours
WHERE :learnt = 0 AND tenant = :tenant AND hour >= :since / 3600000
AND hour <= :until / 3600000 AND (:medium = '' OR medium = :medium)
UNION SELECT recipient_id FROM case_news
WHERE :learnt = 1 AND tenant = :tenant AND at >= :learnt_since AND at < :learnt_until
