UPDATE agent SET
    tool_call_count = (
        SELECT count(*) FROM event AS e
        WHERE e.session_no = ?1 AND e.agent_no = agent.agent_no AND e.kind = 2
            AND (agent.agent_id <> '' OR e.at > ifnull((SELECT copied_until FROM session WHERE session_no = ?1), -1))
    ),
    error_count = (
        SELECT count(*) FROM event AS e
        WHERE e.session_no = ?1 AND e.agent_no = agent.agent_no AND e.is_error = 1
            AND (agent.agent_id <> '' OR e.at > ifnull((SELECT copied_until FROM session WHERE session_no = ?1), -1))
    )
WHERE session_no = ?1
