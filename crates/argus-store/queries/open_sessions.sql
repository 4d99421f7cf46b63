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
