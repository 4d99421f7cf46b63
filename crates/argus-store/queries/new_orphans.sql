SELECT
    s.session_id,
    a.agent_id,
    a.last_at
FROM agent AS a
JOIN session AS s ON s.session_no = a.session_no
WHERE
    a.parent_agent_id IS NULL
    AND a.agent_id <> ''
    AND a.last_at < ?1
    AND a.seen & 123 <> 0
    AND NOT EXISTS (
        SELECT 1 FROM alert AS w WHERE w.session_no = a.session_no AND w.key = 'agent.' || a.agent_id
    )
