SELECT r.*, a.agent_id AS of_agent
FROM request AS r INDEXED BY request_by_session
LEFT JOIN agent AS a ON a.agent_no = r.agent_no
WHERE r.session_no = ?1 AND r.is_counted = 1 AND r.usage_at IS NOT NULL
