SELECT count(*), ifnull(sum(s.cost_picousd), 0)
FROM reconciliation AS r
CROSS JOIN session AS s ON s.session_no = r.session_no
WHERE (:session_id IS NULL OR s.session_id = :session_id)
    AND (:project IS NULL OR s.project = :project OR s.project LIKE '%/' || :project)
    AND (:since IS NULL OR s.last_at >= :since)
    AND (:until IS NULL OR s.started_at < :until)
