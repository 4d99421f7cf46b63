-- Calls that ran after the session's guard had begun to answer, and of which it was not asked: settled, and not told of yet.
SELECT
    s.session_id,
    e.key,
    t.agent_id,
    e.tool_name,
    e.hook_at
FROM (
    SELECT
        session_no,
        min(hook_at) AS since
    FROM event INDEXED BY event_guarded
    WHERE evidence & 458752 <> 0
    GROUP BY session_no
) AS g
JOIN session AS s ON s.session_no = g.session_no
JOIN event AS e ON e.session_no = g.session_no
JOIN agent AS t ON t.agent_no = e.agent_no
WHERE
    s.last_at >= ?1
    AND e.kind = 2
    AND e.evidence & 458752 = 0
    AND e.evidence & 1068 <> 0
    AND e.hook_at > g.since
    AND e.hook_at < ?2
    AND NOT EXISTS (
        SELECT 1 FROM alert AS w WHERE w.session_no = e.session_no AND w.key = e.key AND w.rule = 'guard.no-decision'
    )
LIMIT 1000
