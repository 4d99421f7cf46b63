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
