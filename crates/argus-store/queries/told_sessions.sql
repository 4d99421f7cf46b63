SELECT s.session_no, s.requests, ifnull(r.explained_basis = 0 AND r.uncovered_requests = 0, 0) AS is_reported
FROM session AS s INDEXED BY session_by_last
LEFT JOIN reconciliation AS r ON r.session_no = s.session_no
WHERE s.sources & ?1 <> 0
    AND (?2 IS NULL OR s.last_at >= ?2 - ?4)
    AND (?3 IS NULL OR ifnull(s.started_at, ?3) <= ?3 + ?4)
ORDER BY s.last_at DESC, s.session_no DESC
