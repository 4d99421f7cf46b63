SELECT
    a.*,
    -- Older clients write no sidecar: what the spawning call said describes its agent as well.
    (SELECT s.label FROM event AS s WHERE s.session_no = a.session_no AND s.key = a.tool_use_id) AS asked,
    (
        SELECT count(*) FROM thread AS t
        JOIN event AS e ON e.thread_no = t.thread_no AND e.kind <> 7 AND e.kind <> 10 AND e.kind <> 12
            AND (a.agent_id <> '' OR e.at > ?2)
        WHERE t.session_no = a.session_no AND t.agent_no = a.agent_no
    ) AS step_count
FROM agent AS a
WHERE a.session_no = ?1 AND (a.agent_id = '' OR a.seen & 123 <> 0)
ORDER BY a.agent_id <> '', a.started_at, a.agent_no
