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
WHERE
    (ifnull(s.last_at, 0), s.session_no) < (:before_at, :before_no)
    AND s.last_at IS NOT NULL
    AND s.last_at <= :before_at
    AND (:project IS NULL OR s.project = :project OR s.project LIKE '%/' || :project)
    AND (:since IS NULL OR s.last_at >= :since)
    AND (:until IS NULL OR s.started_at < :until)
    AND (
        :text IS NULL
        OR s.title LIKE :text ESCAPE '\'
        OR s.session_id LIKE :text ESCAPE '\'
        OR s.git_branch LIKE :text ESCAPE '\'
        OR s.project LIKE :text ESCAPE '\'
    )
ORDER BY s.last_at DESC, s.session_no DESC
LIMIT :limit
