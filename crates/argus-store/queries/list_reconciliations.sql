SELECT
    r.*,
    ifnull(r.explained_picousd, s.cost_picousd) AS explained,
    s.requests,
    s.incomplete_requests,
    s.unpriced_requests,
    -- Where nothing was reported of the session as a whole, its requests may each be.
    iif(r.reported_picousd IS NULL AND s.sources & 4 <> 0 AND s.requests <= 5000, (
        SELECT count(*) FROM request AS q INDEXED BY request_by_session
        WHERE q.session_no = s.session_no AND q.is_counted = 1 AND q.usage_at IS NOT NULL AND q.basis = 0
    ), 0) AS reported_requests,
    s.session_id,
    s.title,
    s.project,
    s.last_at,
    s.client_version
FROM reconciliation AS r INDEXED BY reconciliation_by_place
JOIN session AS s ON s.session_no = r.session_no
WHERE (r.place, r.session_no) < (:before_place, :before_no)
    AND (:session_id IS NULL OR s.session_id = :session_id)
    AND (:project IS NULL OR s.project = :project OR s.project LIKE '%/' || :project)
    AND (:since IS NULL OR s.last_at >= :since)
    AND (:until IS NULL OR s.started_at < :until)
ORDER BY r.place DESC, r.session_no DESC
LIMIT :limit
