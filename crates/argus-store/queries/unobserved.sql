-- The first call of each session alive lately that ran after the hook was registered, and of which no hook told: settled, not a
-- copy of another session's, and not told of yet.
SELECT
    s.session_id,
    e.key,
    t.agent_id,
    e.tool_name,
    min(e.line_at) AS line_at
FROM session AS s INDEXED BY session_by_last
JOIN event AS e ON e.session_no = s.session_no
JOIN agent AS t ON t.agent_no = e.agent_no
WHERE
    s.last_at >= ?1
    AND e.kind = 2
    AND e.sources & 1 = 0
    AND e.evidence & 32 <> 0
    AND e.line_at > max(?3, ifnull(s.copied_until, 0))
    AND e.line_at < ?2
    AND NOT EXISTS (SELECT 1 FROM alert AS w WHERE w.session_no = s.session_no AND w.rule = 'guard.unobserved')
GROUP BY s.session_no
LIMIT 1000
