-- How lists and pages show a session; a query about sessions begins with this.
SELECT
    s.*,
    r.place AS apart,
    r.reported_picousd,
    r.hidden_picousd,
    r.unexplained_picousd,
    -- See query/reported.rs. A list has many sessions: of a very long one that no report tells of it is not looked up.
    CASE
        WHEN s.sources & 4 = 0 THEN 0
        WHEN r.explained_basis = 0 AND r.uncovered_requests = 0 THEN s.requests
        WHEN s.requests > 5000 THEN 0
        ELSE (
            SELECT count(*) FROM request AS q INDEXED BY request_by_session
            WHERE q.session_no = s.session_no AND q.is_counted = 1 AND q.usage_at IS NOT NULL AND q.basis = 0
        )
    END AS reported_requests,
    (
        SELECT count(*) FROM agent AS a
        WHERE a.session_no = s.session_no AND a.agent_id <> '' AND a.seen & 123 <> 0
    ) AS agent_count,
    (
        SELECT count(*) FROM alert AS w
        WHERE w.session_no = s.session_no AND w.is_superseded = 0 AND w.severity >= 2
    ) AS alert_count,
    (
        SELECT count(*) FROM alert AS w
        WHERE
            w.session_no = s.session_no AND w.severity >= 2 AND w.is_news = 1 AND w.is_superseded = 0 AND w.state IN (0, 3)
            AND (w.state = 0 OR w.muted_until <= :now)
    ) AS open_alert_count,
    (
        SELECT max(w.severity) FROM alert AS w
        WHERE
            w.session_no = s.session_no AND w.severity >= 2 AND w.is_news = 1 AND w.is_superseded = 0 AND w.state IN (0, 3)
            AND (w.state = 0 OR w.muted_until <= :now)
    ) AS worst_severity
FROM session AS s
LEFT JOIN reconciliation AS r ON r.session_no = s.session_no
