-- What came into one thread's context: results of tools, prompts, and compactions, which replace it.
SELECT e.key, e.kind, e.tool_name, e.label, e.output_bytes, e.message_id, e.at
FROM thread AS t
JOIN event AS s ON s.thread_no = t.thread_no AND s.kind <> 7 AND s.kind <> 10 AND s.kind <> 12
JOIN event AS e ON e.session_no = t.session_no AND e.key = s.key
WHERE t.session_no = ?1 AND t.agent_no = ?2 AND s.kind IN (0, 2, 3) AND s.at > ?3
ORDER BY e.at, e.key
