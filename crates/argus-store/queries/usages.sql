SELECT r.*, a.agent_id AS of_agent
FROM request AS r
LEFT JOIN agent AS a ON a.agent_no = r.agent_no
WHERE r.is_counted = 1 AND r.usage_at IS NOT NULL AND r.session_no IS NOT NULL
