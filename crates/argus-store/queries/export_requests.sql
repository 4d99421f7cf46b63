SELECT
    r.*,
    s.session_id,
    s.project,
    s.git_branch,
    a.agent_id AS of_agent,
    t.prompt_id,
    r.message_id >= 'otlp.' AND r.message_id < 'otlp/' AS is_hidden
FROM request AS r
JOIN session AS s ON s.session_no = r.session_no
LEFT JOIN agent AS a ON a.agent_no = r.agent_no
LEFT JOIN turn AS t ON t.turn_no = r.turn_no
WHERE r.is_counted = 1 AND r.usage_at IS NOT NULL
    AND (:since IS NULL OR r.usage_at >= :since)
    AND (:until IS NULL OR r.usage_at < :until)
    AND (:session_id IS NULL OR s.session_id = :session_id)
    AND (:project IS NULL OR s.project = :project OR s.project LIKE '%/' || :project)
ORDER BY r.usage_at, r.message_id, r.request_id
