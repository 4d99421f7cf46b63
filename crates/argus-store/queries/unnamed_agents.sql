-- Up from each agent without a turn to the main agent's call that led to it. The depth bound is for hostile links.
WITH RECURSIVE up (agent_no, parent_agent_id, tool_use_id, depth) AS (
    SELECT agent_no, parent_agent_id, tool_use_id, 0 FROM agent
    WHERE session_no = ?1 AND agent_id <> '' AND prompt_id IS NULL AND requests > 0
    UNION ALL
    SELECT up.agent_no, a.parent_agent_id, a.tool_use_id, up.depth + 1
    FROM up JOIN agent AS a ON a.session_no = ?1 AND a.agent_id = up.parent_agent_id
    WHERE up.parent_agent_id <> '' AND up.depth < 100
)
SELECT e.turn_no, a.*
FROM up
JOIN event AS e ON e.session_no = ?1 AND e.key = up.tool_use_id
JOIN agent AS a ON a.agent_no = up.agent_no
WHERE up.parent_agent_id = ''
