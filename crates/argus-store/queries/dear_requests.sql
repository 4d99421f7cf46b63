SELECT
    s.session_id,
    a.agent_id,
    r.message_id,
    r.model,
    r.cost_picousd,
    ifnull(r.first_at, r.usage_at) AS usage_at
FROM request AS r
JOIN session AS s ON s.session_no = r.session_no
JOIN agent AS a ON a.agent_no = r.agent_no
WHERE r.is_counted = 1 AND r.cost_picousd > ?1 AND r.usage_at IS NOT NULL
