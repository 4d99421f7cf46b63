SELECT
    count(*) AS reported_sessions,
    ifnull(sum(s.cost_picousd), 0) AS cost,
    count(*) FILTER (WHERE r.reason IS NULL) AS explained_sessions,
    ifnull(sum(r.reported_picousd), 0) AS reported,
    ifnull(sum(r.explained_picousd), 0) AS explained,
    min(r.explained_basis) AS surest,
    max(r.explained_basis) AS weakest,
    ifnull(sum(r.telemetry_picousd), 0) AS telemetry,
    ifnull(sum(r.hidden_picousd), 0) AS hidden,
    ifnull(sum(r.unexplained_picousd), 0) AS unexplained,
    ifnull(sum(r.place) FILTER (WHERE r.place > 0), 0) AS apart,
    ifnull(sum(r.uncovered_picousd), 0) AS uncovered
FROM reconciliation AS r
-- So many rows of `session` and no more; SQLite would begin with all of them.
CROSS JOIN session AS s ON s.session_no = r.session_no
WHERE r.reported_picousd IS NOT NULL
    AND (:session_id IS NULL OR s.session_id = :session_id)
    AND (:project IS NULL OR s.project = :project OR s.project LIKE '%/' || :project)
    AND (:since IS NULL OR s.last_at >= :since)
    AND (:until IS NULL OR s.started_at < :until)
