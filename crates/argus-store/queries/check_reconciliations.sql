SELECT
    s.session_no,
    r.place,
    r.reason,
    r.reported_picousd,
    r.telemetry_picousd,
    r.hidden_picousd,
    r.unexplained_picousd,
    r.uncovered_picousd,
    ifnull(r.explained_picousd, s.cost_picousd) AS explained,
    r.explained_basis,
    s.requests,
    s.incomplete_requests,
    s.unpriced_requests,
    0 AS reported_requests,
    s.session_id,
    s.title,
    s.project,
    s.last_at,
    s.client_version
FROM session AS s
LEFT JOIN reconciliation AS r ON r.session_no = s.session_no
WHERE s.requests > 0 OR r.session_no IS NOT NULL
ORDER BY s.session_no
