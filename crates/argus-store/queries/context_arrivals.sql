-- What came into the contexts of a session's agents with numbers from ?2 to ?3: results of tools, prompts, and compactions,
-- which replace them. ?4 is the main agent, of whose lines those up to ?5 are another session's.
SELECT e.key, e.kind, e.tool_name, e.label, e.output_bytes, e.message_id, e.at, t.agent_no
FROM thread AS t
JOIN event AS s ON s.thread_no = t.thread_no AND s.kind <> 7 AND s.kind <> 10 AND s.kind <> 12
JOIN event AS e ON e.session_no = t.session_no AND e.key = s.key
WHERE t.session_no = ?1 AND t.agent_no BETWEEN ?2 AND ?3 AND s.kind IN (0, 2, 3) AND (t.agent_no IS NOT ?4 OR s.at > ?5)
