SELECT
    s.*,
    (
        SELECT count(*) FROM agent AS a
        WHERE a.session_no = s.session_no AND a.agent_id <> '' AND a.seen & 123 <> 0
    ) AS agent_count,
    (
        SELECT count(*) FROM alert AS w
        WHERE
            w.session_no = s.session_no AND w.is_superseded = 0 AND w.state <> 2 AND w.severity >= 2
            AND (w.state = 0 OR w.state = 3 AND w.muted_until <= :now)
    ) AS alert_count,
    (
        SELECT max(w.severity) FROM alert AS w
        WHERE
            w.session_no = s.session_no AND w.is_superseded = 0 AND w.state <> 2 AND w.severity >= 2
            AND (w.state = 0 OR w.state = 3 AND w.muted_until <= :now)
    ) AS worst_severity
FROM session AS s
WHERE s.session_no IN (
    SELECT session_no FROM session INDEXED BY session_by_process
    WHERE
        pid IS NOT NULL
        AND (ended_at IS NULL OR ended_at < max(ifnull(entered_at, 0), ifnull(prompted_at, 0)))
        AND (lost_at IS NULL OR lost_at < last_at)
    UNION
    SELECT session_no FROM session WHERE last_at >= :since
)
ORDER BY s.last_at DESC, s.session_no DESC
