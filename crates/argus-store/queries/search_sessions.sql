SELECT session_no, session_id, title, project, started_at, last_at, copied_until
FROM session
WHERE (:since IS NULL OR last_at >= :since)
  AND (:until IS NULL OR started_at IS NULL OR started_at < :until)
  AND (:project IS NULL OR project = :project OR project LIKE '%/' || :project)
  AND (:session IS NULL OR substr(session_id, 1, length(:session)) = :session)
ORDER BY last_at DESC, session_no DESC
