SELECT session_id, pid, pid_start
FROM session
WHERE
    pid IS NOT NULL
    AND (ended_at IS NULL OR ended_at < max(ifnull(entered_at, 0), ifnull(prompted_at, 0)))
    AND (lost_at IS NULL OR lost_at < last_at)
