SELECT s.key, (
    SELECT count(*) FROM event AS e
    WHERE e.thread_no = s.thread_no AND e.kind <> 7 AND e.kind <> 10 AND e.kind <> 12
        AND (p.agent_id <> '' OR e.at > ?2) AND (e.at, e.key) < (s.at, s.key)
) AS position
FROM agent AS a
JOIN event AS s ON s.session_no = a.session_no AND s.key = a.tool_use_id
JOIN agent AS p ON p.agent_no = s.agent_no
WHERE a.session_no = ?1 AND a.tool_use_id IS NOT NULL
